package dev.flambeau.rows;

import static dev.flambeau.rows.OpCase.op;
import static dev.flambeau.rows.OpCase.s;
import static dev.flambeau.rows.OpCase.unary;

import dev.flambeau.Tensor;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;

/**
 * Rows of what changes the tensor itself, on a copy, so that the input stays as it was and the
 * gradient goes on to it. Views and versions are {@code InPlaceTest}'s.
 */
final class InPlaceRows {
  private static final String AS_WITHOUT =
      "the form without _ has cases, and InPlaceTest holds this one to it";

  private InPlaceRows() {}

  static List<OpCase> all() {
    return OpCase.join(arithmetic(), functions(), values());
  }

  private static OpCase each(String name, UnaryOperator<Tensor> f, DoubleUnaryOperator like) {
    return op(name, in -> f.apply(in[0].copy()))
        .shapes(s(3, 5))
        .shapes(s())
        .shapes(s(0, 3))
        .like(in -> in[0].each(like));
  }

  private static OpCase pairs(String name, BinaryOperator<Tensor> f, DoubleBinaryOperator like) {
    return op(name, in -> f.apply(in[0].copy(), in[1]))
        .shapes(s(3, 5), s(3, 5))
        .shapes(s(3, 5), s(5))
        .shapes(s(2, 3), s())
        .like(in -> in[0].with(in[1], like));
  }

  private static List<OpCase> arithmetic() {
    return List.of(
        pairs("add_", Tensor::add_, (a, b) -> a + b).integers(),
        each("add_ real", x -> x.add_(1.5), v -> v + 1.5),
        each("add_ whole", x -> x.add_(2), v -> v + 2).integers(),
        pairs("sub_", Tensor::sub_, (a, b) -> a - b).integers(),
        each("sub_ real", x -> x.sub_(0.25), v -> v - 0.25),
        each("sub_ whole", x -> x.sub_(3), v -> v - 3).integers(),
        pairs("mul_", Tensor::mul_, (a, b) -> a * b).integers(),
        each("mul_ real", x -> x.mul_(-1.75), v -> v * -1.75),
        each("mul_ whole", x -> x.mul_(-2), v -> v * -2).integers(),
        pairs("div_", Tensor::div_, (a, b) -> a / b).kinksAt(0).within(2),
        each("div_ real", x -> x.div_(3.0), v -> v / 3),
        each("pow_", x -> x.pow_(2.5), v -> Math.pow(v, 2.5)).in(0.2, 2).within(4),
        pairs("remainder_", Tensor::remainder_, Formulas::remainder)
            .in(0.6, 0.9)
            .onceOnly()
            .within(4),
        each("remainder_ real", x -> x.remainder_(0.7), v -> Formulas.remainder(v, 0.7))
            .kinksAt(-1.4, -0.7, 0, 0.7, 1.4)
            .onceOnly()
            .within(8),
        each("remainder_ whole", x -> x.remainder_(2), v -> Formulas.remainder(v, 2))
            .kinksAt(-2, 0, 2)
            .onceOnly()
            .integers());
  }

  private static List<OpCase> functions() {
    return List.of(
        each("neg_", Tensor::neg_, v -> -v).integers(),
        each("abs_", Tensor::abs_, Math::abs).kinksAt(0).integers(),
        each("sign_", Tensor::sign_, Math::signum)
            .kinksAt(0)
            .onceOnly()
            .integers()
            .noParity(AS_WITHOUT),
        each("square_", Tensor::square_, v -> v * v).integers(),
        each("exp_", Tensor::exp_, Math::exp).within(2),
        each("expm1_", Tensor::expm1_, Math::expm1).within(2).noParity(AS_WITHOUT),
        each("log_", Tensor::log_, Math::log).in(0.1, 3).within(2),
        each("log1p_", Tensor::log1p_, Math::log1p).in(-0.8, 3).within(2).noParity(AS_WITHOUT),
        each("sqrt_", Tensor::sqrt_, Math::sqrt).in(0.1, 3),
        each("rsqrt_", Tensor::rsqrt_, v -> 1 / Math.sqrt(v))
            .in(0.1, 3)
            .within(2)
            .noParity(AS_WITHOUT),
        each("reciprocal_", Tensor::reciprocal_, v -> 1 / v).kinksAt(0),
        each("sin_", Tensor::sin_, Math::sin).within(2),
        each("cos_", Tensor::cos_, Math::cos).within(2),
        each("erf_", Tensor::erf_, Formulas::erf).within(4).noParity(AS_WITHOUT),
        each("floor_", Tensor::floor_, Math::floor).kinksAt(-2, -1, 0, 1, 2).onceOnly(),
        each("ceil_", Tensor::ceil_, Math::ceil).kinksAt(-2, -1, 0, 1, 2).onceOnly(),
        each("round_", Tensor::round_, Math::rint).kinksAt(-1.5, -0.5, 0.5, 1.5).onceOnly(),
        each("tanh_", Tensor::tanh_, Math::tanh).within(2),
        each("sigmoid_", Tensor::sigmoid_, Formulas::sigmoid).within(2),
        each("relu_", Tensor::relu_, v -> Math.max(v, 0)).kinksAt(0).onceOnly().integers(),
        each("leakyRelu_", x -> x.leakyRelu_(0.1), v -> v > 0 ? v : 0.1 * v)
            .kinksAt(0)
            .onceOnly()
            .noParity(AS_WITHOUT),
        each("elu_", x -> x.elu_(1.3), v -> v > 0 ? v : 1.3 * Math.expm1(v))
            .kinksAt(0)
            .within(2)
            .noParity(AS_WITHOUT),
        each("silu_", Tensor::silu_, v -> v * Formulas.sigmoid(v)).within(4).noParity(AS_WITHOUT),
        each("hardsigmoid_", Tensor::hardsigmoid_, v -> Formulas.clamp(v + 3, 0, 6) / 6)
            .kinksAt(-3, 3)
            .onceOnly()
            .within(1)
            .noParity(AS_WITHOUT),
        each("hardswish_", Tensor::hardswish_, v -> v * Formulas.clamp(v + 3, 0, 6) / 6)
            .kinksAt(-3, 3)
            .within(2)
            .noParity(AS_WITHOUT));
  }

  private static List<OpCase> values() {
    return List.of(
        each("clamp_", x -> x.clamp_(-0.5, 0.75), v -> Formulas.clamp(v, -0.5, 0.75))
            .kinksAt(-0.5, 0.75)
            .onceOnly(),
        unary(
                "clamp_ after others",
                x -> x.mul(1).add_(x).mul_(x).exp_().sub_(1.0).clamp_(-5, 5),
                v -> Math.min(Math.exp(2 * v * v) - 1, 5))
            .kinksAt(-0.95, 0.95)
            .within(8),
        each("maskedFill_", x -> x.maskedFill_(x.detach().gt(0), 3), v -> v > 0 ? 3 : v)
            .kinksAt(0)
            .onceOnly()
            .integers(),
        each("fill_", x -> x.fill_(1.5), v -> 1.5).onceOnly(),
        each("fill_ whole", x -> x.fill_(3), v -> 3).onceOnly().integers(),
        each("zero_", Tensor::zero_, v -> 0).onceOnly().integers(),
        pairs("copy_", Tensor::copy_, (a, b) -> b).onceOnly().integers().acrossDevices());
  }
}
