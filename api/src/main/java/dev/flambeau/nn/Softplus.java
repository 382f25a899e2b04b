package dev.flambeau.nn;

import dev.flambeau.Tensor;
import dev.flambeau.internal.text.PyFormat;

/** {@code log(1 + exp(beta * x)) / beta}, a smooth relu, element by element. */
public final class Softplus extends Layer implements BuiltIn {
  private final double beta;
  private final double threshold;

  /** With beta 1 and threshold 20. */
  public Softplus() {
    this(1, 20);
  }

  /** Where {@code beta * x} exceeds the threshold, {@code x} itself is the result. */
  public Softplus(double beta, double threshold) {
    this.beta = beta;
    this.threshold = threshold;
  }

  @Override
  protected Tensor forward(Tensor x) {
    return x.softplus(beta, threshold);
  }

  @Override
  protected String extraRepr() {
    return "beta=" + number(beta) + ", threshold=" + number(threshold);
  }

  /** PyTorch's defaults are integers, and print so. */
  private static String number(double x) {
    return x == Math.rint(x) ? PyFormat.fixed(x, 0) : PyFormat.repr(x);
  }
}
