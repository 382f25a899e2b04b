package dev.flambeau.nn;

import dev.flambeau.Tensor;

/** {@code x * sigmoid(x)}, element by element. */
public final class SiLU extends Layer implements BuiltIn {
  /** A layer without parameters or options. */
  public SiLU() {}

  @Override
  protected Tensor forward(Tensor x) {
    return x.silu();
  }
}
