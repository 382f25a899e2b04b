package dev.flambeau.metrics;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import dev.flambeau.internal.text.PyFormat;
import java.util.Arrays;

/**
 * How often each class (row) was predicted as each class (column): torchmetrics' {@code
 * ConfusionMatrix}. Counts are int64 of shape (classes, classes), shares float32. Takes what {@link
 * Accuracy} takes.
 */
public final class ConfusionMatrix implements Metric {
  /** What the counts are divided by. */
  public enum Normalize {
    /** Nothing. */
    NONE,
    /** How often the row's class was seen: rows sum to 1. */
    TRUE,
    /** How often the column's class was predicted: columns sum to 1. */
    PRED,
    /** All samples. */
    ALL
  }

  private static final int SHARE_DIGITS = 4;

  private final int classes;
  private final boolean isBinary;
  private double threshold = 0.5;
  private Normalize normalize = Normalize.NONE;
  private String[] names;
  private long[] total;

  private ConfusionMatrix(int classes, boolean isBinary) {
    this.classes = classes;
    this.isBinary = isBinary;
    this.total = new long[Math.multiplyExact(classes, classes)];
    this.names = new String[classes];
    Arrays.setAll(names, String::valueOf);
  }

  /** For two classes, of what {@link Accuracy#binary} takes. */
  public static ConfusionMatrix binary() {
    return new ConfusionMatrix(2, true);
  }

  /**
   * For several classes, of what {@link Accuracy#multiclass} takes.
   *
   * @throws IllegalArgumentException for fewer than 2
   */
  public static ConfusionMatrix multiclass(int classes) {
    if (classes < 2) {
      throw new IllegalArgumentException("ConfusionMatrix: at least 2 classes, got " + classes);
    }
    return new ConfusionMatrix(classes, false);
  }

  /**
   * Probability above which a binary prediction means class 1; 0.5 at first.
   *
   * @throws IllegalArgumentException if it is not in [0, 1]
   */
  public ConfusionMatrix threshold(double threshold) {
    if (!(threshold >= 0 && threshold <= 1)) {
      throw new IllegalArgumentException(
          "ConfusionMatrix: the threshold must be in [0, 1], got " + threshold);
    }
    this.threshold = threshold;
    return this;
  }

  /** What the counts are divided by; nothing at first. */
  public ConfusionMatrix normalize(Normalize normalize) {
    this.normalize = normalize;
    return this;
  }

  /**
   * The classes' names, for {@link #toString()}; their numbers at first.
   *
   * @throws IllegalArgumentException for another number of names than of classes
   */
  public ConfusionMatrix names(String... names) {
    if (names.length != classes) {
      throw new IllegalArgumentException(
          "ConfusionMatrix: " + classes + " classes, got " + names.length + " names");
    }
    this.names = names.clone();
    return this;
  }

  @Override
  public Tensor update(Tensor predictions, Tensor target) {
    Labels labels =
        isBinary
            ? Labels.binary("ConfusionMatrix", predictions, target, threshold)
            : Labels.multiclass("ConfusionMatrix", predictions, target, classes);
    long[] batch = new long[total.length];
    for (int i = 0; i < labels.truth().length; i++) {
      batch[(int) (labels.truth()[i] * classes + labels.predicted()[i])]++;
    }
    for (int i = 0; i < total.length; i++) {
      total[i] += batch[i];
    }
    return matrix(batch);
  }

  @Override
  public Tensor compute() {
    return matrix(total);
  }

  @Override
  public void reset() {
    total = new long[total.length];
  }

  private Tensor matrix(long[] counts) {
    Tensor flat =
        normalize == Normalize.NONE ? Tensor.of(counts) : Tensor.of(DType.FLOAT32, shares(counts));
    return flat.view(classes, classes);
  }

  private double[] shares(long[] counts) {
    double[] out = new double[counts.length];
    for (int i = 0; i < out.length; i++) {
      long of = 0;
      for (int j = 0; j < out.length; j++) {
        boolean together =
            switch (normalize) {
              case TRUE -> j / classes == i / classes;
              case PRED -> j % classes == i % classes;
              case ALL, NONE -> true;
            };
        of += together ? counts[j] : 0;
      }
      out[i] = of == 0 ? 0 : (double) counts[i] / of;
    }
    return out;
  }

  /** A table: true classes down, predicted ones across. */
  @Override
  public String toString() {
    double[] shares = normalize == Normalize.NONE ? null : shares(total);
    String[] cells = new String[total.length];
    for (int i = 0; i < cells.length; i++) {
      cells[i] =
          shares == null ? String.valueOf(total[i]) : PyFormat.fixed(shares[i], SHARE_DIGITS);
    }
    String corner = "true \\ predicted";
    int first = Math.max(corner.length(), width(names));
    int rest = Math.max(width(names), width(cells)) + 2;
    StringBuilder s = new StringBuilder(pad(corner, first, false));
    for (String name : names) {
      s.append(pad(name, rest, true));
    }
    for (int row = 0; row < classes; row++) {
      s.append('\n').append(pad(names[row], first, false));
      for (int column = 0; column < classes; column++) {
        s.append(pad(cells[row * classes + column], rest, true));
      }
    }
    return s.toString();
  }

  private static int width(String[] texts) {
    return Arrays.stream(texts).mapToInt(String::length).max().orElse(0);
  }

  private static String pad(String text, int width, boolean right) {
    String space = " ".repeat(width - text.length());
    return right ? space + text : text + space;
  }
}
