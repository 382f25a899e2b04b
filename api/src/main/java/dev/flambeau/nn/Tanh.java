package dev.flambeau.nn;

import dev.flambeau.Tensor;

/** Hyperbolic tangent, element by element. */
public final class Tanh extends Layer implements BuiltIn {
  /** A layer without parameters or options. */
  public Tanh() {}

  @Override
  protected Tensor forward(Tensor x) {
    return x.tanh();
  }
}
