package dev.flambeau.spi.contract;

import static dev.flambeau.spi.contract.Tolerance.EXACT;
import static dev.flambeau.spi.contract.Tolerance.ulps;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.oracle.BinaryFormulas;
import dev.flambeau.spi.oracle.DtypeInfo;
import dev.flambeau.spi.oracle.HeaderEnum;
import dev.flambeau.spi.oracle.UnaryFormulas;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Dense pointwise kernels against the oracle: every op, dtype, awkward size and special value. */
abstract class PointwiseContract {
  private static final double[][] PARAMETERS = {{1, 20}, {2, 3}, {0.5, 0.75}, {-1, 2}};
  private static final double[] EDGES = {
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    1e10,
    -1e10,
    -1,
    300,
    -300.5,
    0x1p31,
    -0x1p31,
    0x1p31 - 1,
    -0x1p31 - 0.5,
    -0x1p31 - 1,
    0x1p40 + 5,
    0x1p53 - 1,
    0x1p62 + 0x1p40,
    0x1p63,
    -0x1p63,
    1e19,
    -1e19,
    1e300,
    255.9,
    256,
    -255.9,
    -0.5
  };
  private static final double[][] EXPONENTS = {
    {2, 0}, {3, 0}, {-1, 0}, {0, 0}, {-2.5, 0}, {1.5, 0}
  };

  @TestFactory
  List<DynamicTest> unary() {
    DifferentialCheck.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (int op : HeaderEnum.UNARY.all()) {
      for (int dtype : Samples.DTYPES) {
        String name = "unary " + HeaderEnum.UNARY.name(op) + " " + DtypeInfo.name(dtype);
        tests.add(dynamicTest(name, () -> unary(name, op, dtype)));
      }
    }
    return tests;
  }

  private static void unary(String name, int op, int dtype) {
    int result = UnaryFormulas.predicate(op) != null ? Kernels.BOOL : dtype;
    for (int n : Samples.SIZES) {
      for (double[] p : parameters(op)) {
        try (DifferentialCheck check = DifferentialCheck.open()) {
          String what = name + " of " + n + ", p " + p[0] + ", q " + p[1];
          double[] values = Samples.values(dtype, n, op);
          var x = check.of(dtype, values);
          var y = check.output(result, n);
          check.call(what, (k, s) -> k.unary(op, dtype, n, s.at(x), s.at(y), p[0], p[1]));
          check.same(what, y, unaryTolerance(op, dtype, values));
          if (result == dtype) {
            check.call(what, (k, s) -> k.unary(op, dtype, n, s.at(x), s.at(x), p[0], p[1]));
            check.same(what + ", in place", x, unaryTolerance(op, dtype, values));
          }
        }
      }
    }
  }

  private static double[][] parameters(int op) {
    return switch (op) {
      case Kernels.POW -> EXPONENTS;
      case Kernels.SOFTPLUS -> new double[][] {{1, 20}, {2, 3}};
      default -> hasParameters(op) ? PARAMETERS : new double[][] {{0, 0}};
    };
  }

  /** Whether the oracle's results depend on p and q. */
  private static boolean hasParameters(int op) {
    for (double x : new double[] {-0.7, 0.3, 1.9}) {
      double plain = output(op, Kernels.FLOAT64, x, new double[] {0, 0});
      double other = output(op, Kernels.FLOAT64, x, new double[] {0.5, 0.75});
      if (Double.compare(plain, other) != 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * Units in the last place for each op: what NVIDIA says of its functions (scalar_math.h: 4 for
   * powf, 2 for sin and cos), and one for the oracle's. Formulas that add to 1 something that may
   * be near -1 are measured against |x|; those that divide by an exponential may lose results below
   * the least normal number.
   */
  private static Tolerance unaryTolerance(int op, int dtype, double[] x) {
    boolean narrow = dtype == Kernels.FLOAT32;
    double least = narrow ? 128 * Float.MIN_NORMAL : 1024 * Double.MIN_NORMAL;
    return switch (op) {
      case Kernels.EXP, Kernels.LOG, Kernels.LOG1P -> ulps(2);
      case Kernels.RSQRT -> ulps(1);
      case Kernels.EXPM1, Kernels.SIN, Kernels.COS -> ulps(3);
      case Kernels.TANH, Kernels.ELU -> ulps(narrow ? 3 : 5);
      case Kernels.POW -> ulps(5);
      case Kernels.ERF -> ulps(narrow ? 3 : 8);
      case Kernels.SIGMOID, Kernels.SILU, Kernels.SOFTPLUS -> ulps(4).plus(least);
      case Kernels.GELU, Kernels.GELU_TANH -> ulps(8).against(Samples.absolute(x));
      default -> EXACT;
    };
  }

  @TestFactory
  List<DynamicTest> unaryGradients() {
    DifferentialCheck.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (int op : HeaderEnum.UNARY.all()) {
      for (int dtype : Samples.FLOATS) {
        String name = "gradient of " + HeaderEnum.UNARY.name(op) + " " + DtypeInfo.name(dtype);
        tests.add(dynamicTest(name, () -> grad(name, op, dtype)));
      }
    }
    return tests;
  }

  /** More where what a library's function errs by is multiplied by x or by an exponent. */
  private static int slopeUlps(int op, int dtype) {
    boolean library = dtype == Kernels.FLOAT64; // our own functions serve float32, but for pow
    return switch (op) {
      case Kernels.GELU_TANH -> library ? 64 : 8;
      case Kernels.SILU -> library ? 16 : 8;
      case Kernels.POW -> 16;
      default -> 8;
    };
  }

  private static void grad(String name, int op, int dtype) {
    for (int n : Samples.SIZES) {
      for (double[] p : parameters(op)) {
        try (DifferentialCheck check = DifferentialCheck.open()) {
          String what = name + ", " + n + ", p " + p[0] + ", q " + p[1];
          double[] values = Samples.ordinary(dtype, n, op);
          values[0] = needsPositive(op) ? 1 : 0;
          for (int i = 0; i < n && needsPositive(op); i++) {
            values[i] = Math.abs(values[i]) + 0.125;
          }
          double[] slopes = Samples.ordinary(dtype, n, 5);
          var g = check.of(dtype, slopes);
          double[] outputs = Samples.fill(n, i -> output(op, dtype, values[i], p));
          var x = UnaryFormulas.gradientNeedsInput(op) ? check.of(dtype, values) : null;
          var y = UnaryFormulas.gradientNeedsOutput(op) ? check.of(dtype, outputs) : null;
          var gx = check.output(dtype, n);
          check.call(what, (k, s) -> gradient(k, op, dtype, n, s, g, x, y, gx, p));
          Tolerance near = ulps(slopeUlps(op, dtype)).against(Samples.absolute(slopes));
          check.same(what, gx, near);
          check.call(what, (k, s) -> gradient(k, op, dtype, n, s, g, x, y, g, p));
          check.same(what + ", in place", g, near);
        }
      }
    }
  }

  private static int gradient(
      Kernels k,
      int op,
      int dtype,
      int n,
      DifferentialCheck.Side s,
      DifferentialCheck.Operand g,
      DifferentialCheck.Operand x,
      DifferentialCheck.Operand y,
      DifferentialCheck.Operand gx,
      double[] p) {
    return k.unaryGrad(op, dtype, n, s.at(g), s.at(x), s.at(y), s.at(gx), p[0], p[1]);
  }

  private static boolean needsPositive(int op) {
    return switch (op) {
      case Kernels.LOG, Kernels.LOG1P, Kernels.SQRT, Kernels.RSQRT -> true;
      case Kernels.RECIPROCAL, Kernels.POW -> true;
      default -> false;
    };
  }

  private static double output(int op, int dtype, double x, double[] p) {
    var value = UnaryFormulas.floating(op, dtype, p[0], p[1]);
    return value == null ? 0 : DtypeInfo.round(dtype, value.applyAsDouble(x));
  }

  @TestFactory
  List<DynamicTest> binary() {
    DifferentialCheck.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (int op : HeaderEnum.BINARY.all()) {
      for (int dtype : Samples.DTYPES) {
        String name = "binary " + HeaderEnum.BINARY.name(op) + " " + DtypeInfo.name(dtype);
        tests.add(dynamicTest(name, () -> binary(name, op, dtype)));
      }
    }
    return tests;
  }

  static int resultOf(int op, int dtype) {
    return BinaryFormulas.isPredicate(op) ? Kernels.BOOL : dtype;
  }

  static Tolerance binaryTolerance(int op) {
    return op == Kernels.BINARY_POW ? ulps(5) : EXACT;
  }

  /** Right operands: a divisor is not 0 where that is an error of its own, an exponent is small. */
  static double[] divisors(int op, int dtype, int n) {
    double[] b = Samples.values(dtype, n, 3 + op);
    for (int i = 0; i < n && !DtypeInfo.isFloating(dtype); i++) {
      b[i] = op == Kernels.REMAINDER && b[i] == 0 ? 7 : op == Kernels.BINARY_POW ? b[i] % 9 : b[i];
    }
    return b;
  }

  private static void binary(String name, int op, int dtype) {
    int result = resultOf(op, dtype);
    Tolerance near = binaryTolerance(op);
    for (int n : Samples.SIZES) {
      try (DifferentialCheck check = DifferentialCheck.open()) {
        String what = name + " of " + n;
        var a = check.of(dtype, Samples.values(dtype, n, op));
        var b = check.of(dtype, divisors(op, dtype, n));
        var y = check.output(result, n);
        check.call(what, (k, s) -> k.binary(op, dtype, n, s.at(a), s.at(b), s.at(y)));
        check.same(what, y, near);
        for (double number : new double[] {2, 0.1, -3}) {
          long scalar = scalar(dtype, number);
          var z = check.output(result, n);
          check.call(
              what, (k, s) -> k.binaryScalar(op, dtype, n, s.at(a), s.at(z), scalar(dtype, 3), 0));
          check.same(what + " with 3", z, near);
          var left = check.output(result, n);
          check.call(what, (k, s) -> k.binaryScalar(op, dtype, n, s.at(b), s.at(left), scalar, 1));
          check.same(what + ", reversed with " + number, left, near);
        }
        if (result == dtype) {
          check.call(what, (k, s) -> k.binary(op, dtype, n, s.at(a), s.at(b), s.at(b)));
          check.same(what + ", into b", b, near);
        }
      }
    }
  }

  /** As it crosses the boundary: the bits of a double, or an integer. */
  static long scalar(int dtype, double number) {
    boolean floating = DtypeInfo.isFloating(dtype);
    return floating
        ? Double.doubleToRawLongBits(number)
        : dtype == Kernels.BOOL ? 1 : (long) number;
  }

  @Test
  void aScalarIsRoundedToTheDtypeFirst() {
    try (DifferentialCheck check = DifferentialCheck.open()) {
      var x = check.of(Kernels.FLOAT32, 0.1f, 0.2f);
      var y = check.output(Kernels.BOOL, 2);
      long tenth = scalar(Kernels.FLOAT32, 0.1);
      check.call(
          "0.1f == 0.1", (k, s) -> k.binaryScalar(Kernels.EQ, 0, 2, s.at(x), s.at(y), tenth, 0));
      check.same("0.1f == 0.1", y, EXACT);
    }
  }

  @Test
  void integersWrapAtTheirLimits() {
    for (int op : new int[] {Kernels.ADD, Kernels.SUB, Kernels.MUL, Kernels.REMAINDER}) {
      try (DifferentialCheck check = DifferentialCheck.open()) {
        long[] edge = {Long.MIN_VALUE, Long.MAX_VALUE, -1, Long.MIN_VALUE, (1L << 53) + 1};
        var a = check.ofLongs(Kernels.INT64, edge);
        var b = check.ofLongs(Kernels.INT64, -1, 2, Long.MIN_VALUE, Long.MIN_VALUE, 3);
        var y = check.output(Kernels.INT64, 5);
        check.call("edges", (k, s) -> k.binary(op, 2, 5, s.at(a), s.at(b), s.at(y)));
        check.same("edges of int64, " + HeaderEnum.BINARY.name(op), y, EXACT);
        var c = check.ofLongs(Kernels.INT32, Integer.MIN_VALUE, Integer.MAX_VALUE, -1, 5, 7);
        var d = check.ofLongs(Kernels.INT32, -1, 2, Integer.MIN_VALUE, -3, 3);
        var z = check.output(Kernels.INT32, 5);
        check.call("edges", (k, s) -> k.binary(op, 4, 5, s.at(c), s.at(d), s.at(z)));
        check.same("edges of int32, " + HeaderEnum.BINARY.name(op), z, EXACT);
      }
    }
  }

  @Test
  void divisionByZeroWritesNothing() {
    for (int dtype : Samples.WHOLE) {
      if (dtype == Kernels.BOOL) {
        continue; // has no remainder
      }
      try (DifferentialCheck check = DifferentialCheck.open()) {
        var a = check.of(dtype, Samples.ordinary(dtype, 100, 1));
        var b = check.of(dtype, Samples.fill(100, i -> i == 77 ? 0 : 1 + i));
        var y = check.output(dtype, 100);
        int op = Kernels.REMAINDER;
        check.call("x % 0", (k, s) -> k.binary(op, dtype, 100, s.at(a), s.at(b), s.at(y)));
        check.sameBits("x % 0", y);
        check.call("x % 0", (k, s) -> k.binaryScalar(op, dtype, 100, s.at(a), s.at(y), 0, 0));
        check.sameBits("x % 0", y);
      }
    }
  }

  @Test
  void largeArraysAreCutWithoutSeams() {
    for (int n : new int[] {65537, 262147}) {
      for (int dtype : new int[] {Kernels.FLOAT32, Kernels.INT64, Kernels.UINT8}) {
        try (DifferentialCheck check = DifferentialCheck.open()) {
          var a = check.of(dtype, Samples.values(dtype, n, 1));
          var b = check.of(dtype, Samples.values(dtype, n, 2));
          var y = check.output(dtype, n);
          check.call("add", (k, s) -> k.binary(Kernels.ADD, dtype, n, s.at(a), s.at(b), s.at(y)));
          check.same("add " + n, y, EXACT);
          check.call("abs", (k, s) -> k.unary(Kernels.ABS, dtype, n, s.at(a), s.at(y), 0, 0));
          check.same("abs " + n, y, EXACT);
          var narrow = check.output(Kernels.BOOL, n);
          check.call("convert", (k, s) -> k.convert(dtype, Kernels.BOOL, n, s.at(a), s.at(narrow)));
          check.same("convert " + n, narrow, EXACT);
          check.call("fill", (k, s) -> k.fill(dtype, n, s.at(y), scalar(dtype, 3)));
          check.same("fill " + n, y, EXACT);
        }
      }
    }
  }

  @Test
  void fillsEveryDtype() {
    for (int dtype : Samples.STORED) {
      for (int n : Samples.SIZES) {
        try (DifferentialCheck check = DifferentialCheck.open()) {
          var y = check.output(dtype, n);
          check.call("fill", (k, s) -> k.fill(dtype, n, s.at(y), scalar(dtype, 0.1)));
          check.sameBits("fill with 0.1", y);
          check.call("fill", (k, s) -> k.fill(dtype, n, s.at(y), scalar(dtype, 200)));
          check.sameBits("fill with 200", y);
        }
      }
    }
  }

  @TestFactory
  List<DynamicTest> conversions() {
    DifferentialCheck.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (int from : Samples.STORED) {
      for (int to : Samples.STORED) {
        String name = DtypeInfo.name(from) + " to " + DtypeInfo.name(to);
        tests.add(dynamicTest(name, () -> convert(name, from, to)));
      }
    }
    return tests;
  }

  private static void convert(String what, int from, int to) {
    for (int n : Samples.SIZES) {
      try (DifferentialCheck check = DifferentialCheck.open()) {
        var x = check.of(from, Samples.values(from, n, 1));
        var y = check.output(to, n);
        check.call(what, (k, s) -> k.convert(from, to, n, s.at(x), s.at(y)));
        check.same(what, y, EXACT);
      }
    }
    if (from == Kernels.INT64) {
      try (DifferentialCheck check = DifferentialCheck.open()) {
        var x = check.ofLongs(from, (1L << 53) + 1, Long.MAX_VALUE, -16777217, 1L << 40);
        var y = check.output(to, 4);
        check.call(what, (k, s) -> k.convert(from, to, 4, s.at(x), s.at(y)));
        check.same(what + ", rounded once", y, EXACT);
      }
    }
  }

  /** What an integer cannot hold converts to the same value in every kernel: see flambeau.h. */
  @TestFactory
  List<DynamicTest> floatsThatNoIntegerHolds() {
    DifferentialCheck.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (int from : Samples.STORED) {
      for (int to : Samples.STORED) {
        if (DtypeInfo.isFloating(from) && !DtypeInfo.isFloating(to)) {
          String name = DtypeInfo.name(from) + " to " + DtypeInfo.name(to);
          tests.add(dynamicTest(name, () -> convertEdges(name, from, to)));
        }
      }
    }
    return tests;
  }

  private static void convertEdges(String what, int from, int to) {
    for (int n : new int[] {EDGES.length, 997}) { // one by one, and filling any vector
      try (DifferentialCheck check = DifferentialCheck.open()) {
        var x =
            check.of(from, Samples.fill(n, i -> DtypeInfo.round(from, EDGES[i % EDGES.length])));
        var y = check.output(to, n);
        check.call(what, (k, s) -> k.convert(from, to, n, s.at(x), s.at(y)));
        check.sameBits(what, y);
        var apart = check.output(to, n);
        var table = check.table(new long[] {1, n / 2, 2, 2});
        check.call(what, (k, s) -> k.copy(from, to, s.at(table), s.at(x), s.at(apart)));
        check.sameBits(what + ", strided", apart);
        for (int i = 0; i < Math.min(n, EDGES.length); i++) {
          int at = i * DtypeInfo.bytes(from);
          var one = check.output(to, 1);
          check.call(what, (k, s) -> k.convert(from, to, 1, s.at(x) + at, s.at(one)));
          check.sameBits(what + " of " + EDGES[i], one);
        }
      }
    }
  }
}
