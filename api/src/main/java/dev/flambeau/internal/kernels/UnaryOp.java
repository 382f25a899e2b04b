package dev.flambeau.internal.kernels;

import dev.flambeau.Activation;
import dev.flambeau.Tensor;
import dev.flambeau.spi.Kernels;

/**
 * Pointwise ops of one tensor: the kernel's code, the names, what backward needs, and the
 * derivative written with tensor ops, for derivatives of higher order. The scalar formulas and
 * their slopes are in {@code native-src/src/shared/functors.h}; a test holds the two derivatives
 * equal.
 */
public enum UnaryOp {
  NEG(Kernels.NEG, "neg", "NegBackward0", Saves.NOTHING),
  ABS(Kernels.ABS, "abs", "AbsBackward0", Saves.INPUT),
  SIGN(Kernels.SIGN, "sign", "SignBackward0", Saves.NOTHING),
  EXP(Kernels.EXP, "exp", "ExpBackward0", Saves.OUTPUT),
  EXPM1(Kernels.EXPM1, "expm1", "Expm1Backward0", Saves.OUTPUT),
  LOG(Kernels.LOG, "log", "LogBackward0", Saves.INPUT),
  LOG1P(Kernels.LOG1P, "log1p", "Log1PBackward0", Saves.INPUT),
  SQRT(Kernels.SQRT, "sqrt", "SqrtBackward0", Saves.OUTPUT),
  RSQRT(Kernels.RSQRT, "rsqrt", "RsqrtBackward0", Saves.OUTPUT),
  RECIPROCAL(Kernels.RECIPROCAL, "reciprocal", "ReciprocalBackward0", Saves.OUTPUT),
  SQUARE(Kernels.SQUARE, "square", "PowBackward0", Saves.INPUT),
  SIN(Kernels.SIN, "sin", "SinBackward0", Saves.INPUT),
  COS(Kernels.COS, "cos", "CosBackward0", Saves.INPUT),
  TANH(Kernels.TANH, "tanh", "TanhBackward0", Saves.OUTPUT),
  SIGMOID(Kernels.SIGMOID, "sigmoid", "SigmoidBackward0", Saves.OUTPUT),
  ERF(Kernels.ERF, "erf", "ErfBackward0", Saves.INPUT),
  FLOOR(Kernels.FLOOR, "floor", "FloorBackward0", Saves.NOTHING),
  CEIL(Kernels.CEIL, "ceil", "CeilBackward0", Saves.NOTHING),
  ROUND(Kernels.ROUND, "round", "RoundBackward0", Saves.NOTHING),
  CLAMP(Kernels.CLAMP, "clamp", "ClampBackward1", Saves.INPUT),
  RELU(Kernels.RELU, "relu", "ReluBackward0", Saves.OUTPUT),
  LEAKY_RELU(Kernels.LEAKY_RELU, "leakyRelu", "LeakyReluBackward0", Saves.INPUT),
  ELU(Kernels.ELU, "elu", "EluBackward0", Saves.INPUT),
  GELU(Kernels.GELU, "gelu", "GeluBackward0", Saves.INPUT),
  GELU_TANH(Kernels.GELU_TANH, "gelu", "GeluBackward0", Saves.INPUT),
  SILU(Kernels.SILU, "silu", "SiluBackward0", Saves.INPUT),
  HARDSIGMOID(Kernels.HARDSIGMOID, "hardsigmoid", "HardsigmoidBackward0", Saves.INPUT),
  HARDSWISH(Kernels.HARDSWISH, "hardswish", "HardswishBackward0", Saves.INPUT),
  HARDSHRINK(Kernels.HARDSHRINK, "hardshrink", "HardshrinkBackward0", Saves.INPUT),
  SOFTPLUS(Kernels.SOFTPLUS, "softplus", "SoftplusBackward0", Saves.INPUT),
  POW(Kernels.POW, "pow", "PowBackward0", Saves.INPUT),
  IS_NAN(Kernels.IS_NAN, "isnan"),
  IS_INF(Kernels.IS_INF, "isinf"),
  IS_FINITE(Kernels.IS_FINITE, "isfinite"),
  LOGICAL_NOT(Kernels.LOGICAL_NOT, "logicalNot");

  /** The op that an activation at the end of a product is. */
  public static UnaryOp of(Activation activation) {
    return switch (activation) {
      case RELU -> RELU;
      case GELU_TANH -> GELU_TANH;
    };
  }

  /** What backward reads. */
  public enum Saves {
    NOTHING,
    INPUT,
    OUTPUT
  }

  final int code;
  public final String title;
  final String backward; // the title of the gradient's call
  public final String node;
  public final Saves saves;
  final boolean givesBool;

  UnaryOp(int code, String title, String node, Saves saves) {
    this.code = code;
    this.title = title;
    this.backward = title + " backward";
    this.node = node;
    this.saves = saves;
    this.givesBool = false;
  }

  UnaryOp(int code, String title) {
    this.code = code;
    this.title = title;
    this.backward = title + " backward";
    this.node = null;
    this.saves = Saves.NOTHING;
    this.givesBool = true;
  }

  /**
   * The derivative in tensor ops, times the gradient {@code g} of the output; {@code s} is what was
   * saved, {@code p} and {@code q} are the op's parameters. One method, since a lambda for each op
   * would be made at the start of every program.
   */
  public Tensor slope(Tensor g, Tensor s, double p, double q) {
    return switch (this) {
      case NEG -> g.neg();
      case ABS -> g.mul(s.sign());
      case SIGN, FLOOR, CEIL, ROUND -> g.zerosLike();
      case EXP -> g.mul(s);
      case EXPM1 -> g.mul(s.add(1));
      case LOG -> g.div(s);
      case LOG1P -> g.div(s.add(1));
      case SQRT -> g.div(s.mul(2));
      case RSQRT -> g.mul(-0.5).mul(s.pow(3));
      case RECIPROCAL -> g.neg().mul(s.mul(s));
      case SQUARE -> g.mul(s.mul(2));
      case SIN -> g.mul(s.cos());
      case COS -> g.mul(s.sin().neg());
      case TANH -> g.mul(s.mul(s).rsub(1));
      case SIGMOID -> g.mul(s.rsub(1).mul(s));
      case ERF -> g.mul(s.square().neg().exp().mul(2 / Math.sqrt(Math.PI)));
      case CLAMP -> g.mul(s.ge(p).logicalAnd(s.le(q)));
      case RELU -> g.mul(s.gt(0));
      case LEAKY_RELU -> Tensor.where(s.gt(0), g, g.mul(p));
      case ELU -> Tensor.where(s.gt(0), g, g.mul(s.clampMax(0).exp().mul(p)));
      case GELU -> g.mul(geluSlope(s));
      case GELU_TANH -> g.mul(geluTanhSlope(s));
      case SILU -> g.mul(siluSlope(s));
      case HARDSIGMOID -> g.mul(s.gt(-3).logicalAnd(s.lt(3))).mul(1.0 / 6);
      case HARDSWISH -> g.mul(hardswishSlope(s));
      case HARDSHRINK -> g.maskedFill(s.ge(-p).logicalAnd(s.le(p)), 0);
      case SOFTPLUS -> Tensor.where(s.mul(p).gt(q), g, g.mul(s.mul(p).sigmoid()));
      case POW -> p == 0 ? g.zerosLike() : g.mul(s.pow(p - 1).mul(p));
      case IS_NAN, IS_INF, IS_FINITE, LOGICAL_NOT ->
          throw new AssertionError(title + " has no gradient");
    };
  }

  /** Phi(x) + x phi(x), with the normal distribution's Phi and phi. */
  private static Tensor geluSlope(Tensor x) {
    Tensor cdf = x.mul(Math.sqrt(0.5)).erf().add(1).mul(0.5);
    Tensor pdf = x.square().mul(-0.5).exp().mul(1 / Math.sqrt(2 * Math.PI));
    return cdf.add(x.mul(pdf));
  }

  private static Tensor geluTanhSlope(Tensor x) {
    double k = Math.sqrt(2 / Math.PI);
    Tensor t = x.pow(3).mul(0.044715).add(x).mul(k).tanh();
    Tensor inner = x.square().mul(3 * 0.044715).add(1).mul(k);
    return t.add(1).mul(0.5).add(x.mul(0.5).mul(t.square().rsub(1)).mul(inner));
  }

  /** 0 up to -3, 1 from 3 on, and a parabola's slope between. */
  private static Tensor hardswishSlope(Tensor x) {
    Tensor between = x.div(3).add(0.5);
    return Tensor.where(x.ge(3), x.onesLike(), between.maskedFill(x.le(-3), 0));
  }

  private static Tensor siluSlope(Tensor x) {
    Tensor s = x.sigmoid();
    return s.mul(x.mul(s.rsub(1)).add(1));
  }
}
