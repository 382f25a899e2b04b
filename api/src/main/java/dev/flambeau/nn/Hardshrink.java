package dev.flambeau.nn;

import dev.flambeau.Tensor;
import dev.flambeau.internal.text.PyFormat;

/** 0 within [-lambd, lambd], {@code x} elsewhere; lambd is 0.5 unless said. */
public final class Hardshrink extends Layer implements BuiltIn {
  private final double lambd;

  /** With lambd 0.5. */
  public Hardshrink() {
    this(0.5);
  }

  /** With this end of the interval that becomes 0. */
  public Hardshrink(double lambd) {
    this.lambd = lambd;
  }

  @Override
  protected Tensor forward(Tensor x) {
    return x.hardshrink(lambd);
  }

  @Override
  protected String extraRepr() {
    return PyFormat.repr(lambd);
  }
}
