package dev.flambeau.internal.text;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Floating-point numbers as Python writes them. Every digit is rounded from the exact binary value,
 * ties to even, which {@code String.format} does not promise; no method depends on a locale.
 *
 * <p>NaN is {@code nan}, infinities are {@code inf} and {@code -inf}, a negative zero keeps its
 * sign. A float32 is written as the double of the same value, as PyTorch does.
 */
public final class PyFormat {
  /** Every decimal of this many digits survives a trip through a normal double. */
  private static final int SAFE_DIGITS = 15;

  private static final int MAX_DIGITS = 17;

  private PyFormat() {}

  /**
   * Python's {@code repr(x)}: the shortest digits that read back as {@code x}, with an exponent of
   * at least two digits below 1e-4 and from 1e16 on: {@code 0.1}, {@code 1.0}, {@code 1e-05},
   * {@code 1e+16}.
   */
  public static String repr(double x) {
    if (!Double.isFinite(x)) {
      return nonFinite(x);
    }
    if (x == 0) {
      return sign(x) + "0.0";
    }
    BigDecimal shortest = shortest(Math.abs(x)).stripTrailingZeros();
    int exponent = exponent(shortest);
    if (exponent < -4 || exponent >= 16) {
      return sign(x) + withExponent(shortest, exponent);
    }
    String plain = shortest.toPlainString();
    return sign(x) + (plain.indexOf('.') < 0 ? plain + ".0" : plain);
  }

  /**
   * Python's {@code '%.Ng' % x}: at most {@code digits} significant digits without trailing zeros,
   * with an exponent below 1e-4 and from 10^digits on; {@code digits} 0 counts as 1.
   *
   * @throws IllegalArgumentException if {@code digits} is negative
   */
  public static String general(double x, int digits) {
    requireDigits("general", digits);
    if (!Double.isFinite(x)) {
      return nonFinite(x);
    }
    if (x == 0) {
      return sign(x) + "0";
    }
    int significant = Math.max(digits, 1);
    BigDecimal rounded = rounded(Math.abs(x), significant, RoundingMode.HALF_EVEN);
    int exponent = exponent(rounded);
    BigDecimal stripped = rounded.stripTrailingZeros();
    boolean plain = exponent >= -4 && exponent < significant;
    return sign(x) + (plain ? stripped.toPlainString() : withExponent(stripped, exponent));
  }

  /**
   * Python's {@code '%.Nf' % x}: exactly {@code digits} digits after the point, and no point when
   * {@code digits} is 0.
   *
   * @throws IllegalArgumentException if {@code digits} is negative
   */
  public static String fixed(double x, int digits) {
    requireDigits("fixed", digits);
    if (!Double.isFinite(x)) {
      return nonFinite(x);
    }
    BigDecimal rounded = new BigDecimal(Math.abs(x)).setScale(digits, RoundingMode.HALF_EVEN);
    return sign(x) + rounded.toPlainString();
  }

  /**
   * Python's {@code '%.Ne' % x}: one digit, {@code digits} more after the point, and an exponent of
   * at least two digits: {@code 1.2500e-01}.
   *
   * @throws IllegalArgumentException if {@code digits} is negative
   */
  public static String scientific(double x, int digits) {
    requireDigits("scientific", digits);
    if (!Double.isFinite(x)) {
      return nonFinite(x);
    }
    if (x == 0) {
      return sign(x) + (digits == 0 ? "0" : "0." + "0".repeat(digits)) + "e+00";
    }
    BigDecimal rounded = rounded(Math.abs(x), digits + 1, RoundingMode.HALF_EVEN);
    int exponent = exponent(rounded);
    return sign(x) + withExponent(rounded.setScale(digits - exponent), exponent);
  }

  /** The decimal of fewest digits that reads back as {@code x} > 0; the nearest of several. */
  private static BigDecimal shortest(double x) {
    int digits = x < Double.MIN_NORMAL ? 1 : SAFE_DIGITS;
    for (; digits < MAX_DIGITS; ++digits) {
      // Below a power of two doubles lie denser than above it, so the nearest decimal may fail
      // where its neighbour on the other side reads back.
      BigDecimal below = rounded(x, digits, RoundingMode.DOWN);
      BigDecimal above = rounded(x, digits, RoundingMode.UP);
      boolean readsBelow = below.doubleValue() == x;
      boolean readsAbove = above.doubleValue() == x;
      if (readsBelow && readsAbove) {
        return rounded(x, digits, RoundingMode.HALF_EVEN);
      }
      if (readsBelow || readsAbove) {
        return readsBelow ? below : above;
      }
    }
    return rounded(x, MAX_DIGITS, RoundingMode.HALF_EVEN);
  }

  private static BigDecimal rounded(double x, int digits, RoundingMode mode) {
    return new BigDecimal(x).round(new MathContext(digits, mode));
  }

  /** The power of ten of the leading digit. */
  private static int exponent(BigDecimal x) {
    return x.precision() - 1 - x.scale();
  }

  private static String withExponent(BigDecimal x, int exponent) {
    String digits = x.unscaledValue().toString();
    String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
    int size = Math.abs(exponent);
    String sign = exponent < 0 ? "e-" : "e+";
    return digits.charAt(0) + fraction + sign + (size < 10 ? "0" : "") + size;
  }

  private static String sign(double x) {
    return Double.doubleToRawLongBits(x) < 0 ? "-" : "";
  }

  private static String nonFinite(double x) {
    return Double.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
  }

  private static void requireDigits(String method, int digits) {
    if (digits < 0) {
      throw new IllegalArgumentException(
          "PyFormat." + method + ": the number of digits must be 0 or more, got " + digits);
    }
  }
}
