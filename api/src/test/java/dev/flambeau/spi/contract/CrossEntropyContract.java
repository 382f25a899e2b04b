package dev.flambeau.spi.contract;

import static dev.flambeau.spi.contract.Tolerance.EXACT;
import static dev.flambeau.spi.contract.Tolerance.epsilon;
import static dev.flambeau.spi.contract.Tolerance.ulps;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.oracle.DtypeInfo;
import dev.flambeau.spi.oracle.HeaderEnum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Cross entropy at class indices and its gradient against the oracle. */
abstract class CrossEntropyContract {
  private static final double INF = Double.POSITIVE_INFINITY;

  /**
   * (outer, classes, inner): one thread, one register, one warp, one block and more take a line.
   */
  private static final int[][] SHAPES = {
    {1, 1, 1},
    {1, 2, 1},
    {7, 3, 1},
    {64, 10, 1},
    {1000, 10, 1},
    {4097, 2, 1},
    {9, 16, 1},
    {70, 10, 1},
    {300, 3, 1},
    {5, 17, 1},
    {70, 33, 1},
    {6, 130, 1},
    {3, 1024, 1},
    {3, 1027, 1},
    {2, 9000, 1},
    {2, 30_522, 1},
    {3, 20_000, 1},
    {2, 40_000, 1},
    {1200, 20, 1},
    {2, 5, 9},
    {3, 1, 4},
    {2, 40, 300},
    {1, 700, 3}
  };

  /** A kind of loss: what all calls of a test have in common. */
  private record Kind(int reduction, int dtype, boolean weighted, double smoothing, long ignore) {
    @Override
    public String toString() {
      return "cross entropy, "
          + HeaderEnum.REDUCTION.name(reduction)
          + ", "
          + DtypeInfo.name(dtype)
          + (weighted ? ", weighted" : "")
          + ", smoothing "
          + smoothing
          + ", ignoring "
          + ignore;
    }
  }

  @TestFactory
  List<DynamicTest> valuesAndGradients() {
    DifferentialCheck.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (int reduction : HeaderEnum.REDUCTION.all()) {
      for (int dtype : Samples.FLOATS) {
        for (boolean weighted : new boolean[] {false, true}) {
          for (double smoothing : new double[] {0, 0.15}) {
            Kind kind = new Kind(reduction, dtype, weighted, smoothing, weighted ? 0 : -100);
            tests.add(dynamicTest(kind.toString(), () -> ordinary(kind)));
          }
        }
      }
    }
    return tests;
  }

  private static void ordinary(Kind kind) {
    // How a line is read, into registers or in several passes, does not depend on the reduction.
    boolean all = kind.reduction != Kernels.SUM && kind.weighted == (kind.smoothing > 0);
    for (int[] shape : SHAPES) {
      if (!all && shape[0] * shape[1] * shape[2] > 10_000) {
        continue;
      }
      try (DifferentialCheck check = DifferentialCheck.open()) {
        int rows = shape[0] * shape[2];
        long[] targets = Samples.indices(rows, shape[1], 1);
        targets[rows / 2] = kind.ignore;
        targets[rows - 1] = shape[1] - 1;
        double[] x = Samples.between(kind.dtype, rows * shape[1], -6, 6, 1);
        new Run(check, kind, shape, x, targets).compare();
      }
    }
  }

  /** One shape's forward and backward on both sides. */
  private static final class Run {
    final DifferentialCheck check;
    final Kind kind;
    final int[] shape;
    final String what;
    final int rows;
    final DifferentialCheck.Operand x;
    final DifferentialCheck.Operand t;
    final DifferentialCheck.Operand w;
    final DifferentialCheck.Operand y;
    final DifferentialCheck.Operand total;
    final DifferentialCheck.Operand logSums;
    final DifferentialCheck.Operand g;
    final DifferentialCheck.Operand gx;

    Run(DifferentialCheck check, Kind kind, int[] shape, double[] scores, long[] targets) {
      this.check = check;
      this.kind = kind;
      this.shape = shape;
      what = kind + " of " + Arrays.toString(shape);
      rows = shape[0] * shape[2];
      int count = kind.reduction == Kernels.NONE ? rows : 1;
      x = check.of(kind.dtype, scores);
      t = check.ofLongs(Kernels.INT64, targets);
      w =
          kind.weighted
              ? check.of(kind.dtype, Samples.between(kind.dtype, shape[1], 0.5, 2, 2))
              : null;
      y = check.output(kind.dtype, count);
      total = check.output(kind.dtype, 1);
      logSums = check.output(kind.dtype, 2L * rows);
      g = check.of(kind.dtype, Samples.between(kind.dtype, count, 0.5, 2, 3));
      gx = check.output(kind.dtype, scores.length);
    }

    int forward(Kernels k, DifferentialCheck.Side s, DifferentialCheck.Operand pairs) {
      return k.crossEntropy(
          kind.reduction,
          kind.dtype,
          shape[0],
          shape[1],
          shape[2],
          s.at(x),
          s.at(t),
          s.at(w),
          s.at(y),
          s.at(pairs),
          s.at(total),
          kind.ignore,
          kind.smoothing);
    }

    int backward(Kernels k, DifferentialCheck.Side s) {
      return k.crossEntropyGrad(
          kind.reduction,
          kind.dtype,
          shape[0],
          shape[1],
          shape[2],
          s.at(g),
          s.at(x),
          s.at(logSums),
          s.at(t),
          s.at(w),
          s.at(total),
          s.at(gx),
          kind.ignore,
          kind.smoothing);
    }

    private boolean nan(DifferentialCheck.Operand operand) {
      return Arrays.stream(check.values(operand)).anyMatch(Double::isNaN);
    }

    void compare() {
      double unit = epsilon(kind.dtype);
      assertEquals(Kernels.OK, check.call(what, (k, s) -> forward(k, s, logSums)));
      // Smoothing sums the classes, which may be equal and then all round the same way.
      check.same(what, y, ulps(16 + shape[1] / 500.0).plus(32 * unit));
      // Equal weights in float64 all round the same way.
      check.same(what + ": total weight", total, ulps(8 + rows / 8.0));
      if (!nan(logSums)) { // which of the numbers beside a NaN is the greatest is free
        check.same(what + ": sums", logSums, ulps(8).plus(4 * unit));
      }
      check.sameOnOneThread(what, (k, s) -> forward(k, s, logSums), y, total, logSums);
      check.sameOnOneThread(what + ", without sums", (k, s) -> forward(k, s, null), y, total);
      check.call(what, this::backward);
      double divisor = kind.reduction == Kernels.MEAN ? check.values(total)[0] : 1;
      double near = Double.isNaN(divisor) || divisor == 0 ? 0 : 64 * unit / divisor;
      check.same(what + ": gradient", gx, ulps(16).plus(near));
      check.sameOnOneThread(what + ": gradient", this::backward, gx);
    }
  }

  /** What logarithms of a softmax and their likelihood make of it: NaN, infinite, or a number. */
  private static final double[][] EXTREMES = {
    {0, Double.NaN, 1},
    {Double.NaN, Double.NaN, Double.NaN},
    {INF, 0, 1},
    {INF, INF, -INF},
    {-INF, 0, 1}, // the target's
    {1, 0, -INF},
    {1, -INF, -INF},
    {-INF, -INF, -INF},
    {1e30, -1e30, 0},
    {-1e30, 1e30, 0},
    {1000, 999, 998},
    {-1000, -1001, 1000},
    {200, 200, 199},
    {-0.0, 0, -200},
    {120, 0, 0}
  };

  @TestFactory
  List<DynamicTest> extremes() {
    DifferentialCheck.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (int classes : new int[] {3, 12, 40, 1500, 8_200}) {
      for (int inner : new int[] {1, 2}) {
        for (int dtype : Samples.FLOATS) {
          for (double smoothing : new double[] {0, 0.2}) {
            for (int reduction : new int[] {Kernels.NONE, Kernels.MEAN}) {
              Kind kind = new Kind(reduction, dtype, smoothing > 0, smoothing, -100);
              String name = kind + ", " + classes + " classes, inner " + inner;
              tests.add(dynamicTest(name, () -> extremes(kind, classes, inner)));
            }
          }
        }
      }
    }
    return tests;
  }

  /** The first and last scores of a line are extreme, and those between below them. */
  private static void extremes(Kind kind, int classes, int inner) {
    for (int start = 0; start < EXTREMES.length; start++) {
      for (long target : new long[] {0, kind.ignore}) {
        try (DifferentialCheck check = DifferentialCheck.open()) {
          double[] x = new double[classes * inner];
          for (int i = 0; i < inner; i++) {
            double[] row = EXTREMES[(start + i) % EXTREMES.length];
            for (int c = 0; c < classes; c++) {
              double value = c < 2 ? row[c] : c == classes - 1 ? row[2] : Math.min(row[1], -3);
              x[c * inner + i] = value;
            }
          }
          long[] targets = new long[inner];
          Arrays.fill(targets, target);
          new Run(check, kind, new int[] {1, classes, inner}, x, targets).compare();
        }
      }
    }
  }

  @Test
  void aBadTargetWritesNothing() {
    for (long bad : new long[] {-1, 3, Long.MAX_VALUE, Long.MIN_VALUE}) {
      for (int reduction : HeaderEnum.REDUCTION.all()) {
        try (DifferentialCheck check = DifferentialCheck.open()) {
          long[] targets = Samples.indices(100, 3, 1);
          targets[99] = bad;
          Kind kind = new Kind(reduction, Kernels.FLOAT32, false, 0, -100);
          double[] x = Samples.between(Kernels.FLOAT32, 300, -5, 5, 1);
          Run run = new Run(check, kind, new int[] {100, 3, 1}, x, targets);
          String what = "target " + bad;
          int status = check.call(what, (k, s) -> run.forward(k, s, run.logSums));
          assertEquals(Kernels.BAD_INDEX, status);
          assertTrue(check.subject().lastError().contains(Long.toString(bad)), what);
          for (DifferentialCheck.Operand untouched : List.of(run.y, run.total, run.logSums)) {
            check.sameBits(what, untouched);
          }
          assertEquals(Kernels.BAD_INDEX, check.call(what, run::backward));
          check.sameBits(what, run.gx);
        }
      }
    }
  }

  @Test
  void allIgnoredGivesNotANumber() {
    for (double smoothing : new double[] {0, 0.5}) {
      try (DifferentialCheck check = DifferentialCheck.open()) {
        Kind kind = new Kind(Kernels.MEAN, Kernels.FLOAT32, false, smoothing, -100);
        long[] targets = {-100, -100};
        Run run = new Run(check, kind, new int[] {2, 2, 1}, new double[] {1, 2, 3, 5}, targets);
        run.compare();
        assertTrue(Double.isNaN(check.values(run.y)[0]));
        check.same("all ignored", run.total, EXACT);
        assertTrue(Arrays.stream(check.values(run.gx)).allMatch(v -> v == 0));
      }
    }
  }
}
