package dev.flambeau.ops;

import dev.flambeau.Tensor;
import dev.flambeau.internal.kernels.Require;
import dev.flambeau.internal.kernels.UnaryOp;

/**
 * Activation functions, element by element. Formulas and slopes are in {@code
 * native-src/src/shared/functors.h}, second derivatives in {@link UnaryOp}.
 */
public sealed interface ActivationOps permits Tensor {
  /** {@code max(x, 0)}; its slope at 0 is 0. */
  default Tensor relu() {
    return Unary.of(Require.notBool("relu", (Tensor) this), UnaryOp.RELU, 0, 0);
  }

  /** {@code x} above 0, {@code slope * x} below. Floating types. */
  default Tensor leakyRelu(double slope) {
    return Unary.of(floating("leakyRelu"), UnaryOp.LEAKY_RELU, slope, 0);
  }

  /**
   * {@code x} above 0, {@code alpha * (exp(x) - 1)} below (Clevert et al. 2015). Floating types.
   */
  default Tensor elu(double alpha) {
    return Unary.of(floating("elu"), UnaryOp.ELU, alpha, 0);
  }

  /** {@link #elu(double)} with alpha 1. */
  default Tensor elu() {
    return elu(1);
  }

  /**
   * {@code x} times the normal distribution's probability of less than {@code x} (Hendrycks and
   * Gimpel 2016). Floating types.
   */
  default Tensor gelu() {
    return Unary.of(floating("gelu"), UnaryOp.GELU, 0, 0);
  }

  /**
   * As {@link #gelu()}: by the usual approximation with {@code "tanh"}, exact with {@code "none"}.
   */
  default Tensor gelu(String approximate) {
    return switch (approximate) {
      case "none" -> gelu();
      case "tanh" -> Unary.of(floating("gelu"), UnaryOp.GELU_TANH, 0, 0);
      default ->
          throw new IllegalArgumentException(
              "gelu: approximate must be \"none\" or \"tanh\", got \"" + approximate + "\"");
    };
  }

  /** {@code x * sigmoid(x)}, also called swish. Floating types. */
  default Tensor silu() {
    return Unary.of(floating("silu"), UnaryOp.SILU, 0, 0);
  }

  /**
   * A sigmoid of straight lines: {@code (x + 3) / 6} within [0, 1]; NaN stays. The gradient is 1/6
   * between -3 and 3, and 0 elsewhere. Floating types.
   */
  default Tensor hardsigmoid() {
    return Unary.of(floating("hardsigmoid"), UnaryOp.HARDSIGMOID, 0, 0);
  }

  /**
   * {@code x * hardsigmoid(x)}, an approximation of silu (A. Howard et al., "Searching for
   * MobileNetV3", 2019): 0 up to -3, x from 3 on, a parabola between. Floating types.
   */
  default Tensor hardswish() {
    return Unary.of(floating("hardswish"), UnaryOp.HARDSWISH, 0, 0);
  }

  /** {@link #hardshrink(double)} with lambd 0.5. */
  default Tensor hardshrink() {
    return hardshrink(0.5);
  }

  /**
   * 0 within [-lambd, lambd], its ends included, {@code x} elsewhere; NaN stays. The gradient
   * passes where {@code x} does, at NaN too. Floating types.
   */
  default Tensor hardshrink(double lambd) {
    return Unary.of(floating("hardshrink"), UnaryOp.HARDSHRINK, lambd, 0);
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
    return Unary.of(floating("softplus"), UnaryOp.SOFTPLUS, beta, threshold);
  }

  /** {@code 1 / (1 + exp(-x))}. Integers give float32. */
  default Tensor sigmoid() {
    return Unary.of(Require.floating((Tensor) this), UnaryOp.SIGMOID, 0, 0);
  }

  /** Hyperbolic tangent. Integers give float32. */
  default Tensor tanh() {
    return Unary.of(Require.floating((Tensor) this), UnaryOp.TANH, 0, 0);
  }

  private Tensor floating(String op) {
    return Require.isFloating(op, (Tensor) this);
  }
}
