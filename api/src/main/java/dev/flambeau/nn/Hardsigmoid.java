package dev.flambeau.nn;

import dev.flambeau.Tensor;

/** {@code (x + 3) / 6} within [0, 1], element by element: a sigmoid of straight lines. */
public final class Hardsigmoid extends Layer implements BuiltIn {
  /** A layer without parameters or options. */
  public Hardsigmoid() {}

  @Override
  protected Tensor forward(Tensor x) {
    return x.hardsigmoid();
  }
}
