package dev.flambeau.spi.oracle;

import static dev.flambeau.spi.oracle.DtypeInfo.isFloating;

import dev.flambeau.spi.Kernels;

/** Element by element: fills, sequences, unary and binary ops, choice and conversion. */
final class PointwiseOracle {
  private final JavaMemory memory;

  PointwiseOracle(JavaMemory memory) {
    this.memory = memory;
  }

  void fill(int dtype, long n, long yAddress, long value) {
    Elements y = memory.stored(dtype, yAddress);
    for (long i = 0; i < n; i++) {
      if (isFloating(dtype)) {
        y.set(i, Double.longBitsToDouble(value));
      } else {
        y.setLong(i, value);
      }
    }
  }

  void sequence(int kind, int dtype, long n, long yAddress, long start, long by) {
    Elements y = memory.elements(dtype, yAddress);
    boolean known = kind == Kernels.ARANGE || kind == Kernels.LINSPACE && isFloating(dtype);
    if (!known || dtype == Kernels.BOOL) {
      throw Refusal.unsupported(HeaderEnum.SEQUENCE.name(kind), dtype);
    }
    double first = Double.longBitsToDouble(start);
    double other = Double.longBitsToDouble(by);
    for (long i = 0; i < n; i++) {
      if (!isFloating(dtype)) {
        y.setLong(i, start + i * by);
      } else if (kind == Kernels.ARANGE) {
        y.set(i, Math.fma((double) i, other, first));
      } else if (dtype == Kernels.FLOAT32) {
        y.set(i, between((float) first, (float) other, i, n));
      } else {
        y.set(i, between(first, other, i, n));
      }
    }
  }

  /** Number i of n from start to end, in float. */
  private static float between(float start, float end, long i, long n) {
    float step = (end - start) / (n - 1);
    return n == 1
        ? start
        : i < n / 2 ? Math.fma(step, (float) i, start) : Math.fma(-step, (float) (n - 1 - i), end);
  }

  /** The same in double. */
  private static double between(double start, double end, long i, long n) {
    double step = (end - start) / (n - 1);
    return n == 1
        ? start
        : i < n / 2
            ? Math.fma(step, (double) i, start)
            : Math.fma(-step, (double) (n - 1 - i), end);
  }

  void unary(int op, int dtype, long n, long xAddress, long yAddress, double p, double q) {
    Elements x = memory.elements(dtype, xAddress);
    var predicate = UnaryFormulas.predicate(op);
    if (predicate != null) {
      Elements y = memory.elements(Kernels.BOOL, yAddress);
      for (long i = 0; i < n; i++) {
        y.setLong(i, predicate.test(x.get(i)) ? 1 : 0);
      }
      return;
    }
    Elements y = memory.elements(dtype, yAddress);
    if (isFloating(dtype)) {
      var f =
          UnaryFormulas.floating(op, dtype, DtypeInfo.round(dtype, p), DtypeInfo.round(dtype, q));
      require(f, HeaderEnum.UNARY.name(op), dtype);
      for (long i = 0; i < n; i++) {
        y.set(i, f.applyAsDouble(x.get(i)));
      }
    } else {
      var f = UnaryFormulas.integer(op, dtype);
      require(f, HeaderEnum.UNARY.name(op), dtype);
      for (long i = 0; i < n; i++) {
        y.setLong(i, f.applyAsLong(x.getLong(i)));
      }
    }
  }

  void unaryGrad(
      int op,
      int dtype,
      long n,
      long gAddress,
      long xAddress,
      long yAddress,
      long gxAddress,
      double p,
      double q) {
    // A power's slope rounds p - 1, not p: near 0 the difference is many ulps.
    double p1 = op == Kernels.POW ? 1 + DtypeInfo.round(dtype, p - 1) : DtypeInfo.round(dtype, p);
    double q1 = DtypeInfo.round(dtype, q);
    var slope = isFloating(dtype) ? UnaryFormulas.gradient(op, p1, q1) : null;
    require(slope, "gradient of " + HeaderEnum.UNARY.name(op), dtype);
    var value = UnaryFormulas.floating(op, dtype, p1, q1);
    boolean needsX = UnaryFormulas.gradientNeedsInput(op);
    boolean needsY = UnaryFormulas.gradientNeedsOutput(op);
    Elements g = memory.elements(dtype, gAddress);
    Elements x = needsX || needsY && yAddress == 0 ? memory.elements(dtype, xAddress) : null;
    Elements y = needsY && yAddress != 0 ? memory.elements(dtype, yAddress) : null;
    Elements gx = memory.elements(dtype, gxAddress);
    for (long i = 0; i < n; i++) {
      double input = x == null ? Double.NaN : x.get(i);
      double output = y == null ? value.applyAsDouble(input) : y.get(i);
      gx.set(i, slope.of(g.get(i), input, output));
    }
  }

  void binary(int op, int dtype, long n, long a, long b, long y) {
    apply(
        op,
        dtype,
        a,
        b,
        y,
        each -> {
          long[] at = new long[3];
          for (long i = 0; i < n; i++) {
            at[0] = at[1] = at[2] = i;
            each.at(at);
          }
        });
  }

  void binaryScalar(int op, int dtype, long n, long a, long y, long scalar, boolean reversed) {
    Elements one = memory.scalar(dtype, scalar);
    Elements many = memory.elements(dtype, a);
    Elements out = memory.elements(outputOf(op, dtype), y);
    apply(
        op,
        dtype,
        reversed ? one : many,
        reversed ? many : one,
        out,
        each -> {
          long[] at = new long[3];
          for (long i = 0; i < n; i++) {
            at[0] = i;
            at[1] = reversed ? 0 : i;
            at[2] = reversed ? i : 0;
            each.at(at);
          }
        });
  }

  void binaryStrided(int op, int dtype, long geometry, long a, long b, long y) {
    apply(op, dtype, a, b, y, memory.geometry(geometry, 3)::each);
  }

  void where(int dtype, long geometry, long condition, long a, long b, long y) {
    Elements choice = memory.elements(Kernels.BOOL, condition);
    Elements yes = memory.stored(dtype, a);
    Elements no = memory.stored(dtype, b);
    Elements out = memory.stored(dtype, y);
    memory
        .geometry(geometry, 4)
        .each(
            at -> {
              boolean taken = choice.getLong(at[1]) != 0;
              copy(dtype, taken ? yes : no, taken ? at[2] : at[3], out, at[0]);
            });
  }

  void convert(int from, int to, long n, long x, long y) {
    Elements source = memory.stored(from, x);
    Elements target = memory.stored(to, y);
    for (long i = 0; i < n; i++) {
      copy(from, source, i, target, i);
    }
  }

  void copy(int from, int to, long geometry, long x, long y) {
    Elements source = memory.stored(from, x);
    Elements target = memory.stored(to, y);
    memory.geometry(geometry, 2).each(at -> copy(from, source, at[1], target, at[0]));
  }

  /** Goes over all positions of (y, a, b). */
  private interface Walk {
    void over(Geometry.Visitor visitor);
  }

  private void apply(int op, int dtype, long a, long b, long y, Walk walk) {
    Elements first = memory.elements(dtype, a);
    Elements second = memory.elements(dtype, b);
    apply(op, dtype, first, second, memory.elements(outputOf(op, dtype), y), walk);
  }

  private static void apply(int op, int dtype, Elements a, Elements b, Elements y, Walk walk) {
    if (BinaryFormulas.isPredicate(op) && isFloating(dtype)) {
      var f = BinaryFormulas.floatingPredicate(op);
      walk.over(at -> y.setLong(at[0], f.test(a.get(at[1]), b.get(at[2])) ? 1 : 0));
    } else if (BinaryFormulas.isPredicate(op)) {
      var f = BinaryFormulas.integerPredicate(op);
      walk.over(at -> y.setLong(at[0], f.test(a.getLong(at[1]), b.getLong(at[2])) ? 1 : 0));
    } else if (isFloating(dtype)) {
      var f = BinaryFormulas.floating(op);
      require(f, HeaderEnum.BINARY.name(op), dtype);
      walk.over(at -> y.set(at[0], f.applyAsDouble(a.get(at[1]), b.get(at[2]))));
    } else {
      var f = BinaryFormulas.integer(op, dtype);
      require(f, HeaderEnum.BINARY.name(op), dtype);
      if (op == Kernels.REMAINDER) {
        walk.over(at -> requireDivisor(b.getLong(at[2])));
      }
      walk.over(at -> y.setLong(at[0], f.applyAsLong(a.getLong(at[1]), b.getLong(at[2]))));
    }
  }

  /**
   * Integers go through long, so that no bit of an int64 is lost and a float32 is rounded only
   * once.
   */
  private static void copy(int from, Elements x, long i, Elements y, long j) {
    if (isFloating(from)) {
      y.set(j, x.get(i));
    } else {
      y.setLong(j, x.getLong(i));
    }
  }

  private static int outputOf(int op, int dtype) {
    return BinaryFormulas.isPredicate(op) ? Kernels.BOOL : dtype;
  }

  private static void requireDivisor(long divisor) {
    if (divisor == 0) {
      throw new Refusal(Kernels.DIVIDE_BY_ZERO, "remainder: integer division by zero");
    }
  }

  private static void require(Object formula, String op, int dtype) {
    if (formula == null) {
      throw Refusal.unsupported(op, dtype);
    }
  }
}
