package dev.flambeau;

/**
 * What {@link MatrixOps#linear(Tensor, Tensor, Activation)} does with its sums before it stores
 * them.
 */
public enum Activation {
  /** {@link Tensor#relu()}. */
  RELU(UnaryOp.RELU),
  /** {@link Tensor#gelu(String) gelu("tanh")}. */
  GELU_TANH(UnaryOp.GELU_TANH);

  final UnaryOp op;

  Activation(UnaryOp op) {
    this.op = op;
  }
}
