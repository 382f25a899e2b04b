package dev.flambeau.rows;

import static dev.flambeau.rows.IndexRows.index;
import static dev.flambeau.rows.OpCase.op;
import static dev.flambeau.rows.OpCase.s;

import dev.flambeau.Reduction;
import dev.flambeau.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.IntStream;

/** Rows of losses, each with every reduction. */
final class LossRows {
  private LossRows() {}

  static List<OpCase> all() {
    List<OpCase> out = new ArrayList<>();
    for (Reduction r : Reduction.values()) {
      pointwise(out, r);
      ofClasses(out, r);
    }
    return out;
  }

  // ---- element by element

  private static double bce(double p, double t) {
    return -(t * Math.log(p) + (1 - t) * Math.log(1 - p));
  }

  private static double bceWithLogits(double x, double t) {
    return (1 - t) * x + Math.log1p(Math.exp(-x));
  }

  private static OpCase.Reference pairs(Reduction r, DoubleBinaryOperator f) {
    return in -> reduced(r, in[0].with(in[1], f), in[0].values().length);
  }

  /** All of it, its sum, or that divided. */
  private static PlainTensor reduced(Reduction r, PlainTensor each, double divisor) {
    return switch (r) {
      case NONE -> each;
      case SUM -> each.reduced(each.dtype(), false, Formulas::sum);
      case MEAN -> each.reduced(each.dtype(), false, line -> Formulas.sum(line) / divisor);
    };
  }

  private static void pointwise(List<OpCase> out, Reduction r) {
    long[][] shapes = {s(3, 5), s(3, 5)};
    out.add(
        op("mseLoss " + r, in -> in[0].mseLoss(in[1], r))
            .like(pairs(r, (x, t) -> (x - t) * (x - t)))
            .shapes(shapes)
            .shapes(s(40), s(40))
            .within(4));
    out.add(
        op("l1Loss " + r, in -> in[0].l1Loss(in[1], r))
            .like(pairs(r, (x, t) -> Math.abs(x - t)))
            .shapes(shapes)
            .onceOnly()
            .within(4));
    out.add(
        op("bceLoss " + r, in -> in[0].bceLoss(in[1], r))
            .like(pairs(r, LossRows::bce))
            .shapes(shapes)
            .in(0.1, 0.9)
            .within(8));
    out.add(
        op("bceLoss weighted " + r, in -> in[0].bceLoss(in[1], in[2], r))
            .like(
                in -> {
                  PlainTensor each = in[0].with(in[1], LossRows::bce).with(in[2], (a, w) -> a * w);
                  return reduced(r, each, in[0].values().length);
                })
            .shapes(s(3, 5), s(3, 5), s(5))
            .in(0.1, 0.9)
            .within(8));
    out.add(
        op("bceWithLogitsLoss " + r, in -> in[0].bceWithLogitsLoss(in[1], r))
            .like(pairs(r, LossRows::bceWithLogits))
            .shapes(shapes)
            .within(8));
    out.add(
        op("bceWithLogitsLoss weighted " + r, in -> in[0].bceWithLogitsLoss(in[1], in[2], in[3], r))
            .like(in -> reduced(r, weighted(in), in[0].values().length))
            .shapes(s(3, 5), s(3, 5), s(3, 1), s(5))
            .within(8));
  }

  /** {@code w ((1 - t) x + (1 + (posWeight - 1) t) ln(1 + e^-x))}. */
  private static PlainTensor weighted(PlainTensor[] in) {
    PlainTensor x = in[0];
    return PlainTensor.of(
        x.dtype(),
        x.sizes(),
        i -> {
          double t = in[1].at(i);
          double positive = 1 + (in[3].at(i) - 1) * t;
          double loss = (1 - t) * x.at(i) + positive * Math.log1p(Math.exp(-x.at(i)));
          return in[2].at(i) * loss;
        });
  }

  // ---- of classes

  /** Classes are dim 1, or the only one; targets lie row by row. */
  private record Classes(int[] targets, double[] weights, int ignored, double smoothing) {
    static Classes of(int... targets) {
      return new Classes(targets, null, -100, 0);
    }

    double weight(int c) {
      return weights == null ? 1 : weights[c];
    }

    /** The loss of log probabilities, and the divisor of its mean. */
    PlainTensor loss(Reduction r, PlainTensor logs) {
      int dim = Math.min(1, logs.dims() - 1);
      int[] rest = IntStream.range(0, logs.dims()).filter(d -> d != dim).map(logs::size).toArray();
      int[] next = {0};
      double[] total = {0};
      PlainTensor each =
          PlainTensor.of(
              logs.dtype(),
              rest,
              at -> {
                int target = targets[next[0]++];
                if (target == ignored) {
                  return 0;
                }
                total[0] += weight(target);
                double even = 0;
                for (int c = 0; c < logs.size(dim); c++) {
                  even -= weight(c) * logs.at(inserted(at, dim, c)) / logs.size(dim);
                }
                double sharp = -weight(target) * logs.at(inserted(at, dim, target));
                return (1 - smoothing) * sharp + smoothing * even;
              });
      return reduced(r, each, total[0]);
    }

    private static int[] inserted(int[] index, int dim, int value) {
      int[] longer = Arrays.copyOf(index, index.length + 1);
      System.arraycopy(index, dim, longer, dim + 1, index.length - dim);
      longer[dim] = value;
      return longer;
    }

    OpCase.Reference nll(Reduction r) {
      return in -> loss(r, in[0]);
    }

    OpCase.Reference crossEntropy(Reduction r) {
      return in -> loss(r, in[0].lines(Math.min(1, in[0].dims() - 1), Formulas::logSoftmax));
    }
  }

  private static void ofClasses(List<OpCase> out, Reduction r) {
    out.add(
        op(
                "nllLoss " + r,
                in -> in[0].nllLoss(index(in[0], new int[] {0, 3, -100, 1}), null, -100, r))
            .like(Classes.of(0, 3, -100, 1).nll(r))
            .shapes(s(4, 5))
            .onceOnly()
            .within(4));
    out.add(
        op(
                "nllLoss weighted " + r,
                in ->
                    in[0].nllLoss(
                        index(in[0], new int[][] {{0, 3}, {2, 1}}), in[1].detach().exp(), -100, r))
            .like(
                in -> {
                  double[] weights = in[1].each(Math::exp).values();
                  return new Classes(new int[] {0, 3, 2, 1}, weights, -100, 0).loss(r, in[0]);
                })
            .shapes(s(2, 5, 2), s(5))
            .constant(1)
            .onceOnly()
            .within(8));
    out.add(
        op("nllLoss one " + r, in -> in[0].nllLoss(index(in[0], 2), null, -100, r))
            .like(Classes.of(2).nll(r))
            .shapes(s(5))
            .onceOnly());
    out.add(
        op(
                "crossEntropy " + r,
                in -> in[0].crossEntropy(index(in[0], new int[] {0, 3, -100, 1}), null, -100, r, 0))
            .like(Classes.of(0, 3, -100, 1).crossEntropy(r))
            .shapes(s(4, 5))
            .within(4));
    out.add(
        op(
                "crossEntropy smoothed " + r,
                in -> in[0].crossEntropy(index(in[0], new int[] {0, 3, 4, 1}), null, 3, r, 0.2))
            .like(new Classes(new int[] {0, 3, 4, 1}, null, 3, 0.2).crossEntropy(r))
            .shapes(s(4, 40))
            .within(8));
    double[] weights = {0.5, 0.875, 1.25, 1.625, 2};
    out.add(
        op(
                "crossEntropy weighted and smoothed " + r,
                in ->
                    in[0].crossEntropy(
                        index(in[0], new int[][] {{0, 3}, {2, -100}}),
                        Tensor.of(in[0].dtype(), weights).to(in[0].device()),
                        -100,
                        r,
                        0.1))
            .like(new Classes(new int[] {0, 3, 2, -100}, weights, -100, 0.1).crossEntropy(r))
            .shapes(s(2, 5, 2))
            .within(8));
    out.add(
        op("crossEntropy one " + r, in -> in[0].crossEntropy(index(in[0], 2), null, -100, r, 0))
            .like(Classes.of(2).crossEntropy(r))
            .shapes(s(5))
            .within(4));
    out.add(
        op(
                "crossEntropy of probabilities " + r,
                in -> in[0].crossEntropy(in[1].softmax(1), null, -100, r, 0.1))
            .like(in -> ofProbabilities(r, in[0], in[1], 0.1))
            .shapes(s(4, 5), s(4, 5))
            .within(8));
  }

  private static PlainTensor ofProbabilities(
      Reduction r, PlainTensor x, PlainTensor scores, double smoothing) {
    PlainTensor logs = x.lines(1, Formulas::logSoftmax);
    PlainTensor each =
        scores
            .lines(1, Formulas::softmax)
            .each(p -> (1 - smoothing) * p + smoothing / x.size(1))
            .with(logs, (p, log) -> -p * log)
            .reduced(x.dtype(), false, Formulas::sum, 1);
    return reduced(r, each, x.size(0));
  }
}
