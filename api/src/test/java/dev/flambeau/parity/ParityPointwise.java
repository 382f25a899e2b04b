package dev.flambeau.parity;

import dev.flambeau.Tensor;

/** Calls of the pointwise ops and their in-place forms. */
final class ParityPointwise {
  private ParityPointwise() {}

  static void into(ParityOps ops) {
    unary(ops);
    binary(ops);
    inPlace(ops);
  }

  private static void unary(ParityOps ops) {
    ops.unary("neg", Tensor::neg);
    ops.unary("abs", Tensor::abs);
    ops.unary("sign", Tensor::sign);
    ops.unary("exp", Tensor::exp);
    ops.unary("expm1", Tensor::expm1);
    ops.unary("log", Tensor::log);
    ops.unary("log1p", Tensor::log1p);
    ops.unary("sqrt", Tensor::sqrt);
    ops.unary("rsqrt", Tensor::rsqrt);
    ops.unary("reciprocal", Tensor::reciprocal);
    ops.unary("square", Tensor::square);
    ops.unary("sin", Tensor::sin);
    ops.unary("cos", Tensor::cos);
    ops.unary("tanh", Tensor::tanh);
    ops.unary("sigmoid", Tensor::sigmoid);
    ops.unary("erf", Tensor::erf);
    ops.unary("floor", Tensor::floor);
    ops.unary("ceil", Tensor::ceil);
    ops.unary("round", Tensor::round);
    ops.unary("relu", Tensor::relu);
    ops.unary("silu", Tensor::silu);
    ops.unary("hardsigmoid", Tensor::hardsigmoid);
    ops.unary("hardswish", Tensor::hardswish);
    ops.unary("gelu", Tensor::gelu);
    ops.unary("geluTanh", x -> x.gelu("tanh"));
    ops.unary("isnan", Tensor::isnan);
    ops.unary("isinf", Tensor::isinf);
    ops.unary("isfinite", Tensor::isfinite);
    ops.unary("logicalNot", Tensor::logicalNot);
    ops.one("rdiv", (row, in) -> in[0].rdiv(row.real(0)));
    ops.one("leakyRelu", (row, in) -> in[0].leakyRelu(row.real(0)));
    ops.one("elu", (row, in) -> in[0].elu(row.real(0)));
    ops.one("hardshrink", (row, in) -> in[0].hardshrink(row.real(0)));
    ops.one("softplus", (row, in) -> in[0].softplus(row.real(0), row.real(1)));
  }

  private static void binary(ParityOps ops) {
    ops.binary("add", Tensor::add, Tensor::add, Tensor::add);
    ops.binary("sub", Tensor::sub, Tensor::sub, Tensor::sub);
    ops.binary("mul", Tensor::mul, Tensor::mul, Tensor::mul);
    ops.binary("div", Tensor::div, Tensor::div, Tensor::div);
    ops.binary("pow", Tensor::pow, Tensor::pow, Tensor::pow);
    ops.binary("remainder", Tensor::remainder, Tensor::remainder, Tensor::remainder);
    ops.one(
        "rsub",
        (row, in) -> row.args().get(0) instanceof Long n ? in[0].rsub(n) : in[0].rsub(row.real(0)));
    ops.binary("eq", Tensor::eq, Tensor::eq, Tensor::eq);
    ops.binary("ne", Tensor::ne, Tensor::ne, Tensor::ne);
    ops.binary("lt", Tensor::lt, Tensor::lt, Tensor::lt);
    ops.binary("le", Tensor::le, Tensor::le, Tensor::le);
    ops.binary("gt", Tensor::gt, Tensor::gt, Tensor::gt);
    ops.binary("ge", Tensor::ge, Tensor::ge, Tensor::ge);
    ops.binary("minimum", Tensor::minimum);
    ops.binary("maximum", Tensor::maximum);
    ops.binary("logicalAnd", Tensor::logicalAnd);
    ops.binary("logicalOr", Tensor::logicalOr);
    ops.binary("logicalXor", Tensor::logicalXor);
    ops.one(
        "clamp",
        (row, in) ->
            row.args().get(0) instanceof Long n
                ? in[0].clamp(n, row.whole(1))
                : in[0].clamp(row.real(0), row.real(1)));
    ops.one(
        "clampMin",
        (row, in) ->
            row.args().get(0) instanceof Long n ? in[0].clampMin(n) : in[0].clampMin(row.real(0)));
    ops.one(
        "clampMax",
        (row, in) ->
            row.args().get(0) instanceof Long n ? in[0].clampMax(n) : in[0].clampMax(row.real(0)));
    ops.one("where", (row, in) -> Tensor.where(in[0], in[1], in[2]));
    ops.one("maskedFill", (row, in) -> in[0].maskedFill(in[1], row.real(0)));
    ops.one("to", (row, in) -> in[0].to(ParityTensor.type(row.text(0))));
  }

  private static void inPlace(ParityOps ops) {
    ops.inPlace("neg_", Tensor::neg_);
    ops.inPlace("abs_", Tensor::abs_);
    ops.inPlace("exp_", Tensor::exp_);
    ops.inPlace("log_", Tensor::log_);
    ops.inPlace("sqrt_", Tensor::sqrt_);
    ops.inPlace("tanh_", Tensor::tanh_);
    ops.inPlace("sigmoid_", Tensor::sigmoid_);
    ops.inPlace("relu_", Tensor::relu_);
    ops.inPlace("floor_", Tensor::floor_);
    ops.inPlace("ceil_", Tensor::ceil_);
    ops.inPlace("round_", Tensor::round_);
    ops.inPlace("sin_", Tensor::sin_);
    ops.inPlace("cos_", Tensor::cos_);
    ops.one("maskedFill_", (row, in) -> in[0].copy().maskedFill_(in[1], row.real(0)));
    ops.inPlace("square_", Tensor::square_);
    ops.inPlace("reciprocal_", Tensor::reciprocal_);
    ops.inPlace("zero_", Tensor::zero_);
    ops.binary(
        "add_", (x, y) -> x.copy().add_(y), (x, n) -> x.copy().add_(n), (x, v) -> x.copy().add_(v));
    ops.binary(
        "sub_", (x, y) -> x.copy().sub_(y), (x, n) -> x.copy().sub_(n), (x, v) -> x.copy().sub_(v));
    ops.binary(
        "mul_", (x, y) -> x.copy().mul_(y), (x, n) -> x.copy().mul_(n), (x, v) -> x.copy().mul_(v));
    ops.binary(
        "div_", (x, y) -> x.copy().div_(y), (x, n) -> x.copy().div_(n), (x, v) -> x.copy().div_(v));
    ops.binary(
        "remainder_",
        (x, y) -> x.copy().remainder_(y),
        (x, n) -> x.copy().remainder_(n),
        (x, v) -> x.copy().remainder_(v));
    ops.one("pow_", (row, in) -> in[0].copy().pow_(row.real(0)));
    ops.one("fill_", (row, in) -> in[0].copy().fill_(row.real(0)));
    ops.one("copy_", (row, in) -> in[0].copy().copy_(in[1]));
    ops.one("clamp_", (row, in) -> in[0].copy().clamp_(row.real(0), row.real(1)));
    ops.one(
        "select.mul_",
        (row, in) -> {
          Tensor base = in[0].copy();
          base.select(row.number(0), row.whole(1)).mul_(row.whole(2));
          return base;
        });
    ops.one(
        "view.add_",
        (row, in) -> {
          Tensor base = in[0].copy();
          base.view(base.numel()).add_(in[1]);
          return base;
        });
  }
}
