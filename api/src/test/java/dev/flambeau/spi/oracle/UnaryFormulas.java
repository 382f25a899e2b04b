package dev.flambeau.spi.oracle;

import static java.lang.Math.exp;
import static java.lang.Math.sqrt;

import dev.flambeau.spi.Kernels;
import java.util.function.DoublePredicate;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * What each unary op and its derivative is, one element at a time. Null: the op does not exist
 * there.
 */
public final class UnaryFormulas {
  private UnaryFormulas() {}

  /** The gradient of an input from that of the output, given input and output. */
  interface Gradient {
    double of(double g, double x, double y);
  }

  /** Predicates: ops whose result is bool. */
  public static DoublePredicate predicate(int op) {
    return switch (op) {
      case Kernels.IS_NAN -> Double::isNaN;
      case Kernels.IS_INF -> Double::isInfinite;
      case Kernels.IS_FINITE -> Double::isFinite;
      case Kernels.LOGICAL_NOT -> x -> x == 0;
      default -> null;
    };
  }

  /** Ops of the floating type {@code dtype}. */
  public static DoubleUnaryOperator floating(int op, int dtype, double p, double q) {
    return switch (op) {
      case Kernels.NEG -> x -> -x;
      case Kernels.ABS -> Math::abs;
      case Kernels.SIGN -> UnaryFormulas::sign;
      case Kernels.EXP -> Math::exp;
      case Kernels.EXPM1 -> Math::expm1;
      case Kernels.LOG -> Math::log;
      case Kernels.LOG1P -> Math::log1p;
      case Kernels.SQRT -> Math::sqrt;
      case Kernels.RSQRT -> x -> 1 / sqrt(x);
      case Kernels.RECIPROCAL -> x -> 1 / x;
      case Kernels.SQUARE -> x -> x * x;
      case Kernels.SIN -> Math::sin;
      case Kernels.COS -> Math::cos;
      case Kernels.TANH -> Math::tanh;
      // In float32 the exponential overflows where a double's does not: sigmoid(-100) is 0.
      case Kernels.SIGMOID -> x -> 1 / (1 + DtypeInfo.round(dtype, exp(-x)));
      case Kernels.ERF -> ErrorFunction::erf;
      case Kernels.FLOOR -> Math::floor;
      case Kernels.CEIL -> Math::ceil;
      case Kernels.ROUND -> Math::rint;
      case Kernels.CLAMP -> x -> Math.min(Math.max(x, p), q);
      case Kernels.RELU -> x -> Math.max(x, 0.0);
      case Kernels.LEAKY_RELU -> x -> x > 0 ? x : x * p;
      case Kernels.ELU -> x -> x > 0 ? x : p * Math.expm1(x);
      case Kernels.GELU -> x -> x * normalCdf(x);
      case Kernels.GELU_TANH -> x -> 0.5 * x * (1 + Math.tanh(geluInner(x)));
      case Kernels.SILU -> x -> x * sigmoid(x);
      case Kernels.HARDSIGMOID -> x -> Math.min(Math.max(DtypeInfo.round(dtype, x + 3), 0), 6) / 6;
      case Kernels.HARDSWISH ->
          x ->
              DtypeInfo.round(dtype, x * Math.min(Math.max(DtypeInfo.round(dtype, x + 3), 0), 6))
                  / 6;
      case Kernels.HARDSHRINK -> x -> Math.abs(x) <= p ? 0 : x;
      case Kernels.SOFTPLUS -> x -> x * p > q ? x : Math.log1p(exp(x * p)) / p;
      case Kernels.POW -> x -> BinaryFormulas.power(x, p);
      default -> null;
    };
  }

  /** Ops of integers and bool. */
  static LongUnaryOperator integer(int op, int dtype) {
    return switch (op) {
      case Kernels.NEG -> dtype == Kernels.BOOL ? null : x -> -x;
      case Kernels.ABS -> Math::abs;
      case Kernels.SIGN -> Long::signum;
      case Kernels.SQUARE -> x -> x * x;
      case Kernels.RELU -> x -> Math.max(x, 0);
      default -> null;
    };
  }

  /** Whether the gradient is written in terms of the output. */
  public static boolean gradientNeedsOutput(int op) {
    return switch (op) {
      case Kernels.EXP, Kernels.EXPM1, Kernels.SQRT, Kernels.RSQRT, Kernels.RECIPROCAL -> true;
      case Kernels.TANH, Kernels.SIGMOID, Kernels.RELU -> true;
      default -> false;
    };
  }

  /** Whether the gradient is written in terms of the input. */
  public static boolean gradientNeedsInput(int op) {
    return switch (op) {
      case Kernels.NEG, Kernels.SIGN, Kernels.FLOOR, Kernels.CEIL, Kernels.ROUND -> false;
      default -> !gradientNeedsOutput(op);
    };
  }

  /**
   * g * f'(x). At a kink the slope is PyTorch's: 0 for abs, relu and clamp's outside, the left one
   * for leaky relu.
   */
  static Gradient gradient(int op, double p, double q) {
    return switch (op) {
      case Kernels.NEG -> (g, x, y) -> -g;
      case Kernels.ABS -> (g, x, y) -> g * sign(x);
      case Kernels.SIGN, Kernels.FLOOR, Kernels.CEIL, Kernels.ROUND -> (g, x, y) -> 0;
      case Kernels.EXP -> (g, x, y) -> g * y;
      case Kernels.EXPM1 -> (g, x, y) -> g * (y + 1);
      case Kernels.LOG -> (g, x, y) -> g / x;
      case Kernels.LOG1P -> (g, x, y) -> g / (x + 1);
      case Kernels.SQRT -> (g, x, y) -> g / (2 * y);
      case Kernels.RSQRT -> (g, x, y) -> -0.5 * g * y * y * y;
      case Kernels.RECIPROCAL -> (g, x, y) -> -g * y * y;
      case Kernels.SQUARE -> (g, x, y) -> g * 2 * x;
      case Kernels.SIN -> (g, x, y) -> g * Math.cos(x);
      case Kernels.COS -> (g, x, y) -> -g * Math.sin(x);
      case Kernels.TANH -> (g, x, y) -> g * (1 - y * y);
      case Kernels.SIGMOID -> (g, x, y) -> g * y * (1 - y);
      case Kernels.ERF -> (g, x, y) -> g * 2 / sqrt(Math.PI) * exp(-x * x);
      case Kernels.CLAMP -> (g, x, y) -> x >= p && x <= q ? g : 0;
      case Kernels.RELU -> (g, x, y) -> y <= 0 ? 0 : g;
      case Kernels.LEAKY_RELU -> (g, x, y) -> x > 0 ? g : g * p;
      case Kernels.ELU -> (g, x, y) -> x > 0 ? g : g * p * exp(x);
      case Kernels.GELU -> (g, x, y) -> g * (normalCdf(x) + x * normalDensity(x));
      case Kernels.GELU_TANH -> (g, x, y) -> g * geluTanhSlope(x);
      case Kernels.SILU -> (g, x, y) -> g * sigmoid(x) * (1 + x * (1 - sigmoid(x)));
      case Kernels.HARDSIGMOID -> (g, x, y) -> x > -3 && x < 3 ? g / 6 : 0;
      case Kernels.HARDSWISH -> (g, x, y) -> x >= 3 ? g : x <= -3 ? 0 : g * (x / 3 + 0.5);
      case Kernels.HARDSHRINK -> (g, x, y) -> Math.abs(x) <= p ? 0 : g;
      case Kernels.SOFTPLUS -> (g, x, y) -> x * p > q ? g : g * sigmoid(x * p);
      case Kernels.POW -> (g, x, y) -> p == 0 ? 0 : g * p * BinaryFormulas.power(x, p - 1);
      default -> null;
    };
  }

  static double sigmoid(double x) {
    return 1 / (1 + exp(-x));
  }

  /** -1, 0 or 1; 0 for NaN. */
  static double sign(double x) {
    return (x > 0 ? 1 : 0) - (x < 0 ? 1 : 0);
  }

  private static double normalCdf(double x) {
    return ErrorFunction.erfc(-x / sqrt(2)) / 2;
  }

  private static double normalDensity(double x) {
    return exp(-x * x / 2) / sqrt(2 * Math.PI);
  }

  private static double geluInner(double x) {
    return sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
  }

  private static double geluTanhSlope(double x) {
    double t = Math.tanh(geluInner(x));
    double inner = sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * inner;
  }
}
