package dev.flambeau.rows;

import static dev.flambeau.rows.OpCase.binary;
import static dev.flambeau.rows.OpCase.s;
import static dev.flambeau.rows.OpCase.unary;

import dev.flambeau.Tensor;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;

/** Rows of arithmetic, elementary functions, bounds and choices. */
final class PointwiseRows {
  private static final String ALIAS = "Kotlin's operator for the op with a table";

  private PointwiseRows() {}

  static List<OpCase> all() {
    return OpCase.join(arithmetic(), numbers(), functions(), choices());
  }

  private static List<OpCase> arithmetic() {
    return List.of(
        binary("add", Tensor::add, (a, b) -> a + b).integers(),
        binary("sub", Tensor::sub, (a, b) -> a - b).integers(),
        binary("mul", Tensor::mul, (a, b) -> a * b).integers(),
        binary("div", Tensor::div, (a, b) -> a / b).kinksAt(0).within(2),
        binary("pow", Tensor::pow, Math::pow).in(0.3, 2).within(8),
        binary("remainder", Tensor::remainder, Formulas::remainder)
            .in(0.6, 0.9)
            .onceOnly()
            .within(4),
        binary("minimum", Tensor::minimum, Math::min).onceOnly().integers(),
        binary("maximum", Tensor::maximum, Math::max).onceOnly().integers(),
        binary("plus", Tensor::plus, (a, b) -> a + b).only(s(3), s(3)).noParity(ALIAS),
        binary("minus", Tensor::minus, (a, b) -> a - b).only(s(3), s(3)).noParity(ALIAS),
        binary("times", Tensor::times, (a, b) -> a * b).only(s(3), s(3)).noParity(ALIAS),
        number("unaryMinus", Tensor::unaryMinus, v -> -v).noParity(ALIAS));
  }

  /** One more form of an op: its loops are tried elsewhere, so one shape does. */
  private static OpCase number(String name, UnaryOperator<Tensor> f, DoubleUnaryOperator like) {
    return unary(name, f, like).only(s(3, 5));
  }

  private static List<OpCase> numbers() {
    return List.of(
        unary("add real", x -> x.add(1.5), v -> v + 1.5),
        unary("add whole", x -> x.add(2), v -> v + 2).integers(),
        unary("sub real", x -> x.sub(0.25), v -> v - 0.25),
        number("sub whole", x -> x.sub(3), v -> v - 3).integers(),
        number("rsub real", x -> x.rsub(0.25), v -> 0.25 - v),
        unary("rsub whole", x -> x.rsub(1), v -> 1 - v).integers(),
        unary("mul real", x -> x.mul(-1.75), v -> v * -1.75),
        number("mul whole", x -> x.mul(-2), v -> v * -2).integers(),
        unary("div real", x -> x.div(3.0), v -> v / 3),
        number("div whole", x -> x.div(3), v -> v / 3),
        unary("rdiv", x -> x.rdiv(2), v -> 2 / v).kinksAt(0).within(4),
        unary("remainder real", x -> x.remainder(0.7), v -> Formulas.remainder(v, 0.7))
            .kinksAt(-1.4, -0.7, 0, 0.7, 1.4)
            .onceOnly()
            .within(8),
        number("remainder whole", x -> x.remainder(2), v -> Formulas.remainder(v, 2))
            .kinksAt(-2, 0, 2)
            .onceOnly()
            .integers(),
        unary("pow real", x -> x.pow(2.5), v -> Math.pow(v, 2.5)).in(0.2, 2).within(4),
        unary("pow 3", x -> x.pow(3), v -> v * v * v).integers().within(4),
        unary("pow 2", x -> x.pow(2), v -> v * v).integers(),
        unary("pow 0", x -> x.pow(0), v -> 1).onceOnly());
  }

  private static List<OpCase> functions() {
    return List.of(
        unary("neg", Tensor::neg, v -> -v).integers(),
        unary("abs", Tensor::abs, Math::abs).kinksAt(0).integers(),
        unary("sign", Tensor::sign, Math::signum).kinksAt(0).onceOnly().integers(),
        unary("square", Tensor::square, v -> v * v).integers(),
        unary("exp", Tensor::exp, Math::exp).within(2),
        unary("expm1", Tensor::expm1, Math::expm1).within(2),
        unary("log", Tensor::log, Math::log).in(0.1, 3).within(2),
        unary("log1p", Tensor::log1p, Math::log1p).in(-0.8, 3).within(2),
        unary("sqrt", Tensor::sqrt, Math::sqrt).in(0.1, 3),
        unary("rsqrt", Tensor::rsqrt, v -> 1 / Math.sqrt(v)).in(0.1, 3).within(2),
        unary("reciprocal", Tensor::reciprocal, v -> 1 / v).kinksAt(0),
        unary("sin", Tensor::sin, Math::sin).within(2),
        unary("cos", Tensor::cos, Math::cos).within(2),
        unary("erf", Tensor::erf, Formulas::erf).within(4),
        unary("floor", Tensor::floor, Math::floor).kinksAt(-2, -1, 0, 1, 2).onceOnly(),
        unary("ceil", Tensor::ceil, Math::ceil).kinksAt(-2, -1, 0, 1, 2).onceOnly(),
        unary("round", Tensor::round, Math::rint).kinksAt(-1.5, -0.5, 0.5, 1.5).onceOnly());
  }

  private static List<OpCase> choices() {
    return List.of(
        unary("clamp", x -> x.clamp(-0.5, 0.75), v -> Formulas.clamp(v, -0.5, 0.75))
            .kinksAt(-0.5, 0.75)
            .onceOnly(),
        number("clamp whole", x -> x.clamp(0, 2), v -> Formulas.clamp(v, 0, 2))
            .kinksAt(0)
            .onceOnly()
            .integers(),
        unary("clampMin", x -> x.clampMin(0.1), v -> Math.max(v, 0.1)).kinksAt(0.1).onceOnly(),
        number("clampMin whole", x -> x.clampMin(1), v -> Math.max(v, 1))
            .kinksAt(1)
            .onceOnly()
            .integers(),
        unary("clampMax", x -> x.clampMax(0.1), v -> Math.min(v, 0.1)).kinksAt(0.1).onceOnly(),
        number("clampMax whole", x -> x.clampMax(1), v -> Math.min(v, 1))
            .kinksAt(1)
            .onceOnly()
            .integers(),
        unary("maskedFill", x -> x.maskedFill(x.detach().gt(0), 3), v -> v > 0 ? 3 : v)
            .kinksAt(0)
            .onceOnly()
            .integers(),
        binary(
                "where",
                (a, b) -> Tensor.where(a.detach().gt(b.detach()), a, b),
                (a, b) -> a > b ? a : b)
            .onceOnly()
            .integers(),
        binary(
                "where of this",
                (a, b) -> a.where(a.detach().lt(b.detach()), b),
                (a, b) -> a < b ? a : b)
            .only(s(3, 5), s(5))
            .onceOnly()
            .integers(),
        unary("to float64 and back", x -> x.toDouble().to(x.dtype()), v -> v).onceOnly());
  }
}
