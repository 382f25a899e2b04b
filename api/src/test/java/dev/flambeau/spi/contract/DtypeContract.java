package dev.flambeau.spi.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.oracle.BinaryFormulas;
import dev.flambeau.spi.oracle.DtypeInfo;
import dev.flambeau.spi.oracle.HeaderEnum;
import dev.flambeau.spi.oracle.Refusal;
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
    int on(Kernels kernels, DifferentialCheck.Side side, int dtype);
  }

  @TestFactory
  List<DynamicTest> theCpuComputesNothing() {
    assumeTrue(
        DifferentialCheck.backend().name().equals("cpu"), "other devices compute with halves");
    List<DynamicTest> tests = new ArrayList<>();
    for (int half : Samples.STORED) {
      if (DtypeInfo.isHalf(half)) {
        for (String name : calls(null, null, null, null).keySet()) {
          tests.add(dynamicTest(name + " " + DtypeInfo.name(half), () -> refused(name, half)));
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
            check -> assertEquals(Refusal.half(half).getMessage(), check.subject().lastError()));
    assertEquals(Kernels.UNSUPPORTED, status, name);
  }

  /** Kernels for floats only refuse these, the others compute. */
  @TestFactory
  List<DynamicTest> wholeNumbers() {
    DifferentialCheck.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (int dtype : Samples.WHOLE) {
      for (String name : calls(null, null, null, null).keySet()) {
        String both = name + " " + DtypeInfo.name(dtype);
        tests.add(dynamicTest(both, () -> answer(name, dtype, check -> {})));
      }
    }
    return tests;
  }

  /**
   * The least and the greatest of every signed type, with each other: all ops, and the extremes.
   */
  @TestFactory
  List<DynamicTest> limitsOfIntegers() {
    DifferentialCheck.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (int dtype : Samples.WHOLE) {
      if (dtype != Kernels.BOOL && !DtypeInfo.isUnsigned(dtype)) {
        tests.add(dynamicTest(DtypeInfo.name(dtype), () -> limits(DtypeInfo.name(dtype), dtype)));
      }
    }
    return tests;
  }

  private static void limits(String what, int dtype) {
    long least = -1L << 8 * DtypeInfo.bytes(dtype) - 1;
    long[] ends = {least, ~least, least + 1, -1, 0, 1, 7};
    int n = ends.length;
    for (int op : HeaderEnum.BINARY.all()) {
      if (op == Kernels.DIV) {
        continue;
      }
      for (long end : ends) {
        if (op == Kernels.REMAINDER && end == 0) {
          continue;
        }
        try (DifferentialCheck check = DifferentialCheck.open()) {
          String name = what + " " + HeaderEnum.BINARY.name(op) + " " + end;
          var a = check.ofLongs(dtype, ends);
          var b = check.ofLongs(dtype, end, end, end, end, end, end, end);
          var y = check.output(BinaryFormulas.isPredicate(op) ? Kernels.BOOL : dtype, n);
          check.call(name, (k, s) -> k.binary(op, dtype, n, s.at(a), s.at(b), s.at(y)));
          check.sameBits(name, y);
          check.call(name, (k, s) -> k.binaryScalar(op, dtype, n, s.at(a), s.at(y), end, 0));
          check.sameBits(name + " as a number", y);
        }
      }
    }
    for (int op :
        new int[] {Kernels.NEG, Kernels.ABS, Kernels.SIGN, Kernels.SQUARE, Kernels.RELU}) {
      try (DifferentialCheck check = DifferentialCheck.open()) {
        var a = check.ofLongs(dtype, ends);
        var y = check.output(dtype, n);
        check.call(what, (k, s) -> k.unary(op, dtype, n, s.at(a), s.at(y), 0, 0));
        check.sameBits(what + " " + HeaderEnum.UNARY.name(op), y);
      }
    }
    for (int op : new int[] {Kernels.REDUCE_SUM, Kernels.REDUCE_PROD}) {
      try (DifferentialCheck check = DifferentialCheck.open()) {
        String name = what + " " + HeaderEnum.REDUCE.name(op);
        var a = check.ofLongs(dtype, least, ~least, least + 1, -1, 7);
        var y = check.output(Kernels.INT64, 1);
        check.call(name, (k, s) -> k.reduce(op, dtype, 1, 5, 1, s.at(a), s.at(y)));
        check.sameBits(name, y);
      }
    }
    for (int op : HeaderEnum.INDEX_REDUCE.all()) {
      int extreme = op == Kernels.INDEX_MAX ? Kernels.REDUCE_AMAX : Kernels.REDUCE_AMIN;
      try (DifferentialCheck check = DifferentialCheck.open()) {
        var a = check.ofLongs(dtype, ends);
        var values = check.output(dtype, 1);
        var places = check.output(Kernels.INT64, 1);
        check.call(
            what, (k, s) -> k.reduceIndex(op, dtype, 1, n, 1, s.at(a), s.at(values), s.at(places)));
        check.sameBits(what, values);
        check.sameBits(what, places);
        check.call(what, (k, s) -> k.reduce(extreme, dtype, 1, n, 1, s.at(a), s.at(values)));
        check.sameBits(what, values);
      }
    }
  }

  /** One call in one dtype: the answer is the oracle's, and so is what was written. */
  private static int answer(String name, int dtype, Consumer<DifferentialCheck> after) {
    try (DifferentialCheck check = DifferentialCheck.open()) {
      double[] ones = Samples.fill(64, i -> 1);
      var x = check.of(dtype, ones);
      var y = check.of(dtype, ones);
      var places = check.ofLongs(Kernels.INT64, new long[64]);
      var table =
          check.table(
              s -> new long[] {4, s.at(x), s.at(y), s.at(x), s.at(x), 0, 0, 0, 0, 0, 0, 0, 0});
      Call call = calls(x, y, places, table).get(name);
      int status = check.call(name, (k, s) -> call.on(k, s, dtype));
      after.accept(check);
      check.sameBits(name, x);
      check.sameBits(name, y);
      return status;
    }
  }

  /** Every kernel that computes, on a few ones. */
  private static Map<String, Call> calls(
      DifferentialCheck.Operand x,
      DifferentialCheck.Operand y,
      DifferentialCheck.Operand places,
      DifferentialCheck.Operand table) {
    Map<String, Call> all = new LinkedHashMap<>();
    for (int kind : HeaderEnum.SEQUENCE.all()) {
      all.put(HeaderEnum.SEQUENCE.name(kind), (k, s, t) -> k.sequence(kind, t, 4, s.at(y), 0, 0));
    }
    for (int op : new int[] {Kernels.NEG, Kernels.EXP, Kernels.IS_NAN, Kernels.POW}) {
      all.put(
          "unary " + HeaderEnum.UNARY.name(op),
          (k, s, t) -> k.unary(op, t, 4, s.at(x), s.at(y), 2, 2));
      all.put(
          "gradient of " + HeaderEnum.UNARY.name(op),
          (k, s, t) -> k.unaryGrad(op, t, 4, s.at(x), s.at(x), s.at(x), s.at(y), 2, 2));
    }
    for (int op : new int[] {Kernels.ADD, Kernels.DIV, Kernels.BINARY_POW, Kernels.EQ}) {
      all.put(
          "binary " + HeaderEnum.BINARY.name(op),
          (k, s, t) -> k.binary(op, t, 4, s.at(x), s.at(x), s.at(y)));
      all.put(
          "scalar " + HeaderEnum.BINARY.name(op),
          (k, s, t) -> k.binaryScalar(op, t, 4, s.at(x), s.at(y), 0, 0));
    }
    for (int op : new int[] {Kernels.REDUCE_SUM, Kernels.REDUCE_MEAN, Kernels.REDUCE_ANY}) {
      all.put(
          "reduce " + HeaderEnum.REDUCE.name(op),
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
    for (int kind : HeaderEnum.OPTIMIZER.all()) {
      all.put(HeaderEnum.OPTIMIZER.name(kind), (k, s, t) -> k.step(kind, t, 0, 1, s.at(table)));
    }
    return all;
  }
}
