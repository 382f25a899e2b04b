package dev.flambeau.spi;

import static dev.flambeau.spi.Tolerance.EXACT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * float16 and bfloat16: every value, every place where rounding turns, and what the CPU refuses.
 */
abstract class HalfContract {
  private static final int[] HALVES = {Kernels.FLOAT16, Kernels.BFLOAT16};
  private static final int ALL = 1 << 16;

  @TestFactory
  List<DynamicTest> conversions() {
    Duel.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (int half : HALVES) {
      String name = Cells.name(half);
      for (int wide : Samples.FLOATS) {
        String both = name + " and " + Cells.name(wide);
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
    try (Duel duel = Duel.open()) {
      var x = everyPattern(duel, half);
      var y = duel.output(other, ALL);
      duel.call(what, (k, s) -> k.convert(half, other, ALL, s.at(x), s.at(y)));
      duel.identical(what, y);
      var back = duel.output(half, ALL);
      duel.call(what, (k, s) -> k.convert(other, half, ALL, s.at(y), s.at(back)));
      duel.identical(what + ", back", back);
      var zeros = duel.output(Kernels.BOOL, ALL);
      duel.call(what, (k, s) -> k.convert(half, Kernels.BOOL, ALL, s.at(x), s.at(zeros)));
      duel.same(what + ", to bool", zeros, EXACT);
      for (int i : new int[] {0, 1, 0x3ff, 0x400, 0x3c00, 0x7bff, 0x7c00, 0x8000, 0xffff}) {
        duel.sameRead(what + ", pattern " + i, x, i);
      }
    }
  }

  private static Duel.Operand everyPattern(Duel duel, int half) {
    double[] bytes = Samples.fill(2 * ALL, i -> 0xFF & (i % 2 == 0 ? i / 2 : i / 2 >> 8));
    return duel.of(Kernels.UINT8, bytes).as(half);
  }

  /** Every value, the middle to its neighbour, and what lies next to that on both sides. */
  private static void rounding(String what, int half, int wide) {
    Half format = Cells.half(half);
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
    try (Duel duel = Duel.open()) {
      var x = duel.of(wide, values);
      var y = duel.output(half, n);
      duel.call(what, (k, s) -> k.convert(wide, half, n, s.at(x), s.at(y)));
      duel.identical(what, y);
      // The same one at a time, as elements that are not neighbours are.
      var z = duel.output(half, n);
      var table = duel.table(1, n, 1, 1);
      duel.call(what, (k, s) -> k.copy(wide, half, s.at(table), s.at(x), s.at(z)));
      duel.identical(what + ", copied", z);
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
    try (Duel duel = Duel.open()) {
      for (int dtype : new int[] {Kernels.INT64, Kernels.INT32, Kernels.UINT8, Kernels.BOOL}) {
        var x = duel.ofLongs(dtype, values);
        var y = duel.output(half, n);
        duel.call(what, (k, s) -> k.convert(dtype, half, n, s.at(x), s.at(y)));
        duel.identical(what + " from " + Cells.name(dtype), y);
      }
    }
  }

  private interface Refused {
    int on(Kernels kernels, Duel.Side side, int dtype);
  }

  @TestFactory
  List<DynamicTest> theCpuComputesNothing() {
    assumeTrue(Duel.backend().name().equals("cpu"), "other devices compute with halves");
    List<DynamicTest> tests = new ArrayList<>();
    for (int half : HALVES) {
      for (String name : refusals(null, null, null, null).keySet()) {
        tests.add(dynamicTest(name + " " + Cells.name(half), () -> refused(name, half)));
      }
    }
    return tests;
  }

  private static void refused(String name, int half) {
    try (Duel duel = Duel.open()) {
      double[] ones = Samples.fill(64, i -> 1);
      var x = duel.of(half, ones);
      var y = duel.of(half, ones);
      var places = duel.ofLongs(Kernels.INT64, new long[64]);
      var table = duel.table(side -> new long[] {4, side.at(x), side.at(y), side.at(x), 1, 0, 1});
      Refused call = refusals(x, y, places, table).get(name);
      int status = duel.call(name, (k, s) -> call.on(k, s, half));
      assertEquals(Kernels.UNSUPPORTED, status, name);
      assertEquals(Refusal.half(half).getMessage(), duel.subject().lastError(), name);
      duel.sameBits(name, x);
      duel.sameBits(name, y);
    }
  }

  private static Map<String, Refused> refusals(
      Duel.Operand x, Duel.Operand y, Duel.Operand places, Duel.Operand table) {
    Map<String, Refused> all = new LinkedHashMap<>();
    for (int op : new int[] {Kernels.NEG, Kernels.EXP, Kernels.IS_NAN, Kernels.POW}) {
      all.put("unary " + op, (k, s, t) -> k.unary(op, t, 4, s.at(x), s.at(y), 2, 2));
      all.put(
          "unary grad " + op,
          (k, s, t) -> k.unaryGrad(op, t, 4, s.at(x), s.at(x), s.at(x), s.at(y), 2, 2));
    }
    for (int op : new int[] {Kernels.ADD, Kernels.DIV, Kernels.BINARY_POW, Kernels.EQ}) {
      all.put("binary " + op, (k, s, t) -> k.binary(op, t, 4, s.at(x), s.at(x), s.at(y)));
      all.put("scalar " + op, (k, s, t) -> k.binaryScalar(op, t, 4, s.at(x), s.at(y), 0, 0));
    }
    for (int op : new int[] {Kernels.REDUCE_SUM, Kernels.REDUCE_MEAN, Kernels.REDUCE_ANY}) {
      all.put("reduce " + op, (k, s, t) -> k.reduce(op, t, 1, 4, 1, s.at(x), s.at(y)));
    }
    all.put("extreme", (k, s, t) -> k.reduceIndex(0, t, 1, 4, 1, s.at(x), 0, s.at(places)));
    all.put("moments", (k, s, t) -> k.moments(t, 1, 4, 1, s.at(x), 0, s.at(y), 1));
    all.put("softmax", (k, s, t) -> k.softmax(0, t, 1, 4, 1, s.at(x), s.at(y)));
    all.put("softmax grad", (k, s, t) -> k.softmaxGrad(0, t, 1, 4, 1, s.at(x), s.at(x), s.at(y)));
    all.put(
        "layer norm",
        (k, s, t) -> k.layerNorm(t, 1, 4, s.at(x), 0, 0, s.at(y), s.at(y), s.at(y), 1e-5));
    all.put(
        "layer norm grad",
        (k, s, t) ->
            k.layerNormGrad(t, 1, 4, s.at(x), s.at(x), s.at(x), s.at(x), 0, s.at(y), 0, 0));
    all.put("loss", (k, s, t) -> k.loss(0, Kernels.MEAN, t, 4, s.at(x), s.at(x), s.at(y)));
    all.put(
        "loss grad",
        (k, s, t) -> k.lossGrad(0, Kernels.MEAN, t, 4, s.at(x), s.at(x), s.at(x), s.at(y)));
    all.put(
        "nll",
        (k, s, t) -> k.nllLoss(1, t, 2, 2, 1, s.at(x), s.at(places), 0, s.at(y), s.at(y), -100));
    all.put(
        "nll grad",
        (k, s, t) ->
            k.nllLossGrad(1, t, 2, 2, 1, s.at(x), s.at(places), 0, s.at(x), s.at(y), -100));
    all.put(
        "cross entropy",
        (k, s, t) ->
            k.crossEntropy(1, t, 2, 2, 1, s.at(x), s.at(places), 0, s.at(y), 0, s.at(y), -100, 0));
    all.put(
        "cross entropy grad",
        (k, s, t) ->
            k.crossEntropyGrad(
                1,
                t,
                2,
                2,
                1,
                s.at(x),
                s.at(x),
                s.at(x),
                s.at(places),
                0,
                s.at(x),
                s.at(y),
                -100,
                0));
    all.put(
        "matmul",
        (k, s, t) ->
            k.matmul(t, 0, 1, 2, 2, 2, s.at(x), 0, 2, 1, s.at(x), 0, 2, 1, 0, s.at(y), 0, 2));
    all.put(
        "scatter add", (k, s, t) -> k.scatter(1, t, 1, 4, 2, 1, s.at(places), s.at(x), s.at(y)));
    all.put("index add", (k, s, t) -> k.indexAdd(t, 1, 4, 2, 1, s.at(places), s.at(x), s.at(y)));
    all.put("sgd", (k, s, t) -> k.sgd(t, 0, 1, s.at(table), 0.1, 0, 0, 0));
    all.put("adam", (k, s, t) -> k.adam(t, 0, 1, s.at(table), 0.1, 0.9, 0.99, 1e-8, 0));
    return all;
  }
}
