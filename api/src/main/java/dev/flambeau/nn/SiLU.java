package dev.flambeau.nn;

import dev.flambeau.Tensor;

/** {@code x * sigmoid(x)}, element by element. */
public final class SiLU extends Layer implements BuiltIn {
  /** The layer. */
  public SiLU() {}

  @Override
  protected Tensor forward(Tensor x) {
    return x.silu();
  }
}
