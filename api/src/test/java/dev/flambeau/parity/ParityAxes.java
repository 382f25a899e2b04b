package dev.flambeau.parity;

import dev.flambeau.MaxMin;
import dev.flambeau.Tensor;
import dev.flambeau.VarMean;
import java.util.List;

/** Calls of reductions, ops along an axis and products of matrices. */
final class ParityAxes {
  private ParityAxes() {}

  static void into(ParityOps ops) {
    reductions(ops);
    alongOneAxis(ops);
    matrices(ops);
  }

  private static void reductions(ParityOps ops) {
    ops.one("sum", (r, in) -> r.has(0) ? in[0].sum(r.ints(0), r.flag(1)) : in[0].sum());
    ops.one("mean", (r, in) -> r.has(0) ? in[0].mean(r.ints(0), r.flag(1)) : in[0].mean());
    ops.one("amax", (r, in) -> in[0].amax(r.ints(0), r.flag(1)));
    ops.one("amin", (r, in) -> in[0].amin(r.ints(0), r.flag(1)));
    ops.one("var", (r, in) -> r.has(0) ? in[0].var(r.ints(0), r.real(1), r.flag(2)) : in[0].var());
    ops.one("std", (r, in) -> r.has(0) ? in[0].std(r.ints(0), r.real(1), r.flag(2)) : in[0].std());
    ops.all(
        "varMean",
        (r, in) -> {
          VarMean y = r.has(0) ? in[0].varMean(r.ints(0), r.real(1), r.flag(2)) : in[0].varMean();
          return List.of(y.var(), y.mean());
        });
    ops.one("any", (r, in) -> r.has(0) ? in[0].any(r.number(0), r.flag(1)) : in[0].any());
    ops.one("all", (r, in) -> r.has(0) ? in[0].all(r.number(0), r.flag(1)) : in[0].all());
    ops.unary("prod", Tensor::prod);
    ops.unary("norm", Tensor::norm);
    ops.unary("max", Tensor::max);
    ops.unary("min", Tensor::min);
    ops.all("maxDim", (r, in) -> both(in[0].max(r.number(0), r.flag(1))));
    ops.all("minDim", (r, in) -> both(in[0].min(r.number(0), r.flag(1))));
    ops.one("argmax", (r, in) -> r.has(0) ? in[0].argmax(r.number(0), r.flag(1)) : in[0].argmax());
    ops.one("argmin", (r, in) -> r.has(0) ? in[0].argmin(r.number(0), r.flag(1)) : in[0].argmin());
  }

  private static List<Tensor> both(MaxMin found) {
    return List.of(found.values(), found.indices());
  }

  private static void alongOneAxis(ParityOps ops) {
    ops.one("logsumexp", (r, in) -> in[0].logsumexp(r.number(0), r.flag(1)));
    ops.one("softmax", (r, in) -> in[0].softmax(r.number(0)));
    ops.one("logSoftmax", (r, in) -> in[0].logSoftmax(r.number(0)));
    ops.one("layerNorm", (r, in) -> in[0].layerNorm(r.longs(0), in[1], in[2], r.real(1)));
  }

  private static void matrices(ParityOps ops) {
    ops.binary("matmul", Tensor::matmul);
    ops.binary("mm", Tensor::mm);
    ops.binary("bmm", Tensor::bmm);
    ops.binary("mv", Tensor::mv);
    ops.binary("dot", Tensor::dot);
    ops.unary("t", Tensor::t);
    ops.unary("mT", Tensor::mT);
    ops.one(
        "addmm",
        (r, in) ->
            r.has(0)
                ? in[0].addmm(in[1], in[2], scale(r, 0), scale(r, 1))
                : in[0].addmm(in[1], in[2]));
    ops.one("linear", (r, in) -> in[2] == null ? in[0].linear(in[1]) : in[0].linear(in[1], in[2]));
  }

  private static double scale(ParityCase row, int i) {
    return ((Number) row.args().get(i)).doubleValue();
  }
}
