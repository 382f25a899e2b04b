package dev.flambeau.parity;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Losses with all their options; the reduction is libtorch's number: 0 none, 1 mean, 2 sum. */
final class LossCases {
  private final Table table;

  private LossCases(Table table) {
    this.table = table;
  }

  static Table cases(Table table) {
    LossCases c = new LossCases(table);
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      for (long reduction = 0; reduction < 3; reduction++) {
        c.distances(dtype, reduction);
        c.binary(dtype, reduction);
        c.nll(dtype, reduction);
        c.crossEntropy(dtype, reduction);
        c.probabilities(dtype, reduction);
      }
    }
    return c.table;
  }

  private void distances(DType dtype, long reduction) {
    Object[] args = {reduction};
    for (long[][] s :
        new long[][][] {{{5}, {5}}, {{3, 2}, {3, 2}}, {{}, {}}, {{3, 1}, {3, 2}}, {{0}, {0}}}) {
      TableTensor x = table.values.normal(dtype, s[0]).needsGrad();
      TableTensor y = table.values.ties(dtype, s[1]);
      List<TableTensor> in2 = List.of(x.as('t'), s[0].length == 1 ? y : y.needsGrad());
      // Shapes that differ broadcast, as PyTorch's losses do before they call the kernel.
      table.one("mseLoss", args, in2, in -> spread("mse_loss", in, reduction));
      table.one("l1Loss", args, in2, in -> spread("l1_loss", in, reduction));
    }
  }

  private static Tensor spread(String schema, Tensor[] in, long reduction) {
    List<Tensor> same = Aten.all("broadcast_tensors", (Object) in);
    return Aten.call(schema, same.get(0), same.get(1), reduction);
  }

  private void binary(DType dtype, long reduction) {
    Object[] args = {reduction};
    for (long[] shape : new long[][] {{6}, {4, 1}, {2, 3}}) {
      TableTensor p = table.values.uniform(dtype, 0.02, 0.98, shape).needsGrad();
      TableTensor z = table.values.uniform(dtype, -8, 8, shape).needsGrad();
      TableTensor y = table.values.uniform(dtype, 0, 1, shape);
      TableTensor hard = TableTensor.of(dtype, shape, zerosAndOnes(shape));
      for (TableTensor target : List.of(y, hard)) {
        for (TableTensor weight : Arrays.asList(null, table.values.uniform(dtype, 0.2, 2, shape))) {
          List<TableTensor> in3 = Arrays.asList(p, target, weight);
          table.one(
              "bceLoss",
              args,
              in3,
              in -> Aten.call("binary_cross_entropy", in[0], in[1], in[2], reduction));
          TableTensor positive = table.values.uniform(dtype, 0.5, 3, shape[shape.length - 1]);
          for (TableTensor posWeight : Arrays.asList(null, positive)) {
            List<TableTensor> in4 = Arrays.asList(z, target, weight, posWeight);
            table.one(
                "bceWithLogitsLoss",
                args,
                in4,
                in ->
                    Aten.call(
                        "binary_cross_entropy_with_logits", in[0], in[1], in[2], in[3], reduction));
          }
        }
      }
    }
    // Probabilities of exactly 0 and 1 (the logarithm is held at -100), and logits far out.
    TableTensor ends = TableTensor.of(dtype, new long[] {4}, 0, 1, 0, 1).needsGrad();
    TableTensor far =
        TableTensor.of(dtype, new long[] {6}, -200, 200, 0, -100, 100, 1e4).needsGrad();
    List<TableTensor> in3 =
        Arrays.asList(ends, TableTensor.of(dtype, new long[] {4}, 0, 1, 1, 0), null);
    table.one(
        "bceLoss",
        args,
        in3,
        in -> Aten.call("binary_cross_entropy", in[0], in[1], in[2], reduction));
    List<TableTensor> in4 =
        Arrays.asList(far, TableTensor.of(dtype, new long[] {6}, 0, 1, 1, 1, 0, 0), null, null);
    table.one(
        "bceWithLogitsLoss",
        args,
        in4,
        in -> Aten.call("binary_cross_entropy_with_logits", in[0], in[1], in[2], in[3], reduction));
  }

  private static double[] zerosAndOnes(long[] shape) {
    double[] v = new double[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < v.length; i++) {
      v[i] = i % 3 == 0 ? 1 : 0;
    }
    return v;
  }

  /** Input and target shapes of the losses over classes; four classes each. */
  private static final long[][][] SHAPES = {
    {{5, 4}, {5}}, {{4}, {}}, {{2, 4, 3}, {2, 3}}, {{2, 4, 2, 3}, {2, 2, 3}}
  };

  private void nll(DType dtype, long reduction) {
    for (long[][] s : SHAPES) {
      for (TableTensor weight : Arrays.asList(null, table.values.uniform(dtype, 0.3, 2, 4))) {
        for (long ignore : new long[] {-100, 1}) {
          TableTensor x = table.values.uniform(dtype, -4, 0, s[0]).needsGrad();
          List<TableTensor> in3 = Arrays.asList(x, table.values.classes(4, s[1]), weight);
          table.one(
              "nllLoss",
              new Object[] {ignore, reduction},
              in3,
              in -> Aten.call("nll_loss_nd", in[0], in[1], in[2], reduction, ignore));
        }
      }
    }
    TableTensor x = table.values.normal(dtype, 2, 4).needsGrad();
    for (double wrong : new double[] {4, -1}) {
      List<TableTensor> in3 =
          Arrays.asList(x, TableTensor.of(DType.I64, new long[] {2}, 0, wrong), null);
      Object[] args = {-100L, reduction};
      table.maybe(
          "nllLoss",
          args,
          in3,
          in -> Aten.call("nll_loss_nd", in[0], in[1], in[2], reduction, -100));
    }
    List<TableTensor> ignored =
        Arrays.asList(x, TableTensor.of(DType.I64, new long[] {2}, 1, 1), null);
    Object[] args = {1L, reduction};
    table.one(
        "nllLoss",
        args,
        ignored,
        in -> Aten.call("nll_loss_nd", in[0], in[1], in[2], reduction, 1));
  }

  private void crossEntropy(DType dtype, long reduction) {
    for (long[][] s : SHAPES) {
      for (TableTensor weight : Arrays.asList(null, table.values.uniform(dtype, 0.3, 2, 4))) {
        for (double smoothing : new double[] {0, 0.15}) {
          for (long ignore : new long[] {-100, 2}) {
            TableTensor x =
                table.values.normal(dtype, s[0]).as(ignore == 2 ? 't' : 'c').needsGrad();
            crossEntropy(
                Arrays.asList(x, table.values.classes(4, s[1]), weight),
                ignore,
                reduction,
                smoothing);
          }
        }
      }
    }
    TableTensor far =
        TableTensor.of(dtype, new long[] {2, 3}, 1000, -1000, 0, 200, 200, 199).needsGrad();
    crossEntropy(
        Arrays.asList(far, TableTensor.of(DType.I64, new long[] {2}, 1, 2), null),
        -100,
        reduction,
        0);
  }

  private void probabilities(DType dtype, long reduction) {
    for (long[] shape : new long[][] {{5, 4}, {4}, {2, 4, 3}}) {
      for (TableTensor weight : Arrays.asList(null, table.values.uniform(dtype, 0.3, 2, 4))) {
        for (double smoothing : new double[] {0, 0.15}) {
          TableTensor x = table.values.normal(dtype, shape).needsGrad();
          TableTensor y = table.values.uniform(dtype, 0, 1, shape);
          List<TableTensor> in3 = new ArrayList<>(Arrays.asList(x, y, weight));
          crossEntropy(in3, -100, reduction, smoothing);
        }
      }
    }
  }

  private void crossEntropy(List<TableTensor> in3, long ignore, long reduction, double smoothing) {
    table.one(
        "crossEntropy",
        new Object[] {ignore, reduction, smoothing},
        in3,
        in -> Aten.call("cross_entropy_loss", in[0], in[1], in[2], reduction, ignore, smoothing));
  }
}
