package dev.flambeau.rows;

import static dev.flambeau.rows.AxisRows.axis;
import static dev.flambeau.rows.AxisRows.lines;
import static dev.flambeau.rows.OpCase.op;
import static dev.flambeau.rows.OpCase.s;

import java.util.List;

/** Rows of softmax, log-softmax and layer normalization. */
final class NormalizeRows {
  private NormalizeRows() {}

  static List<OpCase> all() {
    return List.of(
        axis("logsumexp", x -> x.logsumexp(1)).like(lines(Formulas::logSumExp, false, 1)).within(4),
        axis("logsumexp keepdim", x -> x.logsumexp(0, true))
            .like(lines(Formulas::logSumExp, true, 0))
            .within(4),
        axis("softmax", x -> x.softmax(-1))
            .like(in -> in[0].lines(-1, Formulas::softmax))
            .shapes(s(6))
            .shapes(s())
            .within(4),
        axis("softmax 0", x -> x.softmax(0))
            .like(in -> in[0].lines(0, Formulas::softmax))
            .shapes(s(0, 3))
            .within(4),
        axis("logSoftmax", x -> x.logSoftmax(1))
            .like(in -> in[0].lines(1, Formulas::logSoftmax))
            .within(4),
        axis("logSoftmax 0", x -> x.logSoftmax(0))
            .like(in -> in[0].lines(0, Formulas::logSoftmax))
            .within(4),
        op("layerNorm", in -> in[0].layerNorm(new long[] {5}, in[1], in[2], 1e-5))
            .like(in -> layerNorm(in[0], in[1], in[2]))
            .shapes(s(3, 5), s(5), s(5))
            .shapes(s(2, 3, 5), s(5), s(5))
            .within(32),
        op("layerNorm two dims", in -> in[0].layerNorm(new long[] {3, 4}, in[1], in[2], 1e-5))
            .like(in -> layerNorm(in[0], in[1], in[2]))
            .shapes(s(2, 3, 4), s(3, 4), s(3, 4))
            .within(32),
        op("layerNorm plain", in -> in[0].layerNorm(new long[] {7}, null, null, 1e-5))
            .like(in -> normalized(in[0], -1))
            .shapes(s(4, 7))
            .within(32));
  }

  /** Over the dims that the weight has. */
  private static PlainTensor layerNorm(PlainTensor x, PlainTensor weight, PlainTensor bias) {
    int[] dims = {-1, -2};
    PlainTensor y = normalized(x, java.util.Arrays.copyOf(dims, weight.dims()));
    return y.with(weight, (a, b) -> a * b).with(bias, (a, b) -> a + b);
  }

  private static PlainTensor normalized(PlainTensor x, int... dims) {
    PlainTensor mean = x.reduced(x.dtype(), true, Formulas::mean, dims);
    PlainTensor spread = x.reduced(x.dtype(), true, line -> Formulas.variance(line, 0), dims);
    return x.with(mean, (a, b) -> a - b).with(spread, (a, v) -> a / Math.sqrt(v + 1e-5));
  }
}
