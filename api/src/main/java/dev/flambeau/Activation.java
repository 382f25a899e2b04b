package dev.flambeau;

import dev.flambeau.ops.MatrixOps;

/**
 * What {@link MatrixOps#linear(Tensor, Tensor, Activation)} does with its sums before it stores
 * them.
 */
public enum Activation {
  /** {@link Tensor#relu()}. */
  RELU,
  /** {@link Tensor#gelu(String) gelu("tanh")}. */
  GELU_TANH
}
