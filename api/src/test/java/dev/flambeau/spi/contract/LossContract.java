package dev.flambeau.spi.contract;

import static dev.flambeau.spi.contract.Tolerance.EXACT;
import static dev.flambeau.spi.contract.Tolerance.epsilon;
import static dev.flambeau.spi.contract.Tolerance.ulps;
import static org.junit.jupiter.api.Assertions.assertEquals;
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

/** Losses and their gradients against the oracle. */
abstract class LossContract {
  @TestFactory
  List<DynamicTest> pointwiseLosses() {
    DifferentialCheck.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (int op : HeaderEnum.LOSS.all()) {
      for (int reduction : HeaderEnum.REDUCTION.all()) {
        for (int dtype : new int[] {Kernels.FLOAT32, Kernels.FLOAT64, Kernels.INT64}) {
          String name =
              String.join(
                  ", ",
                  "loss " + HeaderEnum.LOSS.name(op),
                  HeaderEnum.REDUCTION.name(reduction),
                  DtypeInfo.name(dtype));
          tests.add(dynamicTest(name, () -> loss(name, op, reduction, dtype)));
        }
      }
    }
    return tests;
  }

  private static void loss(String name, int op, int reduction, int dtype) {
    for (int n : Samples.SIZES) {
      try (DifferentialCheck check = DifferentialCheck.open()) {
        String what = name + " of " + n;
        boolean probabilities = op == Kernels.LOSS_BCE;
        boolean logits = op == Kernels.LOSS_BCE_LOGITS;
        boolean entropy = probabilities || logits;
        double[] inputs =
            probabilities
                ? Samples.between(dtype, n, 0.001, 0.999, 1)
                : Samples.ordinary(dtype, n, 1);
        double[] targets =
            entropy ? Samples.fill(n, i -> i % 5 / 4.0) : Samples.ordinary(dtype, n, 2);
        inputs[0] = probabilities ? 1 : inputs[0];
        inputs[n / 2] = probabilities ? 0 : targets[n / 2];
        var x = check.of(dtype, inputs);
        var t = check.of(dtype, targets);
        int count = reduction == Kernels.NONE ? n : 1;
        var y = check.output(dtype, count);
        DifferentialCheck.Call forward =
            (k, s) -> k.loss(op, reduction, dtype, n, s.at(x), s.at(t), s.at(y));
        if (check.call(what, forward) != Kernels.OK) {
          check.sameBits(what + ", refused", y);
          continue;
        }
        double slack = reduction == Kernels.NONE ? 8 : 16 + Math.sqrt(n) / 8;
        check.same(what, y, ulps(slack).plus(entropy ? 8 * epsilon(dtype) : 0));
        check.sameOnOneThread(what, forward, y);

        var g = check.of(dtype, Samples.between(dtype, count, 0.5, 2, 3));
        var gx = check.output(dtype, n);
        check.call(
            what,
            (k, s) -> k.lossGrad(op, reduction, dtype, n, s.at(g), s.at(x), s.at(t), s.at(gx)));
        check.same(what + ": gradient", gx, ulps(8).plus(logits ? 8 * epsilon(dtype) : 0));
      }
    }
  }

  /** (outer, classes, inner). */
  private static final int[][] SHAPES = {
    {1, 1, 1}, {1, 2, 1}, {7, 3, 1}, {64, 10, 1}, {2, 5, 9}, {1000, 10, 1}, {4097, 2, 1}
  };

  @TestFactory
  List<DynamicTest> negativeLogLikelihood() {
    DifferentialCheck.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (int reduction : HeaderEnum.REDUCTION.all()) {
      for (int dtype : Samples.FLOATS) {
        for (boolean weighted : new boolean[] {false, true}) {
          String name =
              "nll, " + HeaderEnum.REDUCTION.name(reduction) + ", " + DtypeInfo.name(dtype);
          String full = name + (weighted ? ", weighted" : "");
          tests.add(dynamicTest(full, () -> nll(full, reduction, dtype, weighted)));
        }
      }
    }
    return tests;
  }

  private static void nll(String name, int reduction, int dtype, boolean weighted) {
    for (int[] shape : SHAPES) {
      for (long ignore : new long[] {-100, 0}) {
        try (DifferentialCheck check = DifferentialCheck.open()) {
          String what = name + " of " + Arrays.toString(shape) + ", ignoring " + ignore;
          int rows = shape[0] * shape[2];
          int n = rows * shape[1];
          long[] targets = Samples.indices(rows, shape[1], 1);
          targets[rows / 2] = ignore;
          var x = check.of(dtype, Samples.between(dtype, n, -5, 0, 1));
          var t = check.ofLongs(Kernels.INT64, targets);
          var w = weighted ? check.of(dtype, Samples.between(dtype, shape[1], 0.5, 2, 2)) : null;
          int count = reduction == Kernels.NONE ? rows : 1;
          var y = check.output(dtype, count);
          var total = check.output(dtype, 1);
          DifferentialCheck.Call forward =
              (k, s) ->
                  k.nllLoss(
                      reduction,
                      dtype,
                      shape[0],
                      shape[1],
                      shape[2],
                      s.at(x),
                      s.at(t),
                      s.at(w),
                      s.at(y),
                      s.at(total),
                      ignore);
          check.call(what, forward);
          check.same(what, y, sumOf(dtype, rows));
          check.sameOnOneThread(what, forward, y, total);
          if (reduction != Kernels.NONE) {
            check.same(what + ": total weight", total, sumOf(dtype, rows));
          }
          var g = check.of(dtype, Samples.between(dtype, count, 0.5, 2, 3));
          var divisor = check.of(dtype, check.values(total));
          var gx = check.output(dtype, n);
          check.call(
              what,
              (k, s) ->
                  k.nllLossGrad(
                      reduction,
                      dtype,
                      shape[0],
                      shape[1],
                      shape[2],
                      s.at(g),
                      s.at(t),
                      s.at(w),
                      s.at(divisor),
                      s.at(gx),
                      ignore));
          check.same(what + ": gradient", gx, ulps(4));
        }
      }
    }
  }

  /**
   * A plain sum in double: nothing for float32; in float64 equal weights all round the same way.
   */
  private static Tolerance sumOf(int dtype, int rows) {
    return ulps(dtype == Kernels.FLOAT32 ? 8 : 8 + rows / 8.0);
  }

  @Test
  void aBadTargetWritesNothing() {
    for (long bad : new long[] {-1, 3, Long.MAX_VALUE, Long.MIN_VALUE}) {
      try (DifferentialCheck check = DifferentialCheck.open()) {
        var x = check.of(Kernels.FLOAT32, Samples.between(0, 300, -5, 0, 1));
        long[] targets = Samples.indices(100, 3, 1);
        targets[99] = bad;
        var t = check.ofLongs(Kernels.INT64, targets);
        var y = check.output(Kernels.FLOAT32, 100);
        var total = check.output(Kernels.FLOAT32, 1);
        for (int kind : HeaderEnum.REDUCTION.all()) {
          int status =
              check.call(
                  "target " + bad,
                  (k, s) ->
                      k.nllLoss(
                          kind, 0, 100, 3, 1, s.at(x), s.at(t), 0, s.at(y), s.at(total), -100));
          assertEquals(Kernels.BAD_INDEX, status);
          check.sameBits("target " + bad, y);
          check.sameBits("target " + bad, total);
          var gx = check.output(Kernels.FLOAT32, 300);
          check.call(
              "target " + bad,
              (k, s) ->
                  k.nllLossGrad(kind, 0, 100, 3, 1, s.at(x), s.at(t), 0, s.at(x), s.at(gx), -100));
          check.sameBits("target " + bad, gx);
        }
      }
    }
  }

  @Test
  void allIgnoredGivesNotANumber() {
    try (DifferentialCheck check = DifferentialCheck.open()) {
      var x = check.of(Kernels.FLOAT32, -1, -2);
      var t = check.ofLongs(Kernels.INT64, -100);
      var y = check.output(Kernels.FLOAT32, 1);
      var total = check.output(Kernels.FLOAT32, 1);
      check.call(
          "all ignored",
          (k, s) ->
              k.nllLoss(Kernels.MEAN, 0, 1, 2, 1, s.at(x), s.at(t), 0, s.at(y), s.at(total), -100));
      check.same("all ignored", y, EXACT);
      check.same("all ignored", total, EXACT);
    }
  }
}
