package dev.flambeau.internal.kernels;

/** Kinds of number, weakest first: a stronger kind decides the dtype of a mixed operation. */
public enum Category {
  /** Truth values. */
  BOOL,
  /** Whole numbers. */
  INTEGER,
  /** Floating-point numbers. */
  FLOATING
}
