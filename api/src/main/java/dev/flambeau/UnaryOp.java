package dev.flambeau;

import dev.flambeau.spi.Kernels;

/**
 * Pointwise ops of one tensor: the kernel's code, the names, what backward needs, and the
 * derivative written with tensor ops, for derivatives of higher order. The scalar formulas and
 * their slopes are in {@code native-src/src/shared/functors.h}; a test holds the two derivatives
 * equal.
 */
enum UnaryOp {
  NEG(Kernels.NEG, "neg", "NegBackward0", Saves.NOTHING, (g, s, p, q) -> g.neg()),
  ABS(Kernels.ABS, "abs", "AbsBackward0", Saves.INPUT, (g, x, p, q) -> g.mul(x.sign())),
  SIGN(Kernels.SIGN, "sign", "SignBackward0", Saves.NOTHING, (g, s, p, q) -> g.zerosLike()),
  EXP(Kernels.EXP, "exp", "ExpBackward0", Saves.OUTPUT, (g, y, p, q) -> g.mul(y)),
  EXPM1(Kernels.EXPM1, "expm1", "Expm1Backward0", Saves.OUTPUT, (g, y, p, q) -> g.mul(y.add(1))),
  LOG(Kernels.LOG, "log", "LogBackward0", Saves.INPUT, (g, x, p, q) -> g.div(x)),
  LOG1P(Kernels.LOG1P, "log1p", "Log1PBackward0", Saves.INPUT, (g, x, p, q) -> g.div(x.add(1))),
  SQRT(Kernels.SQRT, "sqrt", "SqrtBackward0", Saves.OUTPUT, (g, y, p, q) -> g.div(y.mul(2))),
  RSQRT(
      Kernels.RSQRT,
      "rsqrt",
      "RsqrtBackward0",
      Saves.OUTPUT,
      (g, y, p, q) -> g.mul(-0.5).mul(y.pow(3))),
  RECIPROCAL(
      Kernels.RECIPROCAL,
      "reciprocal",
      "ReciprocalBackward0",
      Saves.OUTPUT,
      (g, y, p, q) -> g.neg().mul(y.mul(y))),
  SQUARE(Kernels.SQUARE, "square", "PowBackward0", Saves.INPUT, (g, x, p, q) -> g.mul(x.mul(2))),
  SIN(Kernels.SIN, "sin", "SinBackward0", Saves.INPUT, (g, x, p, q) -> g.mul(x.cos())),
  COS(Kernels.COS, "cos", "CosBackward0", Saves.INPUT, (g, x, p, q) -> g.mul(x.sin().neg())),
  TANH(
      Kernels.TANH, "tanh", "TanhBackward0", Saves.OUTPUT, (g, y, p, q) -> g.mul(y.mul(y).rsub(1))),
  SIGMOID(
      Kernels.SIGMOID,
      "sigmoid",
      "SigmoidBackward0",
      Saves.OUTPUT,
      (g, y, p, q) -> g.mul(y.rsub(1).mul(y))),
  ERF(
      Kernels.ERF,
      "erf",
      "ErfBackward0",
      Saves.INPUT,
      (g, x, p, q) -> g.mul(x.square().neg().exp().mul(2 / Math.sqrt(Math.PI)))),
  FLOOR(Kernels.FLOOR, "floor", "FloorBackward0", Saves.NOTHING, (g, s, p, q) -> g.zerosLike()),
  CEIL(Kernels.CEIL, "ceil", "CeilBackward0", Saves.NOTHING, (g, s, p, q) -> g.zerosLike()),
  ROUND(Kernels.ROUND, "round", "RoundBackward0", Saves.NOTHING, (g, s, p, q) -> g.zerosLike()),
  CLAMP(
      Kernels.CLAMP,
      "clamp",
      "ClampBackward1",
      Saves.INPUT,
      (g, x, lo, hi) -> g.mul(x.ge(lo).logicalAnd(x.le(hi)))),
  RELU(Kernels.RELU, "relu", "ReluBackward0", Saves.OUTPUT, (g, y, p, q) -> g.mul(y.gt(0))),
  LEAKY_RELU(
      Kernels.LEAKY_RELU,
      "leakyRelu",
      "LeakyReluBackward0",
      Saves.INPUT,
      (g, x, slope, q) -> Tensor.where(x.gt(0), g, g.mul(slope))),
  ELU(
      Kernels.ELU,
      "elu",
      "EluBackward0",
      Saves.INPUT,
      (g, x, alpha, q) -> Tensor.where(x.gt(0), g, g.mul(x.clampMax(0).exp().mul(alpha)))),
  GELU(Kernels.GELU, "gelu", "GeluBackward0", Saves.INPUT, (g, x, p, q) -> g.mul(geluSlope(x))),
  GELU_TANH(
      Kernels.GELU_TANH,
      "gelu",
      "GeluBackward0",
      Saves.INPUT,
      (g, x, p, q) -> g.mul(geluTanhSlope(x))),
  SILU(Kernels.SILU, "silu", "SiluBackward0", Saves.INPUT, (g, x, p, q) -> g.mul(siluSlope(x))),
  SOFTPLUS(
      Kernels.SOFTPLUS,
      "softplus",
      "SoftplusBackward0",
      Saves.INPUT,
      (g, x, beta, limit) -> Tensor.where(x.mul(beta).gt(limit), g, g.mul(x.mul(beta).sigmoid()))),
  POW(Kernels.POW, "pow", "PowBackward0", Saves.INPUT, UnaryOp::powGrad),
  IS_NAN(Kernels.IS_NAN, "isnan"),
  IS_INF(Kernels.IS_INF, "isinf"),
  IS_FINITE(Kernels.IS_FINITE, "isfinite"),
  LOGICAL_NOT(Kernels.LOGICAL_NOT, "logicalNot");

  /** What backward reads. */
  enum Saves {
    NOTHING,
    INPUT,
    OUTPUT
  }

  /**
   * The derivative in tensor ops: gradient of the output, what was saved, the op's two parameters.
   */
  interface Slope {
    Tensor apply(Tensor g, Tensor saved, double p, double q);
  }

  final int code;
  final String title;
  final String backward; // the title of the gradient's call
  final String node;
  final Saves saves;
  final Slope slope;
  final boolean givesBool;

  UnaryOp(int code, String title, String node, Saves saves, Slope slope) {
    this.code = code;
    this.title = title;
    this.backward = title + " backward";
    this.node = node;
    this.saves = saves;
    this.slope = slope;
    this.givesBool = false;
  }

  UnaryOp(int code, String title) {
    this.code = code;
    this.title = title;
    this.backward = title + " backward";
    this.node = null;
    this.saves = Saves.NOTHING;
    this.slope = null;
    this.givesBool = true;
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

  private static Tensor siluSlope(Tensor x) {
    Tensor s = x.sigmoid();
    return s.mul(x.mul(s.rsub(1)).add(1));
  }

  private static Tensor powGrad(Tensor g, Tensor x, double p, double unused) {
    return p == 0 ? g.zerosLike() : g.mul(x.pow(p - 1).mul(p));
  }
}
