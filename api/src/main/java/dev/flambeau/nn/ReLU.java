package dev.flambeau.nn;

import dev.flambeau.Activation;
import dev.flambeau.Tensor;

/** {@code max(x, 0)}, element by element. */
public final class ReLU extends Layer implements BuiltIn {
  /** A layer without parameters or options. */
  public ReLU() {}

  @Override
  protected Tensor forward(Tensor x) {
    return x.relu();
  }

  @Override
  Activation activation() {
    return Activation.RELU;
  }
}
