package dev.flambeau.rows;

import static dev.flambeau.rows.OpCase.binary;
import static dev.flambeau.rows.OpCase.s;
import static dev.flambeau.rows.OpCase.unary;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.DoublePredicate;
import java.util.function.UnaryOperator;

/** Rows of comparisons and logic: what gives bool and has no gradient. */
final class CompareRows {
  private CompareRows() {}

  private interface Relation {
    boolean holds(double a, double b);
  }

  static List<OpCase> all() {
    List<OpCase> all = new ArrayList<>();
    relation(all, "eq", Tensor::eq, x -> x.eq(1.0), x -> x.eq(1), (a, b) -> a == b);
    relation(all, "ne", Tensor::ne, x -> x.ne(1.0), x -> x.ne(1), (a, b) -> a != b);
    relation(all, "lt", Tensor::lt, x -> x.lt(1.0), x -> x.lt(1), (a, b) -> a < b);
    relation(all, "le", Tensor::le, x -> x.le(1.0), x -> x.le(1), (a, b) -> a <= b);
    relation(all, "gt", Tensor::gt, x -> x.gt(1.0), x -> x.gt(1), (a, b) -> a > b);
    relation(all, "ge", Tensor::ge, x -> x.ge(1.0), x -> x.ge(1), (a, b) -> a >= b);
    all.add(pairs("logicalAnd", Tensor::logicalAnd, (a, b) -> a != 0 && b != 0));
    all.add(pairs("logicalOr", Tensor::logicalOr, (a, b) -> a != 0 || b != 0));
    all.add(pairs("logicalXor", Tensor::logicalXor, (a, b) -> a != 0 ^ b != 0));
    all.add(each("logicalNot", Tensor::logicalNot, v -> v == 0));
    all.add(each("isnan", Tensor::isnan, Double::isNaN));
    all.add(each("isinf", Tensor::isinf, Double::isInfinite));
    all.add(each("isfinite", Tensor::isfinite, Double::isFinite));
    return all;
  }

  /** Between tensors, and with the number 1 in both forms. */
  private static void relation(
      List<OpCase> out,
      String name,
      BinaryOperator<Tensor> tensors,
      UnaryOperator<Tensor> real,
      UnaryOperator<Tensor> whole,
      Relation r) {
    out.add(pairs(name, tensors, r));
    out.add(each(name + " real", real, v -> r.holds(v, 1)));
    out.add(each(name + " whole", whole, v -> r.holds(v, 1)).only(s(3, 5)));
  }

  private static OpCase pairs(String name, BinaryOperator<Tensor> f, Relation r) {
    return binary(name, f, (a, b) -> r.holds(a, b) ? 1 : 0)
        .gives(DType.BOOL)
        .noGradient()
        .integers();
  }

  private static OpCase each(String name, UnaryOperator<Tensor> f, DoublePredicate holds) {
    return unary(name, f, v -> holds.test(v) ? 1 : 0).gives(DType.BOOL).noGradient().integers();
  }
}
