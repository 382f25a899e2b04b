package dev.flambeau;

/**
 * Activation functions, element by element. Formulas and slopes are in {@code
 * native-src/src/shared/functors.h}, second derivatives in {@link UnaryOp}.
 */
public sealed interface ActivationOps permits PointwiseOps {
  /** {@code max(x, 0)}; its slope at 0 is 0. */
  default Tensor relu() {
    return Require.notBool("relu", (Tensor) this).unary(UnaryOp.RELU, 0, 0);
  }

  /** {@code x} above 0, {@code slope * x} below. Floating types. */
  default Tensor leakyRelu(double slope) {
    return floating("leakyRelu").unary(UnaryOp.LEAKY_RELU, slope, 0);
  }

  /**
   * {@code x} above 0, {@code alpha * (exp(x) - 1)} below (Clevert et al. 2015). Floating types.
   */
  default Tensor elu(double alpha) {
    return floating("elu").unary(UnaryOp.ELU, alpha, 0);
  }

  /** {@link #elu(double)} with alpha 1. */
  default Tensor elu() {
    return elu(1);
  }

  /**
   * {@code x} times the normal distribution's probability of less than {@code x} (Hendrycks and
   * Gimpel 2016).
   */
  default Tensor gelu() {
    return floating("gelu").unary(UnaryOp.GELU, 0, 0);
  }

  /**
   * As {@link #gelu()}; {@code "tanh"} asks for the usual approximation, {@code "none"} for none.
   */
  default Tensor gelu(String approximate) {
    return switch (approximate) {
      case "none" -> gelu();
      case "tanh" -> floating("gelu").unary(UnaryOp.GELU_TANH, 0, 0);
      default ->
          throw new IllegalArgumentException(
              "gelu: approximate must be \"none\" or \"tanh\", got \"" + approximate + "\"");
    };
  }

  /** {@code x * sigmoid(x)}, also called swish. Floating types. */
  default Tensor silu() {
    return floating("silu").unary(UnaryOp.SILU, 0, 0);
  }

  /**
   * A sigmoid of straight lines: {@code (x + 3) / 6} within [0, 1]; NaN stays. The gradient is 1/6
   * between -3 and 3, and 0 elsewhere. Floating types.
   */
  default Tensor hardsigmoid() {
    return floating("hardsigmoid").unary(UnaryOp.HARDSIGMOID, 0, 0);
  }

  /**
   * {@code x * hardsigmoid(x)}, silu's likeness (A. Howard et al., "Searching for MobileNetV3",
   * 2019): 0 up to -3, x from 3 on, a parabola between. Floating types.
   */
  default Tensor hardswish() {
    return floating("hardswish").unary(UnaryOp.HARDSWISH, 0, 0);
  }

  /** {@code log(1 + exp(x))}, a smooth relu. Floating types. */
  default Tensor softplus() {
    return softplus(1, 20);
  }

  /**
   * {@code log(1 + exp(beta * x)) / beta}, and {@code x} itself where {@code beta * x} exceeds the
   * threshold.
   */
  default Tensor softplus(double beta, double threshold) {
    return floating("softplus").unary(UnaryOp.SOFTPLUS, beta, threshold);
  }

  /** {@code 1 / (1 + exp(-x))}. Integers give float32. */
  default Tensor sigmoid() {
    return Require.floating((Tensor) this).unary(UnaryOp.SIGMOID, 0, 0);
  }

  /** Hyperbolic tangent. Integers give float32. */
  default Tensor tanh() {
    return Require.floating((Tensor) this).unary(UnaryOp.TANH, 0, 0);
  }

  private Tensor floating(String op) {
    return Require.isFloating(op, (Tensor) this);
  }
}
