package dev.flambeau.spi;

import static dev.flambeau.spi.Tolerance.epsilon;
import static dev.flambeau.spi.Tolerance.ulps;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Optimizer steps against the oracle: every flag, several parameters in one call, several steps.
 */
abstract class OptimContract {
  private static final int[] SIZES = {1, 17, 100, 65537};
  private static final int STEPS = 3;

  @TestFactory
  List<DynamicTest> steps() {
    Duel.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (int dtype : new int[] {Kernels.FLOAT32, Kernels.FLOAT64, Kernels.INT64}) {
      for (int flags = 0; flags < 16; flags++) {
        int f = flags;
        String name = Cells.name(dtype) + named(flags);
        if (flags < 4) {
          tests.add(dynamicTest("sgd " + name, () -> sgd(name, dtype, f, 0)));
          tests.add(dynamicTest("sgd, momentum " + name, () -> sgd(name, dtype, f, 0.9)));
        }
        if ((flags & Kernels.NESTEROV) == 0) {
          tests.add(dynamicTest("adam " + name, () -> adam(name, dtype, f)));
        }
      }
    }
    return tests;
  }

  private static String named(int flags) {
    return ((flags & Kernels.NESTEROV) != 0 ? ", nesterov" : "")
        + ((flags & Kernels.MAXIMIZE) != 0 ? ", maximize" : "")
        + ((flags & Kernels.DECOUPLED) != 0 ? ", decoupled" : "")
        + ((flags & Kernels.AMSGRAD) != 0 ? ", amsgrad" : "");
  }

  /** Parameters, gradients and state are of size 1 to 8; each step adds a few roundings. */
  private static Tolerance near(int dtype) {
    return Cells.isFloating(dtype) ? ulps(8).plus(32 * epsilon(dtype)) : Tolerance.EXACT;
  }

  private static void sgd(String name, int dtype, int flags, double momentum) {
    try (Duel duel = Duel.open()) {
      List<Duel.Operand> params = operands(duel, dtype, 1, false);
      List<Duel.Operand> grads = operands(duel, dtype, 2, false);
      List<Duel.Operand> buffers = operands(duel, dtype, 3, false);
      for (int step = 1; step <= STEPS; step++) {
        long first = step == 1 ? 1 : 0;
        var table =
            duel.table(
                s ->
                    rows(
                        i ->
                            new long[] {
                              SIZES[i],
                              s.at(params.get(i)),
                              s.at(grads.get(i)),
                              momentum == 0 ? 0 : s.at(buffers.get(i)),
                              first
                            }));
        duel.call(
            name,
            (k, s) -> k.sgd(dtype, flags, SIZES.length, s.at(table), 0.1, momentum, 0.25, 0.01));
        compare(duel, name + ": parameter", params, dtype);
        compare(duel, name + ": buffer", buffers, dtype);
      }
    }
  }

  private static void adam(String name, int dtype, int flags) {
    try (Duel duel = Duel.open()) {
      List<Duel.Operand> params = operands(duel, dtype, 1, false);
      List<Duel.Operand> grads = operands(duel, dtype, 2, false);
      List<Duel.Operand> firsts = operands(duel, dtype, 3, true);
      List<Duel.Operand> seconds = operands(duel, dtype, 4, true);
      List<Duel.Operand> greatest = operands(duel, dtype, 5, true);
      boolean amsgrad = (flags & Kernels.AMSGRAD) != 0;
      for (int step = 1; step <= STEPS; step++) {
        long count = step;
        var table =
            duel.table(
                s ->
                    rows(
                        i ->
                            new long[] {
                              SIZES[i],
                              s.at(params.get(i)),
                              s.at(grads.get(i)),
                              s.at(firsts.get(i)),
                              s.at(seconds.get(i)),
                              amsgrad ? s.at(greatest.get(i)) : 0,
                              count
                            }));
        duel.call(
            name,
            (k, s) ->
                k.adam(dtype, flags, SIZES.length, s.at(table), 0.01, 0.9, 0.999, 1e-8, 0.01));
        compare(duel, name + ": parameter", params, dtype);
        compare(duel, name + ": first moment", firsts, dtype);
        compare(duel, name + ": second moment", seconds, dtype);
        compare(duel, name + ": greatest", greatest, dtype);
      }
    }
  }

  /**
   * AdamW's decay is a step of its own: what it leaves is rounded before the rest is taken off. All
   * else is chosen to be exact, fused or not.
   */
  @Test
  void theDecayIsRoundedFirst() {
    double rate = 0.1;
    double decay = 0.3;
    double eps = 1e-8;
    for (int dtype : Samples.FLOATS) {
      try (Duel duel = Duel.open()) {
        int n = 1000;
        double[] before = Samples.ordinary(dtype, n, 7);
        var p = duel.of(dtype, before);
        var g = duel.of(dtype, Samples.fill(n, i -> 1));
        var m = duel.of(dtype, new double[n]);
        var v = duel.of(dtype, new double[n]);
        var table = duel.table(s -> new long[] {n, s.at(p), s.at(g), s.at(m), s.at(v), 0, 1});
        duel.call(
            "adamw",
            (k, s) -> k.adam(dtype, Kernels.DECOUPLED, 1, s.at(table), rate, 0.5, 0.5, eps, decay));
        double[] expected =
            Samples.fill(
                n,
                i -> {
                  if (dtype == Kernels.FLOAT64) {
                    double root = Math.sqrt(0.5);
                    return before[i] * (1 - rate * decay) - rate / 0.5 * 0.5 / (root / root + eps);
                  }
                  float root = (float) Math.sqrt(0.5);
                  float kept = (float) before[i] * (float) (1 - rate * decay);
                  float scale = (float) Math.sqrt(0.5f) / root + (float) eps;
                  return kept - (float) (rate / 0.5) * 0.5f / scale;
                });
        assertArrayEquals(expected, duel.subjectValues(p), Cells.name(dtype));
      }
    }
  }

  private static List<Duel.Operand> operands(Duel duel, int dtype, int seed, boolean zero) {
    List<Duel.Operand> all = new ArrayList<>();
    for (int n : SIZES) {
      double[] values = Samples.ordinary(dtype, n, seed);
      all.add(duel.of(dtype, zero ? new double[n] : values));
    }
    return all;
  }

  private interface Row {
    long[] of(int parameter);
  }

  private static long[] rows(Row row) {
    int width = row.of(0).length;
    long[] table = new long[width * SIZES.length];
    for (int i = 0; i < SIZES.length; i++) {
      System.arraycopy(row.of(i), 0, table, i * width, width);
    }
    return table;
  }

  private static void compare(Duel duel, String what, List<Duel.Operand> all, int dtype) {
    for (Duel.Operand one : all) {
      duel.same(what, one, near(dtype));
    }
  }
}
