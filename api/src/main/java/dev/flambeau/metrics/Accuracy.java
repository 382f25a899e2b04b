package dev.flambeau.metrics;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import dev.flambeau.internal.text.Warnings;

/**
 * The share of predictions that are right: torchmetrics' {@code Accuracy(task="binary")} and {@code
 * Accuracy(task="multiclass")}. Results are float32.
 */
public final class Accuracy implements Metric {
  private final int classes;
  private final boolean isBinary;
  private double threshold = 0.5;
  private Average average = Average.MICRO;
  private Counts total;

  private Accuracy(int classes, boolean isBinary) {
    this.classes = classes;
    this.isBinary = isBinary;
    this.total = new Counts(classes);
  }

  /**
   * For two classes. Predictions are probabilities, scores (when one lies outside [0, 1] the
   * sigmoid is taken) or 0 and 1; targets 0 and 1 of the same shape, in any dtype.
   */
  public static Accuracy binary() {
    return new Accuracy(2, true);
  }

  /**
   * For several classes. Predictions are classes, or scores or probabilities of shape (N, classes,
   * ...), whose greatest counts; targets are classes, or one-hot or probabilities of that shape.
   *
   * @throws IllegalArgumentException for fewer than 2 classes
   */
  public static Accuracy multiclass(int classes) {
    if (classes < 2) {
      throw new IllegalArgumentException("Accuracy: at least 2 classes, got " + classes);
    }
    return new Accuracy(classes, false);
  }

  /**
   * Probability above which a binary prediction means class 1; 0.5 at first.
   *
   * @throws IllegalArgumentException if it is not in [0, 1]
   */
  public Accuracy threshold(double threshold) {
    if (!(threshold >= 0 && threshold <= 1)) {
      throw new IllegalArgumentException(
          "Accuracy: the threshold must be in [0, 1], got " + threshold);
    }
    this.threshold = threshold;
    return this;
  }

  /**
   * How the classes' figures become one; {@link Average#MICRO} at first.
   *
   * @throws IllegalArgumentException for another average of a binary accuracy
   */
  public Accuracy average(Average average) {
    if (isBinary && average != Average.MICRO) {
      throw new IllegalArgumentException("Accuracy: averages are for multiclass(n)");
    }
    this.average = average;
    return this;
  }

  @Override
  public Tensor update(Tensor predictions, Tensor target) {
    Labels labels =
        isBinary
            ? Labels.binary("Accuracy", predictions, target, threshold)
            : Labels.multiclass("Accuracy", predictions, target, classes);
    Counts batch = new Counts(classes);
    batch.count(labels);
    total.add(batch);
    return batch.accuracy(average);
  }

  @Override
  public Tensor compute() {
    if (total.samples == 0) {
      Warnings.once("Accuracy.compute() before any update: the result is 0");
    }
    return total.accuracy(average);
  }

  @Override
  public void reset() {
    total = new Counts(classes);
  }

  /** By class: how often seen, predicted, and both at once. */
  private static final class Counts {
    final long[] seen;
    final long[] predicted;
    final long[] hit;
    long samples;

    Counts(int classes) {
      seen = new long[classes];
      predicted = new long[classes];
      hit = new long[classes];
    }

    void count(Labels labels) {
      long[] p = labels.predicted();
      long[] t = labels.truth();
      samples = t.length;
      for (int i = 0; i < t.length; i++) {
        seen[(int) t[i]]++;
        predicted[(int) p[i]]++;
        if (p[i] == t[i]) {
          hit[(int) t[i]]++;
        }
      }
    }

    void add(Counts batch) {
      samples += batch.samples;
      for (int c = 0; c < seen.length; c++) {
        seen[c] += batch.seen[c];
        predicted[c] += batch.predicted[c];
        hit[c] += batch.hit[c];
      }
    }

    Tensor accuracy(Average average) {
      double[] single = new double[seen.length];
      double sum = 0;
      double weights = 0;
      for (int c = 0; c < seen.length; c++) {
        single[c] = ratio(hit[c], seen[c]);
        double weight =
            switch (average) {
              case MICRO, WEIGHTED -> seen[c];
              case MACRO, NONE -> seen[c] + predicted[c] > 0 ? 1 : 0;
            };
        sum += average == Average.MICRO ? hit[c] : weight * single[c];
        weights += weight;
      }
      return average == Average.NONE
          ? Tensor.of(single)
          : Tensor.of(DType.FLOAT32, ratio(sum, weights));
    }

    private static double ratio(double a, double b) {
      return b == 0 ? 0 : a / b;
    }
  }
}
