package dev.flambeau.rows;

import static dev.flambeau.rows.OpCase.s;
import static dev.flambeau.rows.OpCase.unary;

import dev.flambeau.Tensor;
import java.util.List;

/** Rows of activations. */
final class ActivationRows {
  private ActivationRows() {}

  static List<OpCase> all() {
    return List.of(
        unary("relu", Tensor::relu, v -> Math.max(v, 0)).kinksAt(0).onceOnly().integers(),
        unary("leakyRelu", x -> x.leakyRelu(0.1), v -> v > 0 ? v : 0.1 * v).kinksAt(0).onceOnly(),
        unary("elu", x -> x.elu(1.3), v -> v > 0 ? v : 1.3 * Math.expm1(v)).kinksAt(0).within(2),
        unary("elu 1", Tensor::elu, v -> v > 0 ? v : Math.expm1(v))
            .only(s(3, 5))
            .kinksAt(0)
            .within(2),
        unary("gelu", Tensor::gelu, Formulas::gelu).within(8),
        unary("gelu tanh", x -> x.gelu("tanh"), Formulas::geluTanh).within(8).parity("geluTanh"),
        unary("silu", Tensor::silu, v -> v * Formulas.sigmoid(v)).within(4),
        unary("hardsigmoid", Tensor::hardsigmoid, v -> Formulas.clamp(v + 3, 0, 6) / 6)
            .kinksAt(-3, 3)
            .onceOnly()
            .within(1),
        unary("hardswish", Tensor::hardswish, v -> v * Formulas.clamp(v + 3, 0, 6) / 6)
            .kinksAt(-3, 3)
            .within(2),
        unary("hardshrink", x -> x.hardshrink(0.8), v -> v < -0.8 || v > 0.8 ? v : 0)
            .kinksAt(-0.8, 0.8)
            .onceOnly(),
        unary("hardshrink 0.5", Tensor::hardshrink, v -> v < -0.5 || v > 0.5 ? v : 0)
            .only(s(3, 5))
            .kinksAt(-0.5, 0.5)
            .onceOnly(),
        unary("softplus", Tensor::softplus, v -> Formulas.softplus(v, 1, 20)).within(4),
        unary("softplus 2", x -> x.softplus(2, 3), v -> Formulas.softplus(v, 2, 3))
            .kinksAt(1.5)
            .within(4),
        unary("tanh", Tensor::tanh, Math::tanh).within(2),
        unary("sigmoid", Tensor::sigmoid, Formulas::sigmoid).within(2));
  }
}
