package dev.flambeau.nn;

import dev.flambeau.Tensor;

/** {@code 1 / (1 + exp(-x))}, element by element. */
public final class Sigmoid extends Layer implements BuiltIn {
  /** A layer without parameters or options. */
  public Sigmoid() {}

  @Override
  protected Tensor forward(Tensor x) {
    return x.sigmoid();
  }
}
