package dev.flambeau.parity;

import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Random tensors, initialisers and dropout, each after {@code manualSeed(seed)}: the first
 * argument.
 */
final class RandomCases {
  private static final long[] SEEDS = {0, 42, -1, (1L << 40) + 7};
  private final Table table;

  private RandomCases(Table table) {
    this.table = table;
  }

  static Table cases() {
    RandomCases c = new RandomCases(new Table("random", 108));
    for (long seed : SEEDS) {
      c.factories(seed);
      c.fillers(seed);
      c.initialisers(seed);
      c.dropout(seed);
    }
    RandomCases later = new RandomCases(c.table.joined(128, DType.I8, DType.I16));
    for (long seed : SEEDS) {
      later.ofEachType(seed);
    }
    return c.table;
  }

  private void drawn(String op, Object[] args, Supplier<Tensor> f) {
    table.one(
        op,
        args,
        List.of(),
        in -> {
          torch.manual_seed((Long) args[0]);
          return f.get();
        });
  }

  private static Tensor empty(DType dtype, long... shape) {
    return Aten.call("zeros", shape, dtype, null, null, null);
  }

  private void factories(long seed) {
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      for (long n : new long[] {0, 1, 3, 15, 16, 17, 31, 32, 50, 100}) {
        long[] shape = {n};
        Object[] args = {seed, dtype.code, shape};
        drawn("rand", args, () -> Aten.call("rand", shape, dtype, null, null, null));
        drawn("randn", args, () -> Aten.call("randn", shape, dtype, null, null, null));
      }
      for (long[] shape : new long[][] {{3, 5}, {4, 4, 2}, {}}) {
        Object[] args = {seed, dtype.code, shape};
        drawn("rand", args, () -> Aten.call("rand", shape, dtype, null, null, null));
        drawn("randn", args, () -> Aten.call("randn", shape, dtype, null, null, null));
      }
      // The second of a pair of normals waits in the generator for the next call, whatever comes
      // between.
      drawn(
          "randnCarry",
          new Object[] {seed, dtype.code},
          () -> {
            Tensor a = Aten.call("randn", new long[] {3}, dtype, null, null, null);
            Tensor b = Aten.call("randn", new long[] {20}, dtype, null, null, null);
            Tensor c = Aten.call("randn", new long[] {2}, dtype, null, null, null);
            return Aten.call("cat", new Tensor[] {a, b, c}, 0);
          });
    }
    for (long[] a :
        new long[][] {{0, 10, 20}, {-5, 100, 7}, {0, 2, 33}, {3, 1L << 33, 9}, {0, 1L << 40, 4}}) {
      long[] shape = {a[2]};
      drawn(
          "randint",
          new Object[] {seed, a[0], a[1], shape},
          () -> Aten.call("randint.low", a[0], a[1], shape, DType.I64, null, null, null));
    }
    for (long n : new long[] {0, 1, 2, 10, 65}) {
      drawn(
          "randperm",
          new Object[] {seed, n},
          () -> Aten.call("randperm", n, DType.I64, null, null, null));
    }
  }

  private void fillers(long seed) {
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      for (long n : new long[] {5, 16, 37}) {
        long[] shape = {n};
        for (double[] p : new double[][] {{-1, 1}, {0.1, 0.7}, {-1e3, 5}}) {
          drawn(
              "uniform_",
              new Object[] {seed, dtype.code, shape, p[0], p[1]},
              () -> Aten.call("uniform_", empty(dtype, shape), p[0], p[1], null));
        }
        for (double[] p : new double[][] {{0, 1}, {2.5, 0.1}, {-1, 3}}) {
          drawn(
              "normal_",
              new Object[] {seed, dtype.code, shape, p[0], p[1]},
              () -> Aten.call("normal_", empty(dtype, shape), p[0], p[1], null));
        }
      }
    }
    ofEachType(seed);
    // A transposed tensor is filled in the order of its memory or of its elements: the table tells
    // which.
    for (long n : new long[] {3, 6}) {
      drawn(
          "normalTransposed",
          new Object[] {seed, n},
          () -> Aten.call("normal_", Aten.call("t", empty(DType.F32, n, n)), 0.0, 1.0, null));
      drawn(
          "uniformTransposed",
          new Object[] {seed, n},
          () -> Aten.call("uniform_", Aten.call("t", empty(DType.F32, n, n)), 0.0, 1.0, null));
    }
  }

  private void ofEachType(long seed) {
    for (DType dtype : table.dtypes) {
      for (double p : new double[] {0, 0.3, 0.5, 1}) {
        long[] shape = {21};
        drawn(
            "bernoulli_",
            new Object[] {seed, dtype.code, shape, p},
            () -> Aten.call("bernoulli_.float", empty(dtype, shape), p, null));
      }
      long[] shape = {9};
      if (dtype != DType.B1) {
        drawn(
            "random_",
            new Object[] {seed, dtype.code, shape, 2L, 90L},
            () -> Aten.call("random_.from", empty(dtype, shape), 2, 90L, null));
      }
      drawn(
          "random_",
          new Object[] {seed, dtype.code, shape},
          () -> Aten.call("random_", empty(dtype, shape), (Object) null));
    }
  }

  /**
   * The formulas are torch.nn.init's: the bounds are worked out here, in double, and libtorch
   * draws.
   */
  private void initialisers(long seed) {
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      for (long[] shape : new long[][] {{3, 5}, {8, 4}, {2, 3, 2, 2}}) {
        long field = 1;
        for (int i = 2; i < shape.length; i++) {
          field *= shape[i];
        }
        double in = shape[1] * field;
        double out = shape[0] * field;
        for (double gain : new double[] {1, 5.0 / 3}) {
          Object[] args = {seed, dtype.code, shape, gain};
          double std = gain * Math.sqrt(2.0 / (in + out));
          uniform("xavierUniform_", args, dtype, shape, Math.sqrt(3.0) * std);
          normal("xavierNormal_", args, dtype, shape, std);
        }
        for (Object[] k :
            new Object[][] {
              {0.0, "fan_in", "leaky_relu", Math.sqrt(2)},
              {0.2, "fan_out", "leaky_relu", Math.sqrt(2 / (1 + 0.2 * 0.2))},
              {
                Math.sqrt(5), "fan_in", "leaky_relu", Math.sqrt(2 / (1 + Math.pow(Math.sqrt(5), 2)))
              },
              {0.0, "fan_out", "relu", Math.sqrt(2)},
              {0.0, "fan_in", "tanh", 5.0 / 3},
              {0.0, "fan_in", "linear", 1.0},
              {0.0, "fan_in", "sigmoid", 1.0},
              {0.0, "fan_in", "selu", 0.75}
            }) {
          Object[] args = {seed, dtype.code, shape, k[0], k[1], k[2]};
          double fan = k[1].equals("fan_in") ? in : out;
          double std = (Double) k[3] / Math.sqrt(fan);
          uniform("kaimingUniform_", args, dtype, shape, Math.sqrt(3.0) * std);
          normal("kaimingNormal_", args, dtype, shape, std);
        }
      }
    }
    for (long[] s : new long[][] {{3, 2}, {6, 4}, {16, 8}}) {
      drawn(
          "linearInit",
          new Object[] {seed, s[0], s[1]},
          () -> {
            LinearImpl linear = new LinearImpl(s[0], s[1]);
            Tensor weight =
                Aten.call("flatten.using_ints", Aten.call("detach", linear.weight()), 0, -1);
            return Aten.call("cat", new Tensor[] {weight, Aten.call("detach", linear.bias())}, 0);
          });
    }
  }

  private void uniform(String op, Object[] args, DType dtype, long[] shape, double bound) {
    drawn(op, args, () -> Aten.call("uniform_", empty(dtype, shape), -bound, bound, null));
  }

  private void normal(String op, Object[] args, DType dtype, long[] shape, double std) {
    drawn(op, args, () -> Aten.call("normal_", empty(dtype, shape), 0.0, std, null));
  }

  private void dropout(long seed) {
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      table.one(
          "bernoulliEach",
          new Object[] {seed},
          List.of(table.values.uniform(dtype, 0, 1, 4, 5)),
          in -> {
            torch.manual_seed(seed);
            return Aten.call("bernoulli", in[0], (Object) null);
          });
      for (double p : new double[] {0, 0.2, 0.5, 1}) {
        for (boolean training : new boolean[] {true, false}) {
          table.one(
              "dropout",
              new Object[] {seed, p, training},
              List.of(table.values.normal(dtype, 3, 7).needsGrad()),
              in -> {
                torch.manual_seed(seed);
                return Aten.call("dropout", in[0], p, training);
              });
        }
      }
    }
  }
}
