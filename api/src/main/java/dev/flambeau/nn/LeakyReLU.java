package dev.flambeau.nn;

import dev.flambeau.Tensor;
import dev.flambeau.internal.text.PyFormat;

/** {@code x} above 0, {@code slope * x} below; the slope is 0.01 unless said. */
public final class LeakyReLU extends Layer implements BuiltIn {
  private final double slope;

  /** With slope 0.01. */
  public LeakyReLU() {
    this(0.01);
  }

  /** With this slope below 0. */
  public LeakyReLU(double slope) {
    this.slope = slope;
  }

  @Override
  protected Tensor forward(Tensor x) {
    return x.leakyRelu(slope);
  }

  @Override
  protected String extraRepr() {
    return "negative_slope=" + PyFormat.repr(slope);
  }
}
