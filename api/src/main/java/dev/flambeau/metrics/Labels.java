package dev.flambeau.metrics;

import dev.flambeau.DType;
import dev.flambeau.Tensor;

/** Predicted and true classes of a batch, from all the forms that models and data give. */
record Labels(long[] predicted, long[] truth) {
  /**
   * Two classes. Floating predictions are probabilities, or scores when one lies outside [0, 1], of
   * which the sigmoid is taken; above {@code threshold} means class 1.
   */
  static Labels binary(String metric, Tensor predictions, Tensor target, double threshold) {
    Tensor p = predictions.detach();
    if (!p.shape().equals(target.shape())) {
      throw new IllegalArgumentException(
          metric
              + ": predictions of shape "
              + p.shape()
              + " and targets of shape "
              + target.shape()
              + " must have the same shape; use squeeze(1) or unsqueeze(1)");
    }
    if (p.dtype().isFloating()) {
      boolean probabilities = p.ge(0L).logicalAnd(p.le(1L)).all().itemBoolean();
      p = (probabilities ? p : p.sigmoid()).gt(threshold);
    }
    return new Labels(classes(metric, "predicted", p, 2), classes(metric, "target", target, 2));
  }

  /**
   * Several classes. Predictions are classes, or scores of shape (N, classes, ...); targets are
   * classes, or one-hot or probabilities of the scores' shape.
   */
  static Labels multiclass(String metric, Tensor predictions, Tensor target, int classes) {
    Tensor p = predictions.detach();
    Tensor t = target.detach();
    if (p.dtype().isFloating()) {
      if (p.dim() < 2 || p.size(1) != classes) {
        throw new IllegalArgumentException(
            metric
                + ": scores have shape (N, "
                + classes
                + ", ...), got "
                + p.shape()
                + "; pass classes as an integer tensor");
      }
      boolean oneHot = t.shape().equals(p.shape());
      p = p.argmax(1);
      t = oneHot ? t.argmax(1) : t;
    }
    if (!p.shape().equals(t.shape())) {
      throw new IllegalArgumentException(
          metric
              + ": predictions of shape "
              + predictions.shape()
              + " and targets of shape "
              + target.shape()
              + " do not fit; for scores (N, "
              + classes
              + ", ...) targets are classes (N, ...) or have the scores' shape");
    }
    return new Labels(
        classes(metric, "predicted", p, classes), classes(metric, "target", t, classes));
  }

  private static long[] classes(String metric, String what, Tensor t, int classes) {
    double[] values = t.dtype().isFloating() ? t.toDoubleArray() : null;
    long[] out = t.dtype() == DType.INT64 ? t.toLongArray() : t.to(DType.INT64).toLongArray();
    for (int i = 0; i < out.length; i++) {
      if (out[i] < 0 || out[i] >= classes || values != null && values[i] != out[i]) {
        throw new IllegalArgumentException(
            metric
                + ": "
                + what
                + " class "
                + (values != null ? String.valueOf(values[i]) : String.valueOf(out[i]))
                + " is not one of 0 to "
                + (classes - 1));
      }
    }
    return out;
  }
}
