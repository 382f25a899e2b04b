package dev.flambeau.cli.prepare;

/** What to do with rows in which a value is missing. */
public enum Missing {
  /** Drops them when they are few, else fills them in. */
  AUTO,
  /** Leaves these rows out. */
  DROP,
  /** Fills in the training rows' median; a missing category has none. */
  IMPUTE
}
