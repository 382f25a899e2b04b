package dev.flambeau.spi.contract;

import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.oracle.DtypeInfo;

/**
 * How far a result may be from the oracle's: so many units in the last place of the expected value,
 * or of a greater magnitude that the computation went through ({@code scale}, one for each
 * element), plus a fixed distance.
 */
record Tolerance(double ulps, double[] scale, double floor) {
  /** The same number; the sign of a zero and the bits of a NaN are free. */
  static final Tolerance EXACT = ulps(0);

  static Tolerance ulps(double ulps) {
    return new Tolerance(ulps, null, 0);
  }

  /** Measured against these magnitudes where they are greater than the result. */
  Tolerance against(double[] magnitudes) {
    return new Tolerance(ulps, magnitudes, floor);
  }

  Tolerance plus(double distance) {
    return new Tolerance(ulps, scale, distance);
  }

  boolean accepts(int dtype, double expected, double got, int i) {
    if (expected == got || Double.isNaN(expected) && Double.isNaN(got)) {
      return true;
    }
    double size = scale == null ? Math.abs(expected) : Math.max(Math.abs(expected), scale[i]);
    return Double.isFinite(expected)
        && Double.isFinite(got)
        && Math.abs(expected - got) <= ulps * ulp(dtype, size) + floor;
  }

  /** The distance between neighbours at this magnitude. */
  static double ulp(int dtype, double size) {
    if (DtypeInfo.isHalf(dtype)) {
      return DtypeInfo.half(dtype).ulp(size);
    }
    return dtype == Kernels.FLOAT32 ? Math.ulp((float) size) : Math.ulp(size);
  }

  /** Twice the rounding error of 1. */
  static double epsilon(int dtype) {
    return ulp(dtype, 1);
  }
}
