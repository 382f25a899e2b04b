package dev.flambeau.spi.contract;

import static dev.flambeau.spi.contract.Tolerance.EXACT;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.oracle.DtypeInfo;
import dev.flambeau.spi.oracle.Half;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** float16 and bfloat16: every value, and every place where rounding turns. */
abstract class HalfContract {
  private static final int[] HALVES = {Kernels.FLOAT16, Kernels.BFLOAT16};
  private static final int ALL = 1 << 16;

  @TestFactory
  List<DynamicTest> conversions() {
    DifferentialCheck.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (int half : HALVES) {
      String name = DtypeInfo.name(half);
      for (int wide : Samples.FLOATS) {
        String both = name + " and " + DtypeInfo.name(wide);
        tests.add(dynamicTest("every value, " + both, () -> everyValue(both, half, wide)));
        tests.add(dynamicTest("rounding, " + both, () -> rounding(both, half, wide)));
      }
      int other = half == Kernels.FLOAT16 ? Kernels.BFLOAT16 : Kernels.FLOAT16;
      tests.add(dynamicTest(name + " to the other half", () -> everyValue(name, half, other)));
      tests.add(dynamicTest(name + " and integers", () -> integers(name, half)));
    }
    return tests;
  }

  /** To a type and back; float16 comes back from a wider one as it was. */
  private static void everyValue(String what, int half, int other) {
    try (DifferentialCheck check = DifferentialCheck.open()) {
      var x = everyPattern(check, half);
      var y = check.output(other, ALL);
      check.call(what, (k, s) -> k.convert(half, other, ALL, s.at(x), s.at(y)));
      check.identical(what, y);
      var back = check.output(half, ALL);
      check.call(what, (k, s) -> k.convert(other, half, ALL, s.at(y), s.at(back)));
      check.identical(what + ", back", back);
      var zeros = check.output(Kernels.BOOL, ALL);
      check.call(what, (k, s) -> k.convert(half, Kernels.BOOL, ALL, s.at(x), s.at(zeros)));
      check.same(what + ", to bool", zeros, EXACT);
      for (int i : new int[] {0, 1, 0x3ff, 0x400, 0x3c00, 0x7bff, 0x7c00, 0x8000, 0xffff}) {
        check.sameRead(what + ", pattern " + i, x, i);
      }
    }
  }

  private static DifferentialCheck.Operand everyPattern(DifferentialCheck check, int half) {
    double[] bytes = Samples.fill(2 * ALL, i -> 0xFF & (i % 2 == 0 ? i / 2 : i / 2 >> 8));
    return check.of(Kernels.UINT8, bytes).as(half);
  }

  /** Every value, the middle to its neighbour, and what lies next to that on both sides. */
  private static void rounding(String what, int half, int wide) {
    Half format = DtypeInfo.half(half);
    int n = 4 * ALL;
    double[] values = new double[n];
    for (int i = 0; i < ALL; i++) {
      double value = format.widen((short) i);
      double step = Math.copySign(format.ulp(value) / 2, value);
      double middle = Double.isFinite(value) ? value + step : value;
      values[4 * i] = value;
      values[4 * i + 1] = middle;
      values[4 * i + 2] = Math.nextUp((float) middle);
      values[4 * i + 3] = Math.nextDown((float) middle);
    }
    try (DifferentialCheck check = DifferentialCheck.open()) {
      var x = check.of(wide, values);
      var y = check.output(half, n);
      check.call(what, (k, s) -> k.convert(wide, half, n, s.at(x), s.at(y)));
      check.identical(what, y);
      // The same one at a time, as elements that are not neighbours are.
      var z = check.output(half, n);
      var table = check.table(1, n, 1, 1);
      check.call(what, (k, s) -> k.copy(wide, half, s.at(table), s.at(x), s.at(z)));
      check.identical(what + ", copied", z);
    }
  }

  private static void integers(String what, int half) {
    long[] values = {
      0,
      1,
      -1,
      255,
      256,
      257,
      258,
      259,
      2047,
      2049,
      2051,
      -4098,
      65504,
      65519,
      65520,
      -65520,
      1L << 40,
      (1L << 53) + 1,
      Long.MAX_VALUE,
      Long.MIN_VALUE
    };
    int n = values.length;
    try (DifferentialCheck check = DifferentialCheck.open()) {
      for (int dtype : Samples.WHOLE) {
        var x = check.ofLongs(dtype, values);
        var y = check.output(half, n);
        check.call(what, (k, s) -> k.convert(dtype, half, n, s.at(x), s.at(y)));
        check.identical(what + " from " + DtypeInfo.name(dtype), y);
      }
    }
  }
}
