package dev.flambeau.nn;

import dev.flambeau.Activation;
import dev.flambeau.Tensor;

/**
 * {@code y = x W^T + b} over the last dim: (..., in) becomes (..., out). Weight and bias begin
 * uniform in {@code +-1 / sqrt(in)}.
 */
public final class Linear extends Layer implements BuiltIn {
  /** The weight W, of shape (out, in). */
  public final Tensor weight;

  /** The bias b, of shape (out), or null. */
  public final Tensor bias;

  /** From {@code in} to {@code out} features, with a bias. */
  public Linear(long in, long out) {
    this(in, out, true);
  }

  /**
   * From {@code in} to {@code out} features; {@code bias} false leaves {@code b} out.
   *
   * @throws IllegalArgumentException for a negative number of features
   */
  public Linear(long in, long out, boolean bias) {
    if (in < 0 || out < 0) {
      throw new IllegalArgumentException(
          "Linear: the numbers of features must not be negative, got " + in + " and " + out);
    }
    weight = parameter("weight", Tensor.empty(out, in));
    Init.kaimingUniform_(weight, Math.sqrt(5));
    double bound = in > 0 ? 1 / Math.sqrt(in) : 0;
    this.bias = bias ? parameter("bias", Tensor.uniform(-bound, bound, out)) : null;
  }

  @Override
  protected Tensor forward(Tensor x) {
    return bias == null ? x.linear(weight) : x.linear(weight, bias);
  }

  /** The layer and the activation after it. */
  Tensor forward(Tensor x, Activation activation) {
    return x.linear(weight, bias, activation);
  }

  @Override
  protected String extraRepr() {
    return "in_features="
        + weight.size(1)
        + ", out_features="
        + weight.size(0)
        + ", bias="
        + (bias == null ? "False" : "True");
  }
}
