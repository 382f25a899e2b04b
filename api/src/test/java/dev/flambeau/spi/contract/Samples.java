package dev.flambeau.spi.contract;

import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.oracle.DtypeInfo;
import dev.flambeau.spi.oracle.HeaderEnum;
import java.util.Arrays;
import java.util.Random;
import java.util.function.IntToDoubleFunction;

/**
 * Values to test with: every special one, and ordinary ones between. The same for the same
 * arguments.
 */
final class Samples {
  /** The dtypes that are moved and converted: all of the header. */
  static final int[] STORED = HeaderEnum.DTYPE.all();

  /** Those that the oracle computes in. */
  static final int[] DTYPES =
      Arrays.stream(STORED).filter(dtype -> !DtypeInfo.isHalf(dtype)).toArray();

  static final int[] FLOATS = Arrays.stream(DTYPES).filter(DtypeInfo::isFloating).toArray();
  static final int[] WHOLE =
      Arrays.stream(DTYPES).filter(dtype -> !DtypeInfo.isFloating(dtype)).toArray();

  static final int[] SIZES = {1, 2, 3, 7, 15, 16, 17, 31, 64, 100, 1000, 4097};

  /** Not a number, infinite, zero, least, greatest, and where formulas switch. */
  private static final double[] SPECIAL = {
    0,
    -0.0,
    1,
    -1,
    0.5,
    -0.5,
    1.5,
    2.5,
    -2.5,
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Float.MIN_VALUE,
    -1e-40,
    Float.MIN_NORMAL,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    1e30,
    -1e30,
    1e-20,
    20,
    20.5,
    88,
    -88,
    89.5,
    -95,
    -104,
    1e5,
    -1e5,
    0.25
  };

  private Samples() {}

  /** Ordinary values of a dtype, with the special ones at every third place. */
  static double[] values(int dtype, int n, int seed) {
    double[] plain = ordinary(dtype, n, seed);
    for (int i = 0; i < n && DtypeInfo.isFloating(dtype); i += 3) {
      plain[i] = SPECIAL[(i / 3 + n + seed) % SPECIAL.length];
    }
    return plain;
  }

  /** Values near 1 in size; integers of both signs where the dtype has them. */
  static double[] ordinary(int dtype, int n, int seed) {
    Random random = new Random(31L * n + seed);
    return fill(n, i -> ordinary(dtype, random));
  }

  private static double ordinary(int dtype, Random random) {
    if (DtypeInfo.isFloating(dtype)) {
      return DtypeInfo.round(dtype, 2 * random.nextGaussian());
    }
    if (dtype == Kernels.BOOL) {
      return random.nextInt(2);
    }
    return DtypeInfo.isUnsigned(dtype) ? random.nextInt(256) : random.nextInt(41) - 20;
  }

  /** In (low, high). */
  static double[] between(int dtype, int n, double low, double high, int seed) {
    Random random = new Random(17L * n + seed);
    return fill(n, i -> DtypeInfo.round(dtype, low + (high - low) * random.nextDouble()));
  }

  static long[] indices(int n, long length, int seed) {
    return new Random(n + seed).longs(n, 0, length).toArray();
  }

  static double[] absolute(double[] values) {
    return fill(values.length, i -> Math.abs(values[i]));
  }

  static double[] fill(int n, IntToDoubleFunction value) {
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] = value.applyAsDouble(i);
    }
    return values;
  }
}
