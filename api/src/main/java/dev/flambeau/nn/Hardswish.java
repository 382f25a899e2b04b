package dev.flambeau.nn;

import dev.flambeau.Tensor;

/** {@code x * hardsigmoid(x)}, element by element. */
public final class Hardswish extends Layer implements BuiltIn {
  /** A layer without parameters or options. */
  public Hardswish() {}

  @Override
  protected Tensor forward(Tensor x) {
    return x.hardswish();
  }
}
