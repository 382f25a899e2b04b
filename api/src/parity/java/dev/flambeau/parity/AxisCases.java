package dev.flambeau.parity;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/** Reductions and the ops along one axis. */
final class AxisCases {
  private static final Object[] NONE = {};
  private static final long[][] DIMS = {{0}, {1}, {-1}, {0, 2}, {0, 1, 2}};
  private final Table table;

  private AxisCases(Table table) {
    this.table = table;
  }

  static Table cases(Table table) {
    AxisCases c = new AxisCases(table);
    c.sums();
    c.sumsOfFloats();
    c.spread();
    c.extremes();
    c.extremesOfNaN();
    c.truth();
    c.alongOneAxis();
    c.layerNorm();
    new AxisCases(table.joined(111)).varMean();
    AxisCases later = new AxisCases(table.joined(123, DType.I8, DType.I16));
    later.sums();
    later.extremes();
    later.truth();
    return c.table;
  }

  private TableTensor given(DType dtype, char layout, long... shape) {
    TableTensor x = table.values.normal(dtype, shape).as(layout);
    return dtype.floating() ? x.needsGrad() : x;
  }

  private void all(String op, String schema, TableTensor x) {
    table.maybe(op, NONE, List.of(x), in -> Aten.call(schema, in[0]));
  }

  private void sums() {
    for (DType dtype : table.dtypes) {
      all("sum", "sum", given(dtype, 'c', 2, 3, 4));
      all("sum", "sum", given(dtype, 'c'));
      all("sum", "sum", given(dtype, 'c', 0, 3));
      all("mean", "mean", given(dtype, 't', 3, 4));
      all("mean", "mean", given(dtype, 'c', 0, 3));
      all("prod", "prod", given(dtype, 's', 2, 3));
      all("prod", "prod", given(dtype, 'c', 0));
      for (int i = 0; i < DIMS.length; i++) {
        long[] dims = DIMS[i];
        for (boolean keep : new boolean[] {false, true}) {
          Object[] args = {dims, keep};
          List<TableTensor> x = List.of(given(dtype, "cts".charAt(i % 3), 2, 3, 4));
          table.maybe("sum", args, x, in -> Aten.call("sum.dim_IntList", in[0], dims, keep));
          if (dtype.floating()) {
            table.one("mean", args, x, in -> Aten.call("mean.dim", in[0], dims, keep));
          }
          table.maybe("amax", args, x, in -> Aten.call("amax", in[0], dims, keep));
          table.maybe("amin", args, x, in -> Aten.call("amin", in[0], dims, keep));
        }
      }
      long[] first = {0};
      List<TableTensor> none = List.of(given(dtype, 'c', 0, 3));
      table.maybe(
          "sum",
          new Object[] {first, false},
          none,
          in -> Aten.call("sum.dim_IntList", in[0], first, false));
      table.maybe(
          "mean",
          new Object[] {first, false},
          none,
          in -> Aten.call("mean.dim", in[0], first, false));
      table.maybe(
          "amax", new Object[] {first, false}, none, in -> Aten.call("amax", in[0], first, false));
      List<TableTensor> ties = List.of(withTies(dtype, 3, 4));
      table.maybe(
          "amax", new Object[] {first, false}, ties, in -> Aten.call("amax", in[0], first, false));
      table.maybe(
          "amin", new Object[] {first, true}, ties, in -> Aten.call("amin", in[0], first, true));
    }
  }

  private void sumsOfFloats() {
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      // Zeros decide the gradient of a product.
      for (double[] v : new double[][] {{2, 0, 3, -1}, {0, 2, 0, 1}, {-2, 3, 0.5, 4}}) {
        all("prod", "prod", TableTensor.of(dtype, new long[] {4}, v).needsGrad());
      }
      all("norm", "linalg_vector_norm", given(dtype, 'c', 3, 4));
      all("norm", "linalg_vector_norm", given(dtype, 't', 2, 3));
      all("norm", "linalg_vector_norm", TableTensor.of(dtype, new long[] {3}, 0, 0, 0).needsGrad());
      all("sum", "sum", TableTensor.of(dtype, new long[] {3}, 1, Double.NaN, 2).needsGrad());
      all(
          "sum",
          "sum",
          TableTensor.of(dtype, new long[] {3}, 1, Double.POSITIVE_INFINITY, 2).needsGrad());
      all("sum", "sum", table.values.uniform(dtype, -1, 1, 1000));
      all("mean", "mean", table.values.uniform(dtype, 0, 1, 1000));
    }
  }

  private TableTensor withTies(DType dtype, long... shape) {
    TableTensor x = table.values.ties(dtype, shape);
    return dtype.floating() ? x.needsGrad() : x;
  }

  private void spread() {
    for (DType dtype : new DType[] {DType.F32, DType.F64, DType.I64}) {
      for (String op : new String[] {"var", "std"}) {
        List<TableTensor> whole = List.of(given(dtype, 'c', 3, 4));
        table.maybe(op, NONE, whole, in -> Aten.call(op, in[0], true));
        for (long[] dims : new long[][] {{0}, {-1}, {0, 2}, {0, 1, 2}}) {
          for (long correction : new long[] {1, 0, 2}) {
            boolean keep = correction == 0;
            List<TableTensor> x = List.of(given(dtype, 't', 3, 3, 4));
            table.maybe(
                op,
                new Object[] {dims, (double) correction, keep},
                x,
                in -> Aten.call(op + ".correction", in[0], dims, correction, keep));
          }
        }
        long[] one = {1};
        List<TableTensor> single = List.of(given(dtype, 'c', 3, 1));
        table.maybe(
            op,
            new Object[] {one, 0.0, false},
            single,
            in -> Aten.call(op + ".correction", in[0], one, 0, false));
        table.maybe(
            op,
            new Object[] {one, 1.0, false},
            List.of(
                new TableTensor(dtype, single.get(0).shape(), 'c', false, single.get(0).bytes())),
            in -> Aten.call(op + ".correction", in[0], one, 1, false));
      }
    }
  }

  private void extremes() {
    for (DType dtype : table.dtypes) {
      for (String op : new String[] {"max", "min"}) {
        all(op, op, given(dtype, 't', 3, 4));
        all(op, op, withTies(dtype, 3, 4));
        all(op, op, given(dtype, 'c', 0));
        for (long[] shape : new long[][] {{3, 4}, {2, 3, 4}, {5}}) {
          for (long dim = -1; dim < shape.length - 1; dim++) {
            for (boolean keep : new boolean[] {false, true}) {
              Object[] args = {dim, keep};
              long d = dim;
              TableTensor x = keep ? withTies(dtype, shape) : given(dtype, 's', shape);
              table.all(op + "Dim", args, List.of(x), in -> Aten.all(op + ".dim", in[0], d, keep));
              String arg = "arg" + op;
              TableTensor plain = new TableTensor(dtype, x.shape(), x.layout(), false, x.bytes());
              if (dtype != DType.B1) {
                table.one(arg, args, List.of(plain), in -> Aten.call(arg, in[0], d, keep));
              }
            }
          }
        }
        TableTensor flat = withTies(dtype, 3, 4);
        TableTensor plain = new TableTensor(dtype, flat.shape(), 't', false, flat.bytes());
        table.maybe("arg" + op, NONE, List.of(plain), in -> Aten.call("arg" + op, in[0]));
      }
    }
  }

  private void extremesOfNaN() {
    double nan = Double.NaN;
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      TableTensor x = TableTensor.of(dtype, new long[] {3, 3}, 1, nan, 2, nan, nan, 0, 5, 5, -1);
      for (String op : new String[] {"max", "min"}) {
        all(op, op, x.needsGrad());
        table.all(
            op + "Dim",
            new Object[] {1L, false},
            List.of(x.needsGrad()),
            in -> Aten.all(op + ".dim", in[0], 1, false));
        table.one(
            "arg" + op,
            new Object[] {1L, false},
            List.of(x),
            in -> Aten.call("arg" + op, in[0], 1, false));
        table.one("arg" + op, NONE, List.of(x), in -> Aten.call("arg" + op, in[0]));
        long[] last = {1};
        table.one(
            "a" + op,
            new Object[] {last, false},
            List.of(x.needsGrad()),
            in -> Aten.call("a" + op, in[0], last, false));
      }
    }
  }

  private void truth() {
    for (DType dtype : table.dtypes) {
      for (String op : new String[] {"any", "all"}) {
        for (TableTensor x :
            List.of(
                table.values.ties(dtype, 2, 3),
                table.values.normal(DType.B1, 3, 2),
                table.values.normal(dtype, 0, 2))) {
          table.one(op, NONE, List.of(x), in -> Aten.call(op, in[0]));
          for (boolean keep : new boolean[] {false, true}) {
            for (long dim : new long[] {0, -1}) {
              Object[] args = {dim, keep};
              table.one(op, args, List.of(x), in -> Aten.call(op + ".dim", in[0], dim, keep));
            }
          }
        }
      }
    }
  }

  private void alongOneAxis() {
    double inf = Double.POSITIVE_INFINITY;
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      for (long[] shape : new long[][] {{4}, {3, 4}, {2, 3, 4}, {2, 0}, {0, 2}, {}}) {
        for (long dim = -1; dim < Math.max(1, shape.length - 1); dim++) {
          for (char layout : new char[] {'c', 't', 's'}) {
            if (layout != 'c' && (shape.length != 2 || shape[0] * shape[1] == 0)) {
              continue;
            }
            softmaxes(given(dtype, layout, shape), dim);
          }
        }
      }
      softmaxes(
          TableTensor.of(dtype, new long[] {3, 3}, 1000, 1000, -1000, -inf, 0, 1, 1e4, -1e4, 3)
              .needsGrad(),
          1);
      softmaxes(
          TableTensor.of(dtype, new long[] {4, 2}, -inf, -inf, inf, 1, Double.NaN, 0, inf, inf), 1);
      softmaxes(table.values.uniform(dtype, -30, 30, 1, 57).needsGrad(), 1);
    }
    List<TableTensor> whole = List.of(table.values.normal(DType.I64, 2, 3));
    table.maybe("softmax", new Object[] {1L}, whole, in -> Aten.call("softmax.int", in[0], 1));
    table.maybe(
        "logSoftmax", new Object[] {1L}, whole, in -> Aten.call("log_softmax.int", in[0], 1));
    Object[] args = {1L, false};
    table.maybe(
        "logsumexp", args, whole, in -> Aten.call("logsumexp", in[0], new long[] {1}, false));
  }

  private void softmaxes(TableTensor x, long dim) {
    Object[] args = {dim};
    table.one("softmax", args, List.of(x), in -> Aten.call("softmax.int", in[0], dim));
    table.one("logSoftmax", args, List.of(x), in -> Aten.call("log_softmax.int", in[0], dim));
    for (boolean keep : new boolean[] {false, true}) {
      Function<Tensor[], Tensor> f = in -> Aten.call("logsumexp", in[0], new long[] {dim}, keep);
      table.maybe("logsumexp", new Object[] {dim, keep}, List.of(x), f);
    }
  }

  private void layerNorm() {
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      for (long[][] s :
          new long[][][] {
            {{5}, {5}}, {{3, 4}, {4}}, {{2, 3, 4}, {4}}, {{2, 3, 4}, {3, 4}}, {{0, 4}, {4}}
          }) {
        for (int affine = 0; affine < 3; affine++) {
          TableTensor x = given(dtype, affine == 1 ? 't' : 'c', s[0]);
          TableTensor w = affine > 0 ? given(dtype, 'c', s[1]) : null;
          TableTensor b = affine > 1 ? given(dtype, 'c', s[1]) : null;
          double eps = affine == 1 ? 1e-3 : 1e-5;
          table.one(
              "layerNorm",
              new Object[] {s[1], eps},
              Arrays.asList(x, w, b),
              in -> Aten.call("layer_norm", in[0], s[1], in[1], in[2], eps, false));
        }
      }
    }
  }

  private void varMean() {
    for (DType dtype : new DType[] {DType.F32, DType.F64, DType.I64}) {
      List<TableTensor> whole = List.of(given(dtype, 'c', 3, 4));
      table.subsets("varMean", NONE, whole, 2, in -> Aten.all("var_mean", in[0], true));
      for (long[] dims : new long[][] {{1}, {0, -1}}) {
        for (long correction : new long[] {1, 0}) {
          boolean keep = correction == 0;
          table.subsets(
              "varMean",
              new Object[] {dims, (double) correction, keep},
              List.of(given(dtype, 't', 2, 3, 4)),
              2,
              in -> Aten.all("var_mean.correction", in[0], dims, correction, keep));
        }
      }
      long[] first = {0};
      table.subsets(
          "varMean",
          new Object[] {first, 1.0, false},
          List.of(given(dtype, 'c', 0, 3)),
          2,
          in -> Aten.all("var_mean.correction", in[0], first, 1, false));
    }
  }
}
