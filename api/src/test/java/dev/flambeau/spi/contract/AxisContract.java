package dev.flambeau.spi.contract;

import static dev.flambeau.spi.contract.Tolerance.EXACT;
import static dev.flambeau.spi.contract.Tolerance.epsilon;
import static dev.flambeau.spi.contract.Tolerance.ulps;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.oracle.DtypeInfo;
import dev.flambeau.spi.oracle.HeaderEnum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Kernels along an axis against the oracle, and against themselves on one thread. */
abstract class AxisContract {
  /** (outer, len, inner). */
  private static final int[][] SHAPES = {
    {1, 1, 1},
    {1, 2, 1},
    {1, 7, 1},
    {5, 15, 1},
    {1, 16, 1},
    {3, 17, 1},
    {2, 31, 3},
    {64, 100, 1},
    {7, 1, 9},
    {1, 3, 1000},
    {2, 1000, 3},
    {3, 4097, 1},
    {1, 65537, 1},
    {1, 64, 257},
    {1000, 2, 2}
  };

  private static int size(int[] shape) {
    return shape[0] * shape[1] * shape[2];
  }

  /** Rounding errors of a sum with many partial sums, against the sum of the magnitudes. */
  private static Tolerance sumOf(int len) {
    return ulps(4 + Math.sqrt(len) / 8);
  }

  @TestFactory
  List<DynamicTest> reductions() {
    DifferentialCheck.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (int op : HeaderEnum.REDUCE.all()) {
      for (int dtype : Samples.DTYPES) {
        String name = "reduction " + HeaderEnum.REDUCE.name(op) + " " + DtypeInfo.name(dtype);
        tests.add(dynamicTest(name, () -> reduce(op, dtype)));
      }
    }
    return tests;
  }

  /** Bool of predicates, int64 of an integer's sums and products. */
  private static int resultOf(int op, int dtype) {
    return switch (op) {
      case Kernels.REDUCE_ANY, Kernels.REDUCE_ALL -> Kernels.BOOL;
      case Kernels.REDUCE_SUM, Kernels.REDUCE_PROD ->
          DtypeInfo.isFloating(dtype) ? dtype : Kernels.INT64;
      default -> dtype;
    };
  }

  private static void reduce(int op, int dtype) {
    for (int[] shape : SHAPES) {
      for (boolean special : new boolean[] {false, true}) {
        try (DifferentialCheck check = DifferentialCheck.open()) {
          String what = HeaderEnum.REDUCE.name(op) + " of " + Arrays.toString(shape);
          double[] values = values(op, dtype, size(shape), special);
          var x = check.of(dtype, values);
          int rows = shape[0] * shape[2];
          var y = check.output(resultOf(op, dtype), rows);
          DifferentialCheck.Call call =
              (k, s) -> k.reduce(op, dtype, shape[0], shape[1], shape[2], s.at(x), s.at(y));
          if (check.call(what, call) != Kernels.OK) {
            check.sameBits(what + ", refused", y);
            continue;
          }
          check.same(what, y, reduceTolerance(check, op, dtype, shape, values));
          check.sameOnOneThread(what, call, y);
        }
      }
    }
  }

  private static double[] values(int op, int dtype, int n, boolean special) {
    if (op == Kernels.REDUCE_PROD && DtypeInfo.isFloating(dtype)) {
      return Samples.between(dtype, n, 0.99, 1.01, 1);
    }
    double[] values = Samples.ordinary(dtype, n, op);
    if (special && op == Kernels.REDUCE_ALL) {
      values = Samples.fill(n, i -> 1);
    } else if (special && op == Kernels.REDUCE_ANY) {
      values = Samples.fill(n, i -> i == n - 1 ? 1 : 0);
    } else if (special && DtypeInfo.isFloating(dtype)) {
      double infinity = Double.POSITIVE_INFINITY;
      double[] odd = {-infinity, infinity, Double.NaN, -0.0, 1e30};
      for (int i = n / 2; i < n; i += 101) {
        values[i] = odd[(i + n + op) % (op == Kernels.REDUCE_SUM ? 4 : 5)];
      }
      if (op == Kernels.REDUCE_LOGSUMEXP && n < 20) {
        Arrays.fill(values, -infinity);
      }
    }
    return values;
  }

  private static Tolerance reduceTolerance(
      DifferentialCheck check, int op, int dtype, int[] shape, double[] values) {
    int len = shape[1];
    return switch (op) {
      case Kernels.REDUCE_SUM, Kernels.REDUCE_MEAN ->
          sumOf(len).against(sumOfMagnitudes(check, op, dtype, shape, values));
      case Kernels.REDUCE_PROD -> ulps(2 + len);
      case Kernels.REDUCE_LOGSUMEXP -> sumOf(len).plus(4 * epsilon(dtype));
      default -> EXACT;
    };
  }

  private static double[] sumOfMagnitudes(
      DifferentialCheck check, int op, int dtype, int[] shape, double[] values) {
    var x = check.of(dtype, Samples.absolute(values));
    var y = check.output(resultOf(op, dtype), (long) shape[0] * shape[2]);
    return check.oracleOnly(
        y, (k, s) -> k.reduce(op, dtype, shape[0], shape[1], shape[2], s.at(x), s.at(y)));
  }

  /** Sums that only int64 holds, of lines longer than any lane or block takes. */
  @TestFactory
  List<DynamicTest> sumsOfLimits() {
    DifferentialCheck.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (int dtype : Samples.WHOLE) {
      tests.add(dynamicTest(DtypeInfo.name(dtype), () -> sumsOfLimits(dtype)));
    }
    return tests;
  }

  private static void sumsOfLimits(int dtype) {
    boolean signed = dtype != Kernels.BOOL && !DtypeInfo.isUnsigned(dtype);
    long bits = 8L * DtypeInfo.bytes(dtype);
    long greatest = dtype == Kernels.BOOL ? 1 : signed ? ~(-1L << bits - 1) : (1L << bits) - 1;
    for (long limit : new long[] {greatest, signed ? ~greatest : 0}) {
      for (int[] shape : new int[][] {{1, 300_001, 1}, {3, 20_000, 1}, {1, 70_000, 3}}) {
        try (DifferentialCheck check = DifferentialCheck.open()) {
          String what = "sum of " + limit + " over " + Arrays.toString(shape);
          long[] values = new long[size(shape)];
          Arrays.fill(values, limit);
          var x = check.ofLongs(dtype, values);
          var y = check.output(Kernels.INT64, (long) shape[0] * shape[2]);
          DifferentialCheck.Call call =
              (k, s) ->
                  k.reduce(
                      Kernels.REDUCE_SUM, dtype, shape[0], shape[1], shape[2], s.at(x), s.at(y));
          check.call(what, call);
          check.sameBits(what, y);
          check.sameOnOneThread(what, call, y);
        }
      }
    }
  }

  @TestFactory
  List<DynamicTest> extremesWithAnIndex() {
    DifferentialCheck.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (int dtype : Samples.DTYPES) {
      for (int op : HeaderEnum.INDEX_REDUCE.all()) {
        String name =
            HeaderEnum.INDEX_REDUCE.name(op) + " with its place, " + DtypeInfo.name(dtype);
        tests.add(dynamicTest(name, () -> extreme(op, dtype)));
      }
    }
    return tests;
  }

  private static void extreme(int op, int dtype) {
    for (int[] shape : SHAPES) {
      for (boolean special : new boolean[] {false, true}) {
        for (boolean wanted : new boolean[] {true, false}) {
          try (DifferentialCheck check = DifferentialCheck.open()) {
            String what = HeaderEnum.INDEX_REDUCE.name(op) + " of " + Arrays.toString(shape);
            double[] few = Samples.fill(size(shape), i -> (i * 7 + op) % 5);
            var x = check.of(dtype, special ? Samples.values(dtype, size(shape), op) : few);
            int rows = shape[0] * shape[2];
            var values = wanted ? check.output(dtype, rows) : null;
            var indices = check.output(Kernels.INT64, rows);
            check.call(
                what,
                (k, s) ->
                    k.reduceIndex(
                        op,
                        dtype,
                        shape[0],
                        shape[1],
                        shape[2],
                        s.at(x),
                        s.at(values),
                        s.at(indices)));
            check.same(what + ": indices", indices, EXACT);
            if (wanted) {
              check.same(what + ": values", values, EXACT);
            }
          }
        }
      }
    }
  }

  @TestFactory
  List<DynamicTest> floatKernels() {
    DifferentialCheck.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (int dtype : Samples.FLOATS) {
      String name = DtypeInfo.name(dtype);
      tests.add(dynamicTest("moments " + name, () -> moments(dtype)));
      tests.add(dynamicTest("softmax " + name, () -> softmax(dtype, 0)));
      tests.add(dynamicTest("log softmax " + name, () -> softmax(dtype, 1)));
      tests.add(dynamicTest("softmax at infinity " + name, () -> softmaxAtInfinity(dtype)));
      tests.add(dynamicTest("layer norm " + name, () -> layerNorm(dtype)));
    }
    return tests;
  }

  private static void moments(int dtype) {
    for (int[] shape : SHAPES) {
      for (double offset : new double[] {0, 1000}) {
        for (double correction : new double[] {0, 1}) {
          try (DifferentialCheck check = DifferentialCheck.open()) {
            String what = "moments of " + Arrays.toString(shape) + " around " + offset;
            double[] plain = Samples.ordinary(dtype, size(shape), 1);
            var x = check.of(dtype, Samples.fill(plain.length, i -> plain[i] + offset));
            int rows = shape[0] * shape[2];
            var mean = correction == 0 ? null : check.output(dtype, rows);
            var variance = check.output(dtype, rows);
            DifferentialCheck.Call call =
                (k, s) ->
                    k.moments(
                        dtype,
                        shape[0],
                        shape[1],
                        shape[2],
                        s.at(x),
                        s.at(mean),
                        s.at(variance),
                        correction);
            check.call(what, call);
            double slack = (offset == 0 ? 64 : 8192) * epsilon(dtype);
            check.same(what + ": variance", variance, sumOf(shape[1]).plus(slack));
            check.sameOnOneThread(what, call, variance);
            if (mean != null) {
              check.same(what + ": mean", mean, sumOf(shape[1]).plus(8 * epsilon(dtype)));
            }
          }
        }
      }
    }
  }

  private static void softmax(int dtype, int log) {
    for (int[] shape : SHAPES) {
      try (DifferentialCheck check = DifferentialCheck.open()) {
        String what = (log == 1 ? "log softmax of " : "softmax of ") + Arrays.toString(shape);
        int n = size(shape);
        var x = check.of(dtype, Samples.ordinary(dtype, n, 1));
        var y = check.output(dtype, n);
        DifferentialCheck.Call forward =
            (k, s) -> k.softmax(log, dtype, shape[0], shape[1], shape[2], s.at(x), s.at(y));
        check.call(what, forward);
        double rough = 16 + Math.sqrt(shape[1]) / 4;
        check.same(what, y, ulps(rough).plus(log * 16 * epsilon(dtype)));
        check.sameOnOneThread(what, forward, y);

        var g = check.of(dtype, Samples.ordinary(dtype, n, 2));
        var out = check.of(dtype, check.values(y));
        var gx = check.output(dtype, n);
        DifferentialCheck.Call backward =
            (k, s) ->
                k.softmaxGrad(
                    log, dtype, shape[0], shape[1], shape[2], s.at(g), s.at(out), s.at(gx));
        check.call(what, backward);
        check.same(what + ": gradient", gx, ulps(rough).plus(32 * epsilon(dtype)));
        check.sameOnOneThread(what, backward, gx);
      }
    }
  }

  private static void softmaxAtInfinity(int dtype) {
    double infinity = Double.POSITIVE_INFINITY;
    double[][] lines = {
      {-infinity, -infinity, -infinity},
      {infinity, 1, 2},
      {-infinity, 1, 1},
      {1, Double.NaN, 2},
      {1e30, -1e30, 0},
      {-200, 0, 200},
      {1000, 1000, 1000}
    };
    for (double[] line : lines) {
      for (int log = 0; log < 2; log++) {
        int kind = log;
        try (DifferentialCheck check = DifferentialCheck.open()) {
          String what = "softmax of " + Arrays.toString(line);
          var x = check.of(dtype, line);
          var y = check.output(dtype, 3);
          check.call(what, (k, s) -> k.softmax(kind, dtype, 1, 3, 1, s.at(x), s.at(y)));
          double least = dtype == Kernels.FLOAT32 ? Float.MIN_NORMAL : Double.MIN_NORMAL;
          check.same(what, y, ulps(4).plus(least));
        }
      }
    }
  }

  private static void layerNorm(int dtype) {
    int[][] shapes = {{1, 1}, {3, 2}, {2, 7}, {1, 16}, {5, 31}, {64, 100}, {3, 1000}, {1000, 5}};
    for (int[] shape : shapes) {
      for (int mask = 0; mask < 4; mask++) {
        boolean weighted = (mask & 1) != 0;
        boolean biased = (mask & 2) != 0;
        try (DifferentialCheck check = DifferentialCheck.open()) {
          String what = "layer norm of " + Arrays.toString(shape) + ", " + weighted + " " + biased;
          layerNorm(check, what, dtype, shape[0], shape[1], weighted, biased);
        }
      }
    }
  }

  private static void layerNorm(
      DifferentialCheck check,
      String what,
      int dtype,
      int rows,
      int columns,
      boolean weighted,
      boolean biased) {
    int n = rows * columns;
    var x = check.of(dtype, Samples.ordinary(dtype, n, 1));
    var weight = weighted ? check.of(dtype, Samples.ordinary(dtype, columns, 2)) : null;
    var bias = biased ? check.of(dtype, Samples.ordinary(dtype, columns, 3)) : null;
    var y = check.output(dtype, n);
    var mean = check.output(dtype, rows);
    var rstd = check.output(dtype, rows);
    DifferentialCheck.Call forward =
        (k, s) ->
            k.layerNorm(
                dtype,
                rows,
                columns,
                s.at(x),
                s.at(weight),
                s.at(bias),
                s.at(y),
                s.at(mean),
                s.at(rstd),
                1e-5);
    check.call(what, forward);
    Tolerance near = ulps(16).plus(64 * epsilon(dtype));
    check.same(what, y, columns < 4 ? near.plus(8192 * epsilon(dtype)) : near);
    check.same(what + ": mean", mean, near);
    check.same(what + ": rstd", rstd, columns < 4 ? ulps(8192) : ulps(32));
    check.sameOnOneThread(what, forward, y, mean, rstd);

    var g = check.of(dtype, Samples.ordinary(dtype, n, 4));
    var centre = check.of(dtype, check.values(mean));
    var scale = check.of(dtype, check.values(rstd));
    var gx = weighted || !biased ? check.output(dtype, n) : null;
    var gweight = weighted ? check.output(dtype, columns) : null;
    var gbias = biased ? check.output(dtype, columns) : null;
    DifferentialCheck.Call backward =
        (k, s) ->
            k.layerNormGrad(
                dtype,
                rows,
                columns,
                s.at(g),
                s.at(x),
                s.at(centre),
                s.at(scale),
                s.at(weight),
                s.at(gx),
                s.at(gweight),
                s.at(gbias));
    check.call(what, backward);
    double[] scales = check.values(rstd);
    double steepest = Math.max(1, Arrays.stream(scales).max().orElse(1));
    for (DifferentialCheck.Operand result : new DifferentialCheck.Operand[] {gx, gweight, gbias}) {
      if (result != null) {
        double slack = (64 + 8 * Math.sqrt(rows)) * steepest * epsilon(dtype);
        check.same(what + ": gradient", result, ulps(16).plus(slack));
        check.sameOnOneThread(what, backward, result);
      }
    }
  }
}
