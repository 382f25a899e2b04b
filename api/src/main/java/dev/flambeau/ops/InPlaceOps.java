package dev.flambeau.ops;

import static dev.flambeau.internal.kernels.DTypes.encode;
import static dev.flambeau.internal.tensor.TensorHandle.layout;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorHandle.written;
import static dev.flambeau.internal.tensor.TensorImpl.newEmpty;
import static dev.flambeau.internal.tensor.TensorImpl.share;

import dev.flambeau.Autograd;
import dev.flambeau.DType;
import dev.flambeau.Tensor;
import dev.flambeau.internal.autograd.GradMode;
import dev.flambeau.internal.autograd.InPlace;
import dev.flambeau.internal.autograd.Recording;
import dev.flambeau.internal.kernels.BinaryOp;
import dev.flambeau.internal.kernels.Copy;
import dev.flambeau.internal.kernels.Pointwise;
import dev.flambeau.internal.kernels.Require;
import java.util.function.UnaryOperator;

/**
 * Operations that change the tensor itself, and return it. A write changes all views of the memory,
 * and gradients follow it through them.
 *
 * <p>Shape and dtype stay: another tensor must broadcast to this shape, and a result of a stronger
 * kind, such as a fraction for an integer tensor, is an {@link IllegalArgumentException}; the
 * operation without {@code _} gives a new tensor instead. A leaf that requires gradients is changed
 * only under {@link Autograd#noGrad()}, otherwise this is an {@link IllegalStateException}; so is a
 * backward pass that needs a value which was overwritten after it was saved.
 */
public sealed interface InPlaceOps permits Tensor {
  /** Adds another tensor to this one. */
  default Tensor add_(Tensor other) {
    return binary(BinaryOp.ADD, "add_", other, x -> x.add(other));
  }

  /** Adds a number to each element; an integer tensor takes whole numbers only. */
  default Tensor add_(double value) {
    return scalar(BinaryOp.ADD, "add_", value, x -> x.add(value));
  }

  /** Adds a whole number to each element. */
  default Tensor add_(long value) {
    return whole(BinaryOp.ADD, "add_", value, x -> x.add(value));
  }

  /** Subtracts another tensor from this one. */
  default Tensor sub_(Tensor other) {
    return binary(BinaryOp.SUB, "sub_", other, x -> x.sub(other));
  }

  /** Subtracts a number from each element; an integer tensor takes whole numbers only. */
  default Tensor sub_(double value) {
    return scalar(BinaryOp.SUB, "sub_", value, x -> x.sub(value));
  }

  /** Subtracts a whole number from each element. */
  default Tensor sub_(long value) {
    return whole(BinaryOp.SUB, "sub_", value, x -> x.sub(value));
  }

  /** Multiplies this by another tensor, element by element. */
  default Tensor mul_(Tensor other) {
    return binary(BinaryOp.MUL, "mul_", other, x -> x.mul(other));
  }

  /** Multiplies each element by a number; an integer tensor takes whole numbers only. */
  default Tensor mul_(double value) {
    return scalar(BinaryOp.MUL, "mul_", value, x -> x.mul(value));
  }

  /** Multiplies each element by a whole number. */
  default Tensor mul_(long value) {
    return whole(BinaryOp.MUL, "mul_", value, x -> x.mul(value));
  }

  /** Divides this floating tensor by another one. */
  default Tensor div_(Tensor other) {
    return binary(BinaryOp.DIV, "div_", other, x -> x.div(other));
  }

  /** Divides each element of this floating tensor by a number. */
  default Tensor div_(double value) {
    return scalar(BinaryOp.DIV, "div_", value, x -> x.div(value));
  }

  /** Raises each element to a power; an integer tensor takes whole exponents only. */
  default Tensor pow_(double exponent) {
    return unary(
        "pow_",
        x -> x.dtype().isFloating() ? x.pow(exponent) : x.pow(whole("pow_", x.dtype(), exponent)));
  }

  /**
   * Replaces each element by its remainder after division by another tensor, as {@link
   * Tensor#remainder(Tensor)}.
   */
  default Tensor remainder_(Tensor other) {
    return binary(BinaryOp.REMAINDER, "remainder_", other, x -> x.remainder(other));
  }

  /**
   * Replaces each element by its remainder after division by a number; an integer tensor takes
   * whole numbers only.
   */
  default Tensor remainder_(double value) {
    return scalar(BinaryOp.REMAINDER, "remainder_", value, x -> x.remainder(value));
  }

  /** Replaces each element by its remainder after division by a whole number. */
  default Tensor remainder_(long value) {
    return whole(BinaryOp.REMAINDER, "remainder_", value, x -> x.remainder(value));
  }

  /** Replaces each element by its negative; not for bool. */
  default Tensor neg_() {
    return unary("neg_", Tensor::neg);
  }

  /** Replaces each element by its absolute value; not for bool. */
  default Tensor abs_() {
    return unary("abs_", Tensor::abs);
  }

  /** Replaces each element by e to its power. Floating types. */
  default Tensor exp_() {
    return unary("exp_", Tensor::exp);
  }

  /** Replaces each element by its natural logarithm. Floating types. */
  default Tensor log_() {
    return unary("log_", Tensor::log);
  }

  /** Replaces each element by its square root. Floating types. */
  default Tensor sqrt_() {
    return unary("sqrt_", Tensor::sqrt);
  }

  /** Replaces each element by its square. */
  default Tensor square_() {
    return unary("square_", Tensor::square);
  }

  /** Replaces each element by its sine, taken as radians. Floating types. */
  default Tensor sin_() {
    return unary("sin_", Tensor::sin);
  }

  /** Replaces each element by its cosine, taken as radians. Floating types. */
  default Tensor cos_() {
    return unary("cos_", Tensor::cos);
  }

  /** Replaces each element by its hyperbolic tangent. Floating types. */
  default Tensor tanh_() {
    return unary("tanh_", Tensor::tanh);
  }

  /** Replaces each element by {@code 1 / (1 + exp(-x))}. Floating types. */
  default Tensor sigmoid_() {
    return unary("sigmoid_", Tensor::sigmoid);
  }

  /** Replaces each element by {@code max(x, 0)}; not for bool. */
  default Tensor relu_() {
    return unary("relu_", Tensor::relu);
  }

  /** Replaces each element by the greatest whole number that is not above it. */
  default Tensor floor_() {
    return unary("floor_", Tensor::floor);
  }

  /** Replaces each element by the smallest whole number that is not below it. */
  default Tensor ceil_() {
    return unary("ceil_", Tensor::ceil);
  }

  /** Replaces each element by the nearest whole number, halves by the even one. */
  default Tensor round_() {
    return unary("round_", Tensor::round);
  }

  /** Replaces each element by {@code 1 / x}. Floating types. */
  default Tensor reciprocal_() {
    return unary("reciprocal_", Tensor::reciprocal);
  }

  /** Replaces each element by its sign: -1, 0 or 1. */
  default Tensor sign_() {
    return unary("sign_", Tensor::sign);
  }

  /** Replaces each element by {@code log(1 + x)}, exact near 0. Floating types. */
  default Tensor log1p_() {
    return unary("log1p_", Tensor::log1p);
  }

  /** Replaces each element by {@code exp(x) - 1}, exact near 0. Floating types. */
  default Tensor expm1_() {
    return unary("expm1_", Tensor::expm1);
  }

  /** Replaces each element by one over its square root. Floating types. */
  default Tensor rsqrt_() {
    return unary("rsqrt_", Tensor::rsqrt);
  }

  /** Replaces each element by its error function. Floating types. */
  default Tensor erf_() {
    return unary("erf_", Tensor::erf);
  }

  /** Replaces each element by {@code x * sigmoid(x)}. Floating types. */
  default Tensor silu_() {
    return unary("silu_", Tensor::silu);
  }

  /** Replaces each element by {@code (x + 3) / 6} within [0, 1]. Floating types. */
  default Tensor hardsigmoid_() {
    return unary("hardsigmoid_", Tensor::hardsigmoid);
  }

  /** Replaces each element by {@code x * hardsigmoid(x)}. Floating types. */
  default Tensor hardswish_() {
    return unary("hardswish_", Tensor::hardswish);
  }

  /** Multiplies the elements below 0 by {@code slope}. Floating types. */
  default Tensor leakyRelu_(double slope) {
    return unary("leakyRelu_", x -> x.leakyRelu(slope));
  }

  /** Replaces the elements below 0 by {@code alpha * (exp(x) - 1)}. Floating types. */
  default Tensor elu_(double alpha) {
    return unary("elu_", x -> x.elu(alpha));
  }

  /** Brings each element into [low, high]; integers into the whole numbers of that range. */
  default Tensor clamp_(double low, double high) {
    return unary(
        "clamp_",
        x ->
            x.dtype().isFloating()
                ? x.clamp(low, high)
                : x.clamp((long) Math.ceil(low), (long) Math.floor(high)));
  }

  /**
   * Sets the elements to {@code value} where {@code mask} (bool, broadcast to this shape) holds.
   */
  default Tensor maskedFill_(Tensor mask, double value) {
    Require.given("maskedFill_", "mask", mask);
    return unary("maskedFill_", x -> x.maskedFill(mask, value));
  }

  /** Sets all elements to a number, converted to this dtype: integers lose the fraction. */
  default Tensor fill_(double value) {
    Tensor x = (Tensor) this;
    return fill("fill_", encode(x.dtype(), value));
  }

  /** Sets all elements to a whole number, which integers keep exactly. */
  default Tensor fill_(long value) {
    Tensor x = (Tensor) this;
    return fill("fill_", encode(x.dtype(), value));
  }

  /** Sets all elements to 0. */
  default Tensor zero_() {
    return fill("zero_", encode(((Tensor) this).dtype(), 0L));
  }

  /**
   * Takes over the values of {@code source}, which may be on another device; they are broadcast to
   * this shape and converted to this dtype.
   */
  default Tensor copy_(Tensor source) {
    Require.given("copy_", "source", source);
    return InPlace.copy("copy_", (Tensor) this, source);
  }

  private Tensor fill(String op, long encoded) {
    Tensor self = (Tensor) this;
    return InPlace.fill(
        op,
        self,
        x -> {
          if (x == self && layout(x).isDense()) {
            Pointwise.fill(x, encoded);
            written(x, op);
            return x;
          }
          Tensor one = newEmpty(op, x, x.dtype());
          Pointwise.fill(one, encoded);
          if (x == self) {
            Copy.into(op, one, share(x, layout(x).withoutRepeats()));
            written(x, op);
            return x;
          }
          Tensor y = one.expand(sizes(x));
          String node = op.equals("zero_") ? "ZeroBackward0" : "FillBackward2";
          return Recording.of(node, y).input(x, (g, saved) -> g.zerosLike()).result();
        });
  }

  private Tensor unary(String op, UnaryOperator<Tensor> compute) {
    return InPlace.write(op, (Tensor) this, false, compute);
  }

  private Tensor binary(BinaryOp op, String name, Tensor other, UnaryOperator<Tensor> compute) {
    Tensor self = (Tensor) this;
    Require.given(name, "other", other);
    if (!Pointwise.isNumberFor(self, other)) {
      Pointwise.sameDevice(name, self, other);
    }
    return InPlace.write(
        name,
        self,
        GradMode.needsGrad(other),
        x -> {
          Tensor done = x == self ? Pointwise.binaryInto(op, x, other) : null;
          return done != null ? done : compute.apply(x);
        });
  }

  private Tensor scalar(BinaryOp op, String name, double value, UnaryOperator<Tensor> compute) {
    Tensor self = (Tensor) this;
    return InPlace.write(
        name,
        self,
        false,
        x -> {
          boolean whole = x.dtype().isInteger() && value == Math.rint(value) && op != BinaryOp.DIV;
          if (x != self || !whole && !x.dtype().isFloating() || !layout(x).isDense()) {
            return whole
                ? Pointwise.binaryScalar(op, x, (long) value, x.dtype(), false)
                : compute.apply(x);
          }
          Pointwise.scalarInto(op, x, encode(x.dtype(), value), false, x);
          written(x, name);
          return x;
        });
  }

  /** As {@link #scalar}, exact for integers of any size. */
  private Tensor whole(BinaryOp op, String name, long value, UnaryOperator<Tensor> compute) {
    Tensor self = (Tensor) this;
    if (!self.dtype().isInteger()) {
      return scalar(op, name, value, compute);
    }
    return InPlace.write(
        name,
        self,
        false,
        x -> Pointwise.binaryScalar(op, x, encode(x.dtype(), value), x.dtype(), false));
  }

  private static long whole(String op, DType type, double value) {
    if (value != Math.rint(value)) {
      throw new IllegalArgumentException(
          op
              + ": a tensor of "
              + type
              + " cannot take "
              + value
              + " in place; use the form without _");
    }
    return (long) value;
  }
}
