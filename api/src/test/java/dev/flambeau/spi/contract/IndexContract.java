package dev.flambeau.spi.contract;

import static dev.flambeau.spi.contract.Tolerance.EXACT;
import static dev.flambeau.spi.contract.Tolerance.ulps;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.oracle.DtypeInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Reading and writing at indices against the oracle. */
abstract class IndexContract {
  /** (outer, length, count, inner). */
  private static final int[][] SHAPES = {
    {1, 1, 1, 1},
    {1, 5, 3, 1},
    {3, 4, 7, 2},
    {2, 10, 17, 1},
    {7, 3, 1, 5},
    {1, 100, 1000, 1},
    {1, 1000, 64, 33},
    {64, 10, 1, 1},
    {4097, 2, 1, 1},
    {1, 784, 4097, 16}
  };

  @TestFactory
  List<DynamicTest> indices() {
    DifferentialCheck.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (int dtype : Samples.STORED) {
      for (int[] shape : SHAPES) {
        String name = Arrays.toString(shape) + " " + DtypeInfo.name(dtype);
        tests.add(dynamicTest("indices " + name, () -> all(name, dtype, shape, 0)));
      }
      for (long bad : new long[] {-1, 1, Long.MAX_VALUE}) {
        String name = "index off by " + bad + " " + DtypeInfo.name(dtype);
        tests.add(dynamicTest(name, () -> all(name, dtype, new int[] {2, 9, 5, 3}, bad)));
      }
    }
    return tests;
  }

  /**
   * All five kernels, of those that only move what the dtype has; {@code bad}: the last index lies
   * so far outside, and nothing may be written.
   */
  private static void all(String name, int dtype, int[] shape, long bad) {
    int outer = shape[0];
    int length = shape[1];
    int count = shape[2];
    int inner = shape[3];
    try (DifferentialCheck check = DifferentialCheck.open()) {
      int big = outer * length * inner;
      int small = outer * count * inner;
      long[] each = Samples.indices(small, length, 1);
      long[] one = Samples.indices(count, length, 2);
      if (bad != 0) {
        each[small - 1] = bad < 0 ? bad : length - 1 + bad;
        one[count - 1] = each[small - 1];
      }
      var x = check.of(dtype, Samples.values(dtype, big, 1));
      var source = check.of(dtype, Samples.ordinary(dtype, small, 2));
      var places = check.ofLongs(Kernels.INT64, each);
      var rows = check.ofLongs(Kernels.INT64, one);
      Tolerance added = DtypeInfo.isFloating(dtype) ? ulps(0).plus(sumError(dtype, count)) : EXACT;

      var y = check.output(dtype, small);
      check(
          check,
          name + ": gather",
          y,
          bad,
          EXACT,
          (k, s) -> k.gather(dtype, outer, length, count, inner, s.at(x), s.at(places), s.at(y)));
      var z = check.output(dtype, small);
      check(
          check,
          name + ": index select",
          z,
          bad,
          EXACT,
          (k, s) ->
              k.indexSelect(dtype, outer, length, count, inner, s.at(x), s.at(rows), s.at(z)));
      boolean adds = !DtypeInfo.isHalf(dtype);
      for (int add = 0; add < (adds ? 2 : 1); add++) {
        int mode = add;
        var target = check.of(dtype, Samples.ordinary(dtype, big, 3));
        check(
            check,
            name + (add == 1 ? ": scatter add" : ": scatter"),
            target,
            bad,
            add == 1 ? added : EXACT,
            (k, s) ->
                k.scatter(
                    mode,
                    dtype,
                    outer,
                    length,
                    count,
                    inner,
                    s.at(places),
                    s.at(source),
                    s.at(target)));
      }
      if (!adds) {
        return;
      }
      var sums = check.of(dtype, Samples.ordinary(dtype, big, 3));
      check(
          check,
          name + ": index add",
          sums,
          bad,
          added,
          (k, s) ->
              k.indexAdd(dtype, outer, length, count, inner, s.at(rows), s.at(source), s.at(sums)));
    }
  }

  /** Sums of a few values of size 8 at most, in any order. */
  private static double sumError(int dtype, int count) {
    return Tolerance.ulp(dtype, 8.0 * Math.max(4, count / 8.0));
  }

  private static void check(
      DifferentialCheck check,
      String what,
      DifferentialCheck.Operand result,
      long bad,
      Tolerance near,
      DifferentialCheck.Call call) {
    assertEquals(bad == 0 ? Kernels.OK : Kernels.BAD_INDEX, check.call(what, call), what);
    if (bad == 0) {
      check.same(what, result, near);
    } else {
      check.sameBits(what + ", refused", result);
    }
  }
}
