package dev.flambeau.cli.prepare;

/** What is predicted: one of two classes, one of several, or a number. */
public enum Task {
  /** One of two classes. */
  BINARY,
  /** One of several classes. */
  MULTICLASS,
  /** A number. */
  REGRESSION;

  /** Whether the target is a class. */
  public boolean isClassification() {
    return this != REGRESSION;
  }

  /** The name of the figure that tells how good a model is. */
  public String metric() {
    return isClassification() ? "accuracy" : "rmse";
  }
}
