package dev.flambeau.spi.contract;

import static dev.flambeau.spi.contract.Tolerance.epsilon;
import static dev.flambeau.spi.contract.Tolerance.ulps;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
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

/** Random fills against the oracle, bit for bit, one after another from one generator. */
abstract class RandomContract {
  private static final int[] SIZES = {1, 3, 15, 16, 17, 20, 31, 1000, 65537};
  private static final double[][] RANGES = {{0, 1}, {-0.3, 0.7}, {0.1, 0.3}};

  @TestFactory
  List<DynamicTest> fills() {
    assumeTrue(
        !DifferentialCheck.backend().kernels(0).countedRandom(),
        "this generator is not the CPU's, and has tests of its own");
    List<DynamicTest> tests = new ArrayList<>();
    for (long seed : new long[] {0, 42, (1L << 40) + 7, -1}) {
      for (int dtype : Samples.DTYPES) {
        String name = "seed " + seed + " " + DtypeInfo.name(dtype);
        tests.add(dynamicTest(name, () -> fills(name, seed, dtype)));
      }
    }
    return tests;
  }

  /** Where the generator is ours; PyTorch's on the CPU may round up to the end. */
  @Test
  void aUniformNumberStaysBelowTheEnd() {
    assumeTrue(DifferentialCheck.backend().kernels(0).countedRandom());
    int n = 1000;
    for (int dtype : Samples.STORED) {
      if (DtypeInfo.isFloating(dtype)) {
        double end = 1 + 2 * epsilon(dtype); // a quarter of [1, end) is rounded to end
        try (DifferentialCheck check = DifferentialCheck.open()) {
          var state = check.host(Kernels.RANDOM_STATE_BYTES);
          check.call("seed", (k, s) -> k.randomSeed(s.at(state), 5));
          var y = check.output(dtype, n);
          long from = Double.doubleToRawLongBits(1);
          long to = Double.doubleToRawLongBits(end);
          int status =
              check.subject(
                  (k, s) -> k.random(Kernels.UNIFORM, dtype, n, s.at(state), 0, s.at(y), from, to));
          assertEquals(Kernels.OK, status);
          double[] got = check.subjectValues(y);
          double[] all = Arrays.stream(got).distinct().sorted().toArray();
          assertArrayEquals(new double[] {1, 1 + epsilon(dtype)}, all, DtypeInfo.name(dtype));
        }
      }
    }
  }

  /** A counter-based generator draws other numbers than the oracle, of the same distributions. */
  @TestFactory
  List<DynamicTest> distributions() {
    assumeTrue(
        DifferentialCheck.kernels().countedRandom(), "the CPU's numbers are compared one by one");
    List<DynamicTest> tests = new ArrayList<>();
    for (int kind : HeaderEnum.RANDOM.all()) {
      for (int dtype : Samples.DTYPES) {
        String name = HeaderEnum.RANDOM.name(kind) + " " + DtypeInfo.name(dtype);
        tests.add(dynamicTest(name, () -> distribution(name, kind, dtype)));
      }
    }
    return tests;
  }

  private static void distribution(String name, int kind, int dtype) {
    int n = 4097;
    boolean whole = kind == Kernels.INTEGERS;
    long p = whole ? 3 : Double.doubleToRawLongBits(kind == Kernels.BERNOULLI ? 0.25 : 1);
    long q = whole ? 40 : Double.doubleToRawLongBits(2);
    try (DifferentialCheck check = DifferentialCheck.open()) {
      var state = check.host(Kernels.RANDOM_STATE_BYTES);
      check.call(name, (k, s) -> k.randomSeed(s.at(state), 5));
      var x = check.of(dtype, Samples.fill(n, i -> 0.25));
      boolean each = kind == Kernels.BERNOULLI_EACH;
      var y = check.output(dtype, n);
      int status =
          check.call(
              name,
              (k, s) -> k.random(kind, dtype, n, s.at(state), each ? s.at(x) : 0, s.at(y), p, q));
      check.untouchedAround(name, y);
      if (status == Kernels.OK) {
        checkDistribution(name, kind, check.subjectValues(y));
      } else {
        check.sameBits(name + ", refused", y);
      }
    }
  }

  private static void checkDistribution(String name, int kind, double[] got) {
    double mean = Arrays.stream(got).average().orElseThrow();
    double spread = Arrays.stream(got).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
    double[] all = Arrays.stream(got).distinct().sorted().toArray();
    switch (kind) {
      case Kernels.UNIFORM -> {
        assertTrue(all[0] >= 1 && all[all.length - 1] < 2, name + ": outside [1, 2)");
        assertEquals(1.5, mean, 0.03, name);
        assertEquals(1 / 12.0, spread, 0.01, name);
      }
      case Kernels.NORMAL, Kernels.NORMAL_SERIAL -> {
        assertEquals(1, mean, 0.15, name);
        assertEquals(4, spread, 0.5, name);
      }
      case Kernels.BERNOULLI, Kernels.BERNOULLI_EACH -> {
        assertArrayEquals(new double[] {0, 1}, all, name);
        assertEquals(0.25, mean, 0.04, name);
      }
      case Kernels.INTEGERS -> assertArrayEquals(Samples.fill(40, i -> 3 + i), all, name);
      case Kernels.PERMUTATION -> assertArrayEquals(Samples.fill(got.length, i -> i), all, name);
      default -> fail(name + ": checkDistribution lacks this kind");
    }
  }

  /** One draw has one mask, which another offset has not; what stays is divided by 1 - p. */
  @Test
  void dropoutDrawsAMask() {
    assumeTrue(DifferentialCheck.kernels().countedRandom(), "the CPU keeps its masks");
    int n = 4097;
    double p = 0.25;
    for (int dtype : Samples.STORED) {
      if (DtypeInfo.isFloating(dtype)) {
        try (DifferentialCheck check = DifferentialCheck.open()) {
          double[] values = Samples.between(dtype, n, 1, 2, 1);
          var x = check.of(dtype, values);
          double[] first = dropped(check, x, 3, p);
          assertArrayEquals(first, dropped(check, x, 3, p), DtypeInfo.name(dtype));
          double[] other = dropped(check, x, 4, p);
          int kept = 0;
          int both = 0;
          for (int i = 0; i < n; i++) {
            kept += first[i] != 0 ? 1 : 0;
            both += first[i] != 0 && other[i] != 0 ? 1 : 0;
            double whole = values[i] / (1 - p);
            assertEquals(first[i] == 0 ? 0 : whole, first[i], 2 * epsilon(dtype) * whole);
          }
          assertEquals(1 - p, (double) kept / n, 0.03, DtypeInfo.name(dtype));
          assertEquals((1 - p) * (1 - p), (double) both / n, 0.03, DtypeInfo.name(dtype));
        }
      }
    }
  }

  private static double[] dropped(
      DifferentialCheck check, DifferentialCheck.Operand x, long offset, double p) {
    var y = check.output(x.dtype(), x.length());
    int status =
        check.subject((k, s) -> k.dropout(x.dtype(), x.length(), s.at(x), s.at(y), 7, offset, p));
    assertEquals(Kernels.OK, status);
    check.untouchedAround("dropout", y);
    return check.subjectValues(y);
  }

  /**
   * Every kind at every size from one generator: a draw too many or too few shows in all that
   * follow.
   */
  private static void fills(String name, long seed, int dtype) {
    try (DifferentialCheck check = DifferentialCheck.open()) {
      var state = check.host(Kernels.RANDOM_STATE_BYTES);
      check.call(name, (k, s) -> k.randomSeed(s.at(state), seed));
      for (int n : SIZES) {
        for (int kind : HeaderEnum.RANDOM.all()) {
          String what = name + ", " + HeaderEnum.RANDOM.name(kind) + ", " + n + " of them";
          draw(check, what, dtype, n, state, kind);
        }
      }
    }
  }

  private static void draw(
      DifferentialCheck check,
      String what,
      int dtype,
      int n,
      DifferentialCheck.Operand state,
      int kind) {
    boolean integers = kind == Kernels.INTEGERS;
    long[][] arguments = integers ? integers(dtype) : floats(kind);
    for (long[] a : arguments) {
      boolean each = kind == Kernels.BERNOULLI_EACH;
      var x = each ? check.of(dtype, Samples.between(dtype, n, 0, 1, 1)) : null;
      var y = check.output(dtype, n);
      check.call(
          what, (k, s) -> k.random(kind, dtype, n, s.at(state), s.at(x), s.at(y), a[0], a[1]));
      boolean libm =
          kind == Kernels.NORMAL_SERIAL || kind == Kernels.NORMAL && (n < 16 || dtype == 1);
      if (libm) {
        check.same(what, y, ulps(1).plus(dtype == 1 ? 8 * epsilon(dtype) : 0));
      } else {
        check.sameBits(what, y);
      }
    }
  }

  private static long[][] floats(int kind) {
    long[][] bits = new long[RANGES.length][2];
    for (int i = 0; i < bits.length; i++) {
      double p = kind == Kernels.BERNOULLI ? 0.3 * i : RANGES[i][0];
      bits[i][0] = Double.doubleToRawLongBits(p);
      bits[i][1] = Double.doubleToRawLongBits(RANGES[i][1]);
    }
    return bits;
  }

  private static long[][] integers(int dtype) {
    return dtype == Kernels.INT64
        ? new long[][] {{-5, 100}, {0, 1L << 40}, {0, 1L << 63}, {7, 1L << 32}, {0, (1L << 32) - 1}}
        : new long[][] {{0, 100}, {3, 2}, {0, 1}};
  }
}
