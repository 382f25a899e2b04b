package dev.flambeau.metrics;

/** How figures of single classes become one. */
public enum Average {
  /** All samples count alike. */
  MICRO,
  /** All classes count alike; those that were neither seen nor predicted do not count. */
  MACRO,
  /** Classes count by how often they were seen. */
  WEIGHTED,
  /** One figure for each class. */
  NONE
}
