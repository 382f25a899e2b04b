package dev.flambeau.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every kernel in the dtypes that it may not have: what it refuses, and that it writes nothing; and
 * integers at their limits.
 */
abstract class DtypeContract {
  private interface Call {
    int on(Kernels kernels, Duel.Side side, int dtype);
  }

  @TestFactory
  List<DynamicTest> theCpuComputesNothing() {
    assumeTrue(Duel.backend().name().equals("cpu"), "other devices compute with halves");
    List<DynamicTest> tests = new ArrayList<>();
    for (int half : Samples.STORED) {
      if (Cells.isHalf(half)) {
        for (String name : calls(null, null, null, null).keySet()) {
          tests.add(dynamicTest(name + " " + Cells.name(half), () -> refused(name, half)));
        }
      }
    }
    return tests;
  }

  private static void refused(String name, int half) {
    int status =
        answer(
            name,
            half,
            duel -> assertEquals(Refusal.half(half).getMessage(), duel.subject().lastError()));
    assertEquals(Kernels.UNSUPPORTED, status, name);
  }

  /** What exists for floats only is refused, and what counts is computed. */
  @TestFactory
  List<DynamicTest> wholeNumbers() {
    Duel.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (int dtype : Samples.WHOLE) {
      for (String name : calls(null, null, null, null).keySet()) {
        boolean sums = dtype == Kernels.BOOL && name.matches("reduce (sum|mean)");
        if (!sums) { // see AxisContract
          String both = name + " " + Cells.name(dtype);
          tests.add(dynamicTest(both, () -> answer(name, dtype, duel -> {})));
        }
      }
    }
    return tests;
  }

  /**
   * The least and the greatest of every signed type, with each other: all ops, and the extremes.
   */
  @TestFactory
  List<DynamicTest> limitsOfIntegers() {
    Duel.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (int dtype : Samples.WHOLE) {
      if (dtype != Kernels.BOOL && !Cells.isUnsigned(dtype)) {
        tests.add(dynamicTest(Cells.name(dtype), () -> limits(Cells.name(dtype), dtype)));
      }
    }
    return tests;
  }

  private static void limits(String what, int dtype) {
    long least = -1L << 8 * Cells.bytes(dtype) - 1;
    long[] ends = {least, ~least, least + 1, -1, 0, 1, 7};
    int n = ends.length;
    for (int op : Codes.BINARY.all()) {
      if (op == Kernels.DIV) {
        continue;
      }
      for (long end : ends) {
        if (op == Kernels.REMAINDER && end == 0) {
          continue;
        }
        try (Duel duel = Duel.open()) {
          String name = what + " " + Codes.BINARY.name(op) + " " + end;
          var a = duel.ofLongs(dtype, ends);
          var b = duel.ofLongs(dtype, end, end, end, end, end, end, end);
          var y = duel.output(BinaryFormulas.isQuestion(op) ? Kernels.BOOL : dtype, n);
          duel.call(name, (k, s) -> k.binary(op, dtype, n, s.at(a), s.at(b), s.at(y)));
          duel.sameBits(name, y);
          duel.call(name, (k, s) -> k.binaryScalar(op, dtype, n, s.at(a), s.at(y), end, 0));
          duel.sameBits(name + " as a number", y);
        }
      }
    }
    for (int op :
        new int[] {Kernels.NEG, Kernels.ABS, Kernels.SIGN, Kernels.SQUARE, Kernels.RELU}) {
      try (Duel duel = Duel.open()) {
        var a = duel.ofLongs(dtype, ends);
        var y = duel.output(dtype, n);
        duel.call(what, (k, s) -> k.unary(op, dtype, n, s.at(a), s.at(y), 0, 0));
        duel.sameBits(what + " " + Codes.UNARY.name(op), y);
      }
    }
    for (int op : Codes.INDEX_REDUCE.all()) {
      int extreme = op == Kernels.INDEX_MAX ? Kernels.REDUCE_AMAX : Kernels.REDUCE_AMIN;
      try (Duel duel = Duel.open()) {
        var a = duel.ofLongs(dtype, ends);
        var values = duel.output(dtype, 1);
        var places = duel.output(Kernels.INT64, 1);
        duel.call(
            what, (k, s) -> k.reduceIndex(op, dtype, 1, n, 1, s.at(a), s.at(values), s.at(places)));
        duel.sameBits(what, values);
        duel.sameBits(what, places);
        duel.call(what, (k, s) -> k.reduce(extreme, dtype, 1, n, 1, s.at(a), s.at(values)));
        duel.sameBits(what, values);
      }
    }
  }

  /** One call in one dtype: the answer is the oracle's, and so is what was written. */
  private static int answer(String name, int dtype, Consumer<Duel> after) {
    try (Duel duel = Duel.open()) {
      double[] ones = Samples.fill(64, i -> 1);
      var x = duel.of(dtype, ones);
      var y = duel.of(dtype, ones);
      var places = duel.ofLongs(Kernels.INT64, new long[64]);
      var table =
          duel.table(
              s -> new long[] {4, s.at(x), s.at(y), s.at(x), s.at(x), 0, 0, 0, 0, 0, 0, 0, 0});
      Call call = calls(x, y, places, table).get(name);
      int status = duel.call(name, (k, s) -> call.on(k, s, dtype));
      after.accept(duel);
      duel.sameBits(name, x);
      duel.sameBits(name, y);
      return status;
    }
  }

  /** Every kernel that computes, on a few ones. */
  private static Map<String, Call> calls(
      Duel.Operand x, Duel.Operand y, Duel.Operand places, Duel.Operand table) {
    Map<String, Call> all = new LinkedHashMap<>();
    for (int op : new int[] {Kernels.NEG, Kernels.EXP, Kernels.IS_NAN, Kernels.POW}) {
      all.put(
          "unary " + Codes.UNARY.name(op), (k, s, t) -> k.unary(op, t, 4, s.at(x), s.at(y), 2, 2));
      all.put(
          "gradient of " + Codes.UNARY.name(op),
          (k, s, t) -> k.unaryGrad(op, t, 4, s.at(x), s.at(x), s.at(x), s.at(y), 2, 2));
    }
    for (int op : new int[] {Kernels.ADD, Kernels.DIV, Kernels.BINARY_POW, Kernels.EQ}) {
      all.put(
          "binary " + Codes.BINARY.name(op),
          (k, s, t) -> k.binary(op, t, 4, s.at(x), s.at(x), s.at(y)));
      all.put(
          "scalar " + Codes.BINARY.name(op),
          (k, s, t) -> k.binaryScalar(op, t, 4, s.at(x), s.at(y), 0, 0));
    }
    for (int op : new int[] {Kernels.REDUCE_SUM, Kernels.REDUCE_MEAN, Kernels.REDUCE_ANY}) {
      all.put(
          "reduce " + Codes.REDUCE.name(op),
          (k, s, t) -> k.reduce(op, t, 1, 4, 1, s.at(x), s.at(y)));
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
    for (int kind : Codes.OPTIMIZER.all()) {
      all.put(Codes.OPTIMIZER.name(kind), (k, s, t) -> k.step(kind, t, 0, 1, s.at(table)));
    }
    return all;
  }
}
