package dev.flambeau.fuzz;

/** A value for a parameter, and the Java text that gives it. */
record Arg(String text, Object value) {
  static final Arg NULL = new Arg("null", null);
}
