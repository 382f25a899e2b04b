package dev.flambeau.nn;

import dev.flambeau.Tensor;
import dev.flambeau.internal.text.PyFormat;

/** {@code x} above 0, {@code alpha * (exp(x) - 1)} below; alpha is 1 unless said. */
public final class ELU extends Layer implements BuiltIn {
  private final double alpha;

  /** With alpha 1. */
  public ELU() {
    this(1);
  }

  /** With this alpha; the result falls towards {@code -alpha}. */
  public ELU(double alpha) {
    this.alpha = alpha;
  }

  @Override
  protected Tensor forward(Tensor x) {
    return x.elu(alpha);
  }

  @Override
  protected String extraRepr() {
    return "alpha=" + PyFormat.repr(alpha);
  }
}
