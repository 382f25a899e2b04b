package dev.flambeau.spi.contract;

import static dev.flambeau.spi.contract.PointwiseContract.scalar;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.oracle.DtypeInfo;
import dev.flambeau.spi.oracle.HeaderEnum;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Sequences against the oracle, bit for bit, and against themselves on one thread. */
abstract class SequenceContract {
  private static final double[][] NUMBERS = {
    {0, 1},
    {-3, 7},
    {5, -2},
    {0.1, 0.3},
    {1e6, 1e-3},
    {16_777_217, 1.5},
    {1e300, -1e290},
    {3, 3},
    {-0.0, 0},
    {Double.NEGATIVE_INFINITY, 1},
    {0, Double.NaN}
  };
  private static final long[][] WHOLE = {
    {0, 1}, {-3, 7}, {Long.MIN_VALUE, Long.MAX_VALUE}, {Long.MAX_VALUE, -(1L << 40) + 1}
  };

  @TestFactory
  List<DynamicTest> sequences() {
    DifferentialCheck.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (int kind : HeaderEnum.SEQUENCE.all()) {
      for (int dtype : Samples.DTYPES) {
        String name = HeaderEnum.SEQUENCE.name(kind) + " " + DtypeInfo.name(dtype);
        tests.add(dynamicTest(name, () -> sequence(name, kind, dtype)));
      }
    }
    return tests;
  }

  private static void sequence(String name, int kind, int dtype) {
    List<long[]> numbers = new ArrayList<>();
    if (DtypeInfo.isFloating(dtype)) {
      for (double[] pair : NUMBERS) {
        numbers.add(new long[] {scalar(dtype, pair[0]), scalar(dtype, pair[1])});
      }
    } else {
      numbers.addAll(List.of(WHOLE));
    }
    for (int n : new int[] {1, 2, 3, 7, 16, 33, 1000, 4097, 70_001}) {
      for (long[] pair : numbers) {
        try (DifferentialCheck check = DifferentialCheck.open()) {
          String what = name + " of " + n;
          var y = check.output(dtype, n);
          DifferentialCheck.Call call =
              (k, s) -> k.sequence(kind, dtype, n, s.at(y), pair[0], pair[1]);
          if (check.call(what, call) == Kernels.OK && DtypeInfo.isFloating(dtype)) {
            check.identical(what, y);
            check.sameOnOneThread(what, call, y);
          } else {
            check.sameBits(what, y);
          }
        }
      }
    }
  }
}
