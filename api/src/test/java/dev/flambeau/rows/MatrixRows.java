package dev.flambeau.rows;

import static dev.flambeau.rows.OpCase.op;
import static dev.flambeau.rows.OpCase.s;

import dev.flambeau.Activation;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** Rows of products of vectors and matrices. */
final class MatrixRows {
  private MatrixRows() {}

  static List<OpCase> all() {
    return OpCase.join(products(), affine(), transposes());
  }

  private static OpCase product(String name, OpCase.Fn fn) {
    return op(name, fn).like(in -> Formulas.matmul(in[0], in[1])).integers().within(8);
  }

  private static List<OpCase> products() {
    return List.of(
        product("matmul", in -> in[0].matmul(in[1]))
            .shapes(s(4), s(4))
            .shapes(s(3, 4), s(4))
            .shapes(s(4), s(4, 5))
            .shapes(s(3, 4), s(4, 5))
            .shapes(s(2, 3, 4), s(4))
            .shapes(s(2, 3, 4), s(4, 5))
            .shapes(s(4), s(2, 4, 5))
            .shapes(s(3, 4), s(2, 4, 5))
            .shapes(s(2, 3, 4), s(2, 4, 5))
            .shapes(s(2, 1, 3, 4), s(5, 4, 2))
            .shapes(s(0, 4), s(4, 5))
            .shapes(s(3, 0), s(0, 5))
            .shapes(s(17, 33), s(33, 9)),
        product("mm", in -> in[0].mm(in[1])).shapes(s(3, 4), s(4, 5)).shapes(s(1, 1), s(1, 1)),
        product("mm transposed", in -> in[0].t().mm(in[1].t()))
            .like(in -> Formulas.matmul(Formulas.transposed(in[0]), Formulas.transposed(in[1])))
            .shapes(s(4, 3), s(5, 4)),
        product("mv", in -> in[0].mv(in[1])).shapes(s(3, 4), s(4)),
        product("dot", in -> in[0].dot(in[1])).shapes(s(9), s(9)).shapes(s(0), s(0)),
        product("bmm", in -> in[0].bmm(in[1]))
            .shapes(s(2, 3, 4), s(2, 4, 5))
            .shapes(s(0, 3, 4), s(0, 4, 5)));
  }

  /** {@code last(x W^T + b)}. */
  private static OpCase.Reference linear(DoubleUnaryOperator last) {
    return in ->
        Formulas.matmul(in[0], Formulas.transposed(in[1])).with(in[2], (a, b) -> a + b).each(last);
  }

  private static List<OpCase> affine() {
    return List.of(
        op("addmm", in -> in[0].addmm(in[1], in[2]))
            .like(in -> Formulas.matmul(in[1], in[2]).with(in[0], (a, b) -> a + b))
            .shapes(s(5), s(3, 4), s(4, 5))
            .shapes(s(3, 5), s(3, 4), s(4, 5))
            .shapes(s(), s(3, 4), s(4, 5))
            .within(8),
        op("addmm scaled", in -> in[0].addmm(in[1], in[2], 0.5, -2))
            .like(in -> Formulas.matmul(in[1], in[2]).with(in[0], (a, b) -> 0.5 * b - 2 * a))
            .shapes(s(3, 1), s(3, 4), s(4, 5))
            .within(8),
        op("linear", in -> in[0].linear(in[1], in[2]))
            .like(linear(v -> v))
            .shapes(s(3, 4), s(5, 4), s(5))
            .shapes(s(4), s(5, 4), s(5))
            .shapes(s(2, 3, 4), s(5, 4), s(5))
            .shapes(s(0, 4), s(5, 4), s(5))
            .within(8),
        op("linear relu", in -> in[0].linear(in[1], in[2], Activation.RELU))
            .like(linear(v -> Math.max(v, 0)))
            .shapes(s(3, 4), s(5, 4), s(5))
            .shapes(s(2, 3, 4), s(5, 4), s(5))
            .shapes(s(0, 4), s(5, 4), s(5))
            .within(8),
        op("linear gelu", in -> in[0].linear(in[1], in[2], Activation.GELU_TANH))
            .like(linear(Formulas::geluTanh))
            .shapes(s(3, 4), s(5, 4), s(5))
            .shapes(s(2, 3, 4), s(5, 4), s(5))
            .within(16),
        op("linear without bias", in -> in[0].linear(in[1]))
            .like(in -> Formulas.matmul(in[0], Formulas.transposed(in[1])))
            .shapes(s(3, 4), s(5, 4))
            .shapes(s(2, 3, 4), s(5, 4))
            .within(8));
  }

  private static List<OpCase> transposes() {
    return List.of(
        op("t", in -> in[0].t())
            .like(in -> in[0].dims() < 2 ? in[0] : Formulas.transposed(in[0]))
            .shapes(s(3, 4))
            .shapes(s(3))
            .shapes(s())
            .integers()
            .onceOnly(),
        op("mT", in -> in[0].mT())
            .like(in -> Formulas.transposed(in[0]))
            .shapes(s(2, 3, 4))
            .integers()
            .onceOnly());
  }
}
