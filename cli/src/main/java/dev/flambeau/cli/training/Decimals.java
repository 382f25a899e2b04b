package dev.flambeau.cli.training;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Finite numbers as Python prints them, so that a hyperparameter looks here as in a script. Digits
 * are rounded from the exact binary value, ties to even, which {@code String.format} does not do;
 * {@code Double.toString} gives the fewest only since JDK 19.
 */
public final class Decimals {
  private static final int LEAST_EXPONENT = -4;
  private static final int SHORTEST_EXPONENT = 16;

  private Decimals() {}

  /** The fewest digits that read back as {@code x}: Python's {@code repr(x)}. */
  public static String shortest(double x) {
    String text = text(fewest(x), x, SHORTEST_EXPONENT);
    return text.matches("-?\\d+") ? text + ".0" : text;
  }

  /**
   * At most {@code digits} significant digits, and no zeros at their end: Python's {@code '%.4g' %
   * x} for four.
   */
  public static String general(double x, int digits) {
    return text(rounded(x, digits, RoundingMode.HALF_EVEN), x, digits);
  }

  private static BigDecimal fewest(double x) {
    for (int digits = 1; ; digits++) {
      // At a power of two the next double above is twice as far away as the one below: the nearest
      // decimal may read back as the one below, and the next greater decimal as x.
      for (RoundingMode mode : new RoundingMode[] {RoundingMode.HALF_EVEN, RoundingMode.UP}) {
        BigDecimal candidate = rounded(x, digits, mode);
        if (candidate.doubleValue() == x) {
          return candidate;
        }
      }
    }
  }

  private static BigDecimal rounded(double x, int digits, RoundingMode mode) {
    return new BigDecimal(x).round(new MathContext(digits, mode));
  }

  /**
   * With an exponent of at least two digits below 1e-4 and from 10 to the power of {@code most} on.
   */
  private static String text(BigDecimal rounded, double x, int most) {
    if (x == 0) {
      return 1 / x < 0 ? "-0" : "0";
    }
    BigDecimal digits = rounded.stripTrailingZeros();
    int exponent = digits.precision() - 1 - digits.scale();
    if (exponent >= LEAST_EXPONENT && exponent < most) {
      return digits.toPlainString();
    }
    String mantissa = digits.movePointLeft(exponent).toPlainString();
    return mantissa
        + (exponent < 0 ? "e-" : "e+")
        + (Math.abs(exponent) < 10 ? "0" : "")
        + Math.abs(exponent);
  }
}
