package dev.flambeau.ops;

import static dev.flambeau.internal.kernels.DTypes.encode;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import dev.flambeau.internal.autograd.GradMode;
import dev.flambeau.internal.autograd.Recording;
import dev.flambeau.internal.kernels.BinaryOp;
import dev.flambeau.internal.kernels.DTypes;
import dev.flambeau.internal.kernels.Pointwise;
import dev.flambeau.internal.kernels.Require;
import dev.flambeau.internal.kernels.UnaryOp;
import java.util.function.UnaryOperator;

/**
 * Arithmetic and elementary functions, element by element. Shapes broadcast; dtypes are promoted as
 * in PyTorch: a stronger kind (bool, integer, floating) wins, and 0-d tensors and Java numbers
 * count only if their kind is stronger. Tensors are on one device; a 0-d one on the CPU goes with
 * any device. Names follow <a
 * href="https://pytorch.org/docs/stable/torch.html#pointwise-ops">torch</a>.
 */
public sealed interface PointwiseOps permits Tensor {
  // ---- arithmetic

  /** Sum of two tensors. */
  default Tensor add(Tensor other) {
    Tensor a = (Tensor) this;
    Tensor y = Pointwise.binary(BinaryOp.ADD, a, other);
    return GradMode.needsGrad(a, other)
        ? Recording.of("AddBackward0", y)
            .input(a, (g, saved) -> g)
            .input(other, (g, saved) -> g)
            .result()
        : y;
  }

  /** Sum with a number; integers and bool give float32. */
  default Tensor add(double value) {
    return scalar("AddBackward0", BinaryOp.ADD, value, false, g -> g);
  }

  /** Sum with a whole number; integers stay integers, bool gives int64. */
  default Tensor add(long value) {
    return scalar("AddBackward0", BinaryOp.ADD, value, false, g -> g);
  }

  /** Difference of two tensors. */
  default Tensor sub(Tensor other) {
    Tensor a = (Tensor) this;
    Tensor y = Pointwise.binary(BinaryOp.SUB, a, other);
    return GradMode.needsGrad(a, other)
        ? Recording.of("SubBackward0", y)
            .input(a, (g, saved) -> g)
            .input(other, (g, saved) -> g.neg())
            .result()
        : y;
  }

  /** This minus a number; integers and bool give float32. */
  default Tensor sub(double value) {
    return scalar("SubBackward0", BinaryOp.SUB, value, false, g -> g);
  }

  /** This minus a whole number; integers stay integers, bool gives int64. */
  default Tensor sub(long value) {
    return scalar("SubBackward0", BinaryOp.SUB, value, false, g -> g);
  }

  /** {@code value - this}; integers and bool give float32. */
  default Tensor rsub(double value) {
    return scalar("RsubBackward1", BinaryOp.SUB, value, true, g -> g.neg());
  }

  /** {@code value - this}; integers stay integers, bool gives int64. */
  default Tensor rsub(long value) {
    return scalar("RsubBackward1", BinaryOp.SUB, value, true, g -> g.neg());
  }

  /** Product of two tensors, element by element. */
  default Tensor mul(Tensor other) {
    Tensor a = (Tensor) this;
    Tensor y = Pointwise.binary(BinaryOp.MUL, a, other);
    if (!GradMode.needsGrad(a, other)) {
      return y;
    }
    return Recording.of("MulBackward0", y)
        .saves(other.requiresGrad() ? a : null, a.requiresGrad() ? other : null)
        .input(a, (g, saved) -> g.mul(saved.get(1)))
        .input(other, (g, saved) -> g.mul(saved.get(0)))
        .result();
  }

  /** Product with a number; integers and bool give float32. */
  default Tensor mul(double value) {
    return scalar("MulBackward0", BinaryOp.MUL, value, false, g -> g.mul(value));
  }

  /** Product with a whole number; integers stay integers, bool gives int64. */
  default Tensor mul(long value) {
    return scalar("MulBackward0", BinaryOp.MUL, value, false, g -> g.mul(value));
  }

  /** Quotient of two tensors; integers and bool give float32. */
  default Tensor div(Tensor other) {
    Tensor a = (Tensor) this;
    Tensor y = Pointwise.binary(BinaryOp.DIV, a, other);
    return Recording.of("DivBackward0", y)
        .saves(other.requiresGrad() ? a : null, other)
        .input(a, (g, saved) -> g.div(saved.get(1)))
        .input(other, (g, saved) -> g.neg().mul(saved.get(0).div(saved.get(1)).div(saved.get(1))))
        .result();
  }

  /** Quotient by a number; integers and bool give float32. */
  default Tensor div(double value) {
    return scalar("DivBackward0", BinaryOp.DIV, value, false, g -> g.div(value));
  }

  /** Quotient by a whole number, not rounded: integers and bool give float32. */
  default Tensor div(long value) {
    return scalar("DivBackward0", BinaryOp.DIV, value, false, g -> g.div(value));
  }

  /** {@code value / this}; integers and bool give float32. */
  default Tensor rdiv(double value) {
    return ((Tensor) this).reciprocal().mul(value);
  }

  /** This to the power of another tensor. */
  default Tensor pow(Tensor exponent) {
    Require.given("pow", "exponent", exponent);
    Tensor a = (Tensor) this;
    Tensor y = Pointwise.binary(BinaryOp.POW, a, exponent);
    record Kept(Tensor base, Tensor exponent, Tensor power) {}
    return Recording.of("PowBackward1", y)
        .saves(a, exponent, exponent.requiresGrad() ? y : null)
        .input(
            a,
            (g, saved) -> {
              Kept kept = saved.as(Kept::new);
              Tensor slope = kept.exponent.mul(kept.base.pow(kept.exponent.sub(1)));
              return g.mul(Tensor.where(kept.exponent.eq(0), slope.zerosLike(), slope));
            })
        .input(
            exponent,
            (g, saved) -> {
              Kept kept = saved.as(Kept::new);
              Tensor slope = kept.power.mul(kept.base.log());
              // 0^b is 0 for every b > 0: flat, though the logarithm is not.
              Tensor flat = kept.base.eq(0).logicalAnd(kept.exponent.ge(0));
              return g.mul(Tensor.where(flat, slope.zerosLike(), slope));
            })
        .result();
  }

  /** This to a power; integers give float32. */
  default Tensor pow(double exponent) {
    Tensor x = Require.floating((Tensor) this);
    return exponent == 2
        ? Unary.of(x, UnaryOp.SQUARE, 0, 0)
        : Unary.of(x, UnaryOp.POW, exponent, 0);
  }

  /**
   * This to a whole power; integers stay integers.
   *
   * @throws IllegalArgumentException for integers to a negative power
   */
  default Tensor pow(long exponent) {
    Tensor x = (Tensor) this;
    if (x.dtype().isFloating()) {
      return pow((double) exponent);
    }
    if (exponent < 0) {
      throw new IllegalArgumentException(
          "pow: an integer tensor cannot be raised to the negative power "
              + exponent
              + "; use toFloat()");
    }
    return scalar("PowBackward0", BinaryOp.POW, exponent, false, g -> g);
  }

  /** Remainder of a division, with the sign of the divisor, as Python's {@code %}. */
  default Tensor remainder(Tensor other) {
    Tensor a = (Tensor) this;
    return Recording.of("RemainderBackward1", Pointwise.binary(BinaryOp.REMAINDER, a, other))
        .saves(a, other)
        .input(a, (g, saved) -> g)
        .input(other, (g, saved) -> g.neg().mul(quotient(saved.get(0), saved.get(1))))
        .result();
  }

  /** The whole number of times that {@code b} was taken from {@code a} to leave the remainder. */
  private static Tensor quotient(Tensor a, Tensor b) {
    try (var off = GradMode.set(false)) {
      Tensor rest = a.remainder(b);
      Tensor times = a.sub(rest).div(b).round();
      // By an infinite number of the other sign it was taken once.
      Tensor once = b.abs().eq(Double.POSITIVE_INFINITY).logicalAnd(rest.eq(b));
      return Tensor.where(b.eq(0), a.div(b), Tensor.where(once, times.fullLike(-1), times));
    }
  }

  /** Remainder of division by a number, with its sign; integers and bool give float32. */
  default Tensor remainder(double value) {
    return scalar("RemainderBackward0", BinaryOp.REMAINDER, value, false, g -> g);
  }

  /** Remainder of division by a whole number, with its sign; integers stay integers. */
  default Tensor remainder(long value) {
    return scalar("RemainderBackward0", BinaryOp.REMAINDER, value, false, g -> g);
  }

  /** The smaller of two; NaN wins. Equal elements share the gradient. */
  default Tensor minimum(Tensor other) {
    return extreme("MinimumBackward0", BinaryOp.MINIMUM, other);
  }

  /** The greater of two; NaN wins. Equal elements share the gradient. */
  default Tensor maximum(Tensor other) {
    return extreme("MaximumBackward0", BinaryOp.MAXIMUM, other);
  }

  private Tensor extreme(String node, BinaryOp op, Tensor other) {
    Tensor a = (Tensor) this;
    return Recording.of(node, Pointwise.binary(op, a, other))
        .saves(a, other)
        .input(a, (g, saved) -> g.mul(share(op, saved.get(0), saved.get(1))))
        .input(other, (g, saved) -> g.mul(share(op, saved.get(1), saved.get(0))))
        .result();
  }

  /** The share of the gradient for {@code x}: all where it is the extreme, half where both are. */
  private static Tensor share(BinaryOp op, Tensor x, Tensor y) {
    Tensor won = op == BinaryOp.MINIMUM ? x.lt(y) : x.gt(y);
    DType type = DType.promote(x.dtype(), y.dtype());
    return won.to(type).add(x.eq(y).to(type).mul(0.5));
  }

  /** {@code this + other}, for Kotlin's operators. */
  default Tensor plus(Tensor other) {
    Require.given("plus", "other", other);
    return add(other);
  }

  /** {@code this - other}, for Kotlin's operators. */
  default Tensor minus(Tensor other) {
    Require.given("minus", "other", other);
    return sub(other);
  }

  /** {@code this * other}, element by element, for Kotlin's operators. */
  default Tensor times(Tensor other) {
    Require.given("times", "other", other);
    return mul(other);
  }

  /** {@code -this}, for Kotlin's operators. */
  default Tensor unaryMinus() {
    return neg();
  }

  // ---- functions of one tensor

  /** {@code -x}; not for bool. */
  default Tensor neg() {
    Tensor x = (Tensor) this;
    if (x.dtype() == DType.BOOL) {
      throw new IllegalArgumentException(
          "neg: not defined for " + DType.BOOL + "; use logicalNot()");
    }
    return Unary.of(x, UnaryOp.NEG, 0, 0);
  }

  /** Absolute value; its slope at 0 is 0. */
  default Tensor abs() {
    return Unary.of(Require.notBool("abs", (Tensor) this), UnaryOp.ABS, 0, 0);
  }

  /** The sign: -1, 0 or 1; 0 for NaN. */
  default Tensor sign() {
    return Unary.of(((Tensor) this), UnaryOp.SIGN, 0, 0);
  }

  /** e to the power of this. */
  default Tensor exp() {
    return Unary.of(Require.floating((Tensor) this), UnaryOp.EXP, 0, 0);
  }

  /** {@code exp(x) - 1}, exact near 0. */
  default Tensor expm1() {
    return Unary.of(Require.floating((Tensor) this), UnaryOp.EXPM1, 0, 0);
  }

  /** Natural logarithm. */
  default Tensor log() {
    return Unary.of(Require.floating((Tensor) this), UnaryOp.LOG, 0, 0);
  }

  /** {@code log(1 + x)}, exact near 0. */
  default Tensor log1p() {
    return Unary.of(Require.floating((Tensor) this), UnaryOp.LOG1P, 0, 0);
  }

  /** Square root. */
  default Tensor sqrt() {
    return Unary.of(Require.floating((Tensor) this), UnaryOp.SQRT, 0, 0);
  }

  /** One over the square root. */
  default Tensor rsqrt() {
    return Unary.of(Require.floating((Tensor) this), UnaryOp.RSQRT, 0, 0);
  }

  /** {@code 1 / x}. */
  default Tensor reciprocal() {
    return Unary.of(Require.floating((Tensor) this), UnaryOp.RECIPROCAL, 0, 0);
  }

  /** {@code x * x}; bool gives int64. */
  default Tensor square() {
    Tensor x = (Tensor) this;
    return Unary.of((x.dtype() == DType.BOOL ? x.toLong() : x), UnaryOp.SQUARE, 0, 0);
  }

  /** Sine of radians. */
  default Tensor sin() {
    return Unary.of(Require.floating((Tensor) this), UnaryOp.SIN, 0, 0);
  }

  /** Cosine of radians. */
  default Tensor cos() {
    return Unary.of(Require.floating((Tensor) this), UnaryOp.COS, 0, 0);
  }

  /** The error function. */
  default Tensor erf() {
    return Unary.of(Require.floating((Tensor) this), UnaryOp.ERF, 0, 0);
  }

  /** The greatest whole number that is not above; integers stay as they are. */
  default Tensor floor() {
    return rounded(UnaryOp.FLOOR);
  }

  /** The smallest whole number that is not below; integers stay as they are. */
  default Tensor ceil() {
    return rounded(UnaryOp.CEIL);
  }

  /** The nearest whole number, halves to the even one. Integers stay as they are. */
  default Tensor round() {
    return rounded(UnaryOp.ROUND);
  }

  private Tensor rounded(UnaryOp op) {
    Tensor x = Require.notBool(op.title, (Tensor) this);
    return x.dtype().isFloating() ? Unary.of(x, op, 0, 0) : x.copy();
  }

  /** Each element brought into [low, high]; NaN stays. The slope is 1 inside and at the ends. */
  default Tensor clamp(double low, double high) {
    return Unary.of(Require.floating((Tensor) this), UnaryOp.CLAMP, low, high);
  }

  /** As {@link #clamp(double, double)}; integers stay integers. */
  default Tensor clamp(long low, long high) {
    Tensor x = (Tensor) this;
    if (x.dtype().isFloating()) {
      return clamp((double) low, (double) high);
    }
    DType type = DTypes.promoteWeak(x.dtype(), DType.INT64);
    Tensor floor = Pointwise.binaryScalar(BinaryOp.MAXIMUM, x, low, type, false);
    return Pointwise.binaryScalar(BinaryOp.MINIMUM, floor, high, type, false);
  }

  /** {@code max(x, low)}; NaN stays. Integers and bool give float32. */
  default Tensor clampMin(double low) {
    return Recording.rename(clamp(low, Double.POSITIVE_INFINITY), "ClampMinBackward0");
  }

  /** {@code max(x, low)}; integers stay integers. */
  default Tensor clampMin(long low) {
    Tensor x = (Tensor) this;
    return x.dtype().isFloating() ? clampMin((double) low) : bounded(BinaryOp.MAXIMUM, low);
  }

  /** {@code min(x, high)}; NaN stays. Integers and bool give float32. */
  default Tensor clampMax(double high) {
    return Recording.rename(clamp(Double.NEGATIVE_INFINITY, high), "ClampMaxBackward0");
  }

  /** {@code min(x, high)}; integers stay integers. */
  default Tensor clampMax(long high) {
    Tensor x = (Tensor) this;
    return x.dtype().isFloating() ? clampMax((double) high) : bounded(BinaryOp.MINIMUM, high);
  }

  private Tensor bounded(BinaryOp op, long bound) {
    DType type = DTypes.promoteWeak(((Tensor) this).dtype(), DType.INT64);
    return Pointwise.binaryScalar(op, (Tensor) this, encode(type, bound), type, false);
  }

  // ---- choices

  /** The elements of this where {@code condition} holds, elsewhere those of {@code other}. */
  default Tensor where(Tensor condition, Tensor other) {
    return Tensor.where(condition, (Tensor) this, other);
  }

  // ---- shared by the above

  private Tensor scalar(
      String node, BinaryOp op, double value, boolean reversed, UnaryOperator<Tensor> grad) {
    Tensor x = (Tensor) this;
    DType type = op.computeType(DTypes.promoteWeak(x.dtype(), DType.FLOAT32));
    return scalar(node, op, encode(type, value), type, reversed, grad);
  }

  private Tensor scalar(
      String node, BinaryOp op, long value, boolean reversed, UnaryOperator<Tensor> grad) {
    Tensor x = (Tensor) this;
    DType type = op.computeType(DTypes.promoteWeak(x.dtype(), DType.INT64));
    return scalar(node, op, encode(type, value), type, reversed, grad);
  }

  private Tensor scalar(
      String node,
      BinaryOp op,
      long encoded,
      DType type,
      boolean reversed,
      UnaryOperator<Tensor> grad) {
    Tensor x = (Tensor) this;
    Tensor y = Pointwise.binaryScalar(op, x, encoded, type, reversed);
    return GradMode.needsGrad(x)
        ? Recording.of(node, y).input(x, (g, saved) -> grad.apply(g)).result()
        : y;
  }
}
