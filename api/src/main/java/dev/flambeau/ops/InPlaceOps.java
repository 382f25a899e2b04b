package dev.flambeau.ops;

import static dev.flambeau.internal.kernels.DTypes.encode;
import static dev.flambeau.internal.tensor.TensorHandle.layout;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorHandle.written;
import static dev.flambeau.internal.tensor.TensorImpl.newEmpty;

import dev.flambeau.Autograd;
import dev.flambeau.DType;
import dev.flambeau.Tensor;
import dev.flambeau.internal.autograd.GradMode;
import dev.flambeau.internal.autograd.InPlace;
import dev.flambeau.internal.autograd.Recording;
import dev.flambeau.internal.kernels.BinaryOp;
import dev.flambeau.internal.kernels.Copy;
import dev.flambeau.internal.kernels.Pointwise;
import dev.flambeau.internal.tensor.Dims;
import java.util.function.UnaryOperator;

/**
 * Operations that change the tensor itself, and return it. Shape and dtype stay. What autograd has
 * saved of the tensor notices the change; a leaf that requires gradients can be changed only under
 * {@link Autograd#noGrad()}; a change through a view is a change of its base, also for gradients.
 */
public sealed interface InPlaceOps permits Tensor {
  default Tensor add_(Tensor other) {
    return binary(BinaryOp.ADD, "add_", other, x -> x.add(other));
  }

  default Tensor add_(double value) {
    return scalar(BinaryOp.ADD, "add_", value, x -> x.add(value));
  }

  default Tensor add_(long value) {
    return whole(BinaryOp.ADD, "add_", value, x -> x.add(value));
  }

  default Tensor sub_(Tensor other) {
    return binary(BinaryOp.SUB, "sub_", other, x -> x.sub(other));
  }

  default Tensor sub_(double value) {
    return scalar(BinaryOp.SUB, "sub_", value, x -> x.sub(value));
  }

  default Tensor sub_(long value) {
    return whole(BinaryOp.SUB, "sub_", value, x -> x.sub(value));
  }

  default Tensor mul_(Tensor other) {
    return binary(BinaryOp.MUL, "mul_", other, x -> x.mul(other));
  }

  default Tensor mul_(double value) {
    return scalar(BinaryOp.MUL, "mul_", value, x -> x.mul(value));
  }

  default Tensor mul_(long value) {
    return whole(BinaryOp.MUL, "mul_", value, x -> x.mul(value));
  }

  default Tensor div_(Tensor other) {
    return binary(BinaryOp.DIV, "div_", other, x -> x.div(other));
  }

  default Tensor div_(double value) {
    return scalar(BinaryOp.DIV, "div_", value, x -> x.div(value));
  }

  default Tensor pow_(double exponent) {
    return unary(
        "pow_",
        x -> x.dtype().isFloating() ? x.pow(exponent) : x.pow(whole("pow_", x.dtype(), exponent)));
  }

  default Tensor remainder_(Tensor other) {
    return binary(BinaryOp.REMAINDER, "remainder_", other, x -> x.remainder(other));
  }

  default Tensor remainder_(double value) {
    return scalar(BinaryOp.REMAINDER, "remainder_", value, x -> x.remainder(value));
  }

  default Tensor remainder_(long value) {
    return whole(BinaryOp.REMAINDER, "remainder_", value, x -> x.remainder(value));
  }

  default Tensor neg_() {
    return unary("neg_", Tensor::neg);
  }

  default Tensor abs_() {
    return unary("abs_", Tensor::abs);
  }

  default Tensor exp_() {
    return unary("exp_", Tensor::exp);
  }

  default Tensor log_() {
    return unary("log_", Tensor::log);
  }

  default Tensor sqrt_() {
    return unary("sqrt_", Tensor::sqrt);
  }

  default Tensor square_() {
    return unary("square_", Tensor::square);
  }

  default Tensor sin_() {
    return unary("sin_", Tensor::sin);
  }

  default Tensor cos_() {
    return unary("cos_", Tensor::cos);
  }

  default Tensor tanh_() {
    return unary("tanh_", Tensor::tanh);
  }

  default Tensor sigmoid_() {
    return unary("sigmoid_", Tensor::sigmoid);
  }

  default Tensor relu_() {
    return unary("relu_", Tensor::relu);
  }

  default Tensor floor_() {
    return unary("floor_", Tensor::floor);
  }

  default Tensor ceil_() {
    return unary("ceil_", Tensor::ceil);
  }

  default Tensor round_() {
    return unary("round_", Tensor::round);
  }

  default Tensor reciprocal_() {
    return unary("reciprocal_", Tensor::reciprocal);
  }

  default Tensor sign_() {
    return unary("sign_", Tensor::sign);
  }

  default Tensor log1p_() {
    return unary("log1p_", Tensor::log1p);
  }

  default Tensor expm1_() {
    return unary("expm1_", Tensor::expm1);
  }

  default Tensor rsqrt_() {
    return unary("rsqrt_", Tensor::rsqrt);
  }

  default Tensor erf_() {
    return unary("erf_", Tensor::erf);
  }

  default Tensor silu_() {
    return unary("silu_", Tensor::silu);
  }

  default Tensor hardsigmoid_() {
    return unary("hardsigmoid_", Tensor::hardsigmoid);
  }

  default Tensor hardswish_() {
    return unary("hardswish_", Tensor::hardswish);
  }

  default Tensor leakyRelu_(double slope) {
    return unary("leakyRelu_", x -> x.leakyRelu(slope));
  }

  default Tensor elu_(double alpha) {
    return unary("elu_", x -> x.elu(alpha));
  }

  default Tensor clamp_(double low, double high) {
    return unary(
        "clamp_",
        x ->
            x.dtype().isFloating()
                ? x.clamp(low, high)
                : x.clamp((long) Math.ceil(low), (long) Math.floor(high)));
  }

  default Tensor maskedFill_(Tensor mask, double value) {
    return unary("maskedFill_", x -> x.maskedFill(mask, value));
  }

  /** All elements become {@code value}. */
  default Tensor fill_(double value) {
    Tensor x = (Tensor) this;
    return fill("fill_", encode(x.dtype(), value));
  }

  /** All elements become {@code value}. */
  default Tensor fill_(long value) {
    Tensor x = (Tensor) this;
    return fill("fill_", encode(x.dtype(), value));
  }

  /** All elements become 0. */
  default Tensor zero_() {
    return fill("zero_", encode(((Tensor) this).dtype(), 0L));
  }

  /**
   * The values of {@code source}, broadcast to this shape and converted to this dtype; any device.
   */
  default Tensor copy_(Tensor source) {
    Tensor self = (Tensor) this;
    long[] sizes = Dims.broadcast("copy_", sizes(self), sizes(source));
    if (!java.util.Arrays.equals(sizes, sizes(self))) {
      throw new IllegalArgumentException(
          "copy_: shape "
              + Dims.text(sizes(source))
              + " does not broadcast to "
              + Dims.text(sizes(self)));
    }
    return InPlace.write(
        "copy_",
        self,
        GradMode.needsGrad(source),
        x -> {
          Tensor s = source.to(self.device());
          if (x == self && !s.isSameStorage(x)) {
            Copy.into("copy_", s, x);
            written(x, "copy_");
            return x;
          }
          Tensor y = newEmpty(x, x.dtype(), sizes(x));
          Copy.into("copy_", s, y);
          return Recording.of("CopyBackwards", y)
              .input(x, (g, saved) -> g.zerosLike())
              .input(s, (g, saved) -> g)
              .result();
        });
  }

  private Tensor fill(String op, long encoded) {
    Tensor self = (Tensor) this;
    return InPlace.write(
        op,
        self,
        false,
        x -> {
          boolean direct = x == self && layout(x).isDense();
          Tensor y = direct ? x : newEmpty(x, x.dtype(), sizes(x));
          Pointwise.fill(y, encoded);
          if (direct) {
            written(x, op);
            return x;
          }
          String node = op.equals("zero_") ? "ZeroBackward0" : "FillBackward2";
          return Recording.of(node, y).input(x, (g, saved) -> g.zerosLike()).result();
        });
  }

  private Tensor unary(String op, UnaryOperator<Tensor> compute) {
    return InPlace.write(op, (Tensor) this, false, compute);
  }

  private Tensor binary(BinaryOp op, String name, Tensor other, UnaryOperator<Tensor> compute) {
    Tensor self = (Tensor) this;
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
