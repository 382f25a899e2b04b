package dev.flambeau.fuzz;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Numbers and sizes: small ones, and those at which arithmetic goes wrong. */
final class Numbers {
  private Numbers() {}

  private static final long[] LONGS = {
    Long.MIN_VALUE,
    Long.MIN_VALUE + 1,
    -(1L << 62),
    -(1L << 31),
    -1_000_000,
    -2,
    -1,
    0,
    255,
    256,
    1_000_003,
    Integer.MAX_VALUE,
    1L << 31,
    1L << 32,
    (1L << 32) + 3,
    1L << 57,
    (1L << 58) + 1,
    (1L << 59) + 1,
    1L << 60,
    1L << 61,
    1L << 62,
    (1L << 62) + 1,
    (1L << 62) + 16,
    Long.MAX_VALUE - 1,
    Long.MAX_VALUE
  };

  private static final int[] INTS = {
    Integer.MIN_VALUE, -65, -9, 9, 64, 255, 65_536, Integer.MAX_VALUE - 1, Integer.MAX_VALUE
  };

  private static final double[] DOUBLES = {
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.MAX_VALUE,
    -Double.MAX_VALUE,
    Double.MIN_VALUE,
    -0.0,
    1e39,
    -1e39,
    65_520,
    256.5,
    0x1p31,
    0x1p62,
    0x1p63,
    -0x1p63,
    1e-46
  };

  static final long[] SIZES = {0, 1, 1, 2, 2, 3, 3, 4, 5, 7, 8, 16, 17};

  static long anyLong(Dice d, boolean tame) {
    return tame || d.chance(0.65) ? d.between(-3, 6) : d.ofLongs(LONGS);
  }

  static int anyInt(Dice d, boolean tame) {
    return tame || d.chance(0.85) ? (int) d.between(-2, 3) : INTS[d.below(INTS.length)];
  }

  static double anyDouble(Dice d, boolean tame) {
    if (tame || d.chance(0.6)) {
      return d.of(0.5, 1.0, 2.0, -1.0, 0.25, -0.75, 3.0, 0.1);
    }
    return d.ofDoubles(DOUBLES);
  }

  static String text(long v) {
    if (v == Long.MIN_VALUE) {
      return "Long.MIN_VALUE";
    }
    if (v == Long.MAX_VALUE) {
      return "Long.MAX_VALUE";
    }
    return v == (int) v ? Long.toString(v) : v + "L";
  }

  static String text(double v) {
    if (Double.isNaN(v)) {
      return "Double.NaN";
    }
    if (Double.isInfinite(v)) {
      return v > 0 ? "Double.POSITIVE_INFINITY" : "Double.NEGATIVE_INFINITY";
    }
    return Double.toString(v);
  }

  static String text(long[] v) {
    return Arrays.stream(v).mapToObj(Numbers::text).collect(Collectors.joining(", ", "{", "}"));
  }

  /** A shape of few elements, sometimes none. */
  static long[] smallShape(Dice d) {
    long[] shape = new long[d.of(0, 1, 1, 2, 2, 2, 3, 3, 4)];
    long room = 512;
    for (int i = 0; i < shape.length; i++) {
      shape[i] = d.ofLongs(SIZES);
      if (shape[i] > room) {
        shape[i] = 1;
      }
      room /= Math.max(shape[i], 1);
    }
    return shape;
  }

  /** A shape for something of these sizes: the same elements, more of them, or anything. */
  static long[] shape(Dice d, long[] sizes, boolean tame) {
    double kind = d.real();
    if (sizes != null && kind < 0.35) {
      return factored(d, sizes);
    }
    if (sizes != null && kind < 0.5) {
      return broadcast(d, sizes);
    }
    if (tame || kind < 0.65) {
      return smallShape(d);
    }
    long[] shape = kind < 0.85 && sizes != null ? broadcast(d, sizes) : smallShape(d);
    if (shape.length == 0) {
      shape = new long[] {1};
    }
    for (int i = d.below(2); i >= 0; i--) {
      shape[d.below(shape.length)] = d.ofLongs(LONGS);
    }
    return shape;
  }

  /** The same number of elements, cut anew. */
  private static long[] factored(Dice d, long[] sizes) {
    long n = 1;
    for (long s : sizes) {
      n *= s;
    }
    if (n == 0) {
      return d.chance(0.5) ? new long[] {0, d.below(3)} : new long[] {0};
    }
    long[] shape = new long[1 + d.below(4)];
    for (int i = 0; i < shape.length - 1; i++) {
      long f = d.of(1, 1, 2, 3, 4, 5, 6, 7);
      shape[i] = n % f == 0 ? f : 1;
      n /= shape[i];
    }
    shape[shape.length - 1] = n;
    for (int i = shape.length - 1; i > 0; i--) {
      int j = d.below(i + 1);
      long s = shape[i];
      shape[i] = shape[j];
      shape[j] = s;
    }
    if (d.chance(0.25)) {
      shape[d.below(shape.length)] = -1;
    }
    return shape;
  }

  /** The same sizes behind new dims, ones made larger. */
  private static long[] broadcast(Dice d, long[] sizes) {
    int more = d.below(2);
    long[] shape = new long[sizes.length + more];
    for (int i = 0; i < shape.length; i++) {
      long s = i < more ? 1 : sizes[i - more];
      shape[i] = s == 1 && d.chance(0.5) ? d.ofLongs(1, 2, 3) : s;
      if (d.chance(0.05)) {
        shape[i] = -1;
      }
    }
    return shape;
  }
}
