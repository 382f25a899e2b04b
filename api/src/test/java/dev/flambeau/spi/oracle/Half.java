package dev.flambeau.spi.oracle;

/**
 * A 16-bit floating format by its definition: numbers are whole multiples of a unit, which is a
 * power of two for each exponent.
 *
 * @param fraction bits of the fraction
 * @param least exponent of the least normal number
 */
public record Half(int fraction, int least) {
  static final Half FLOAT16 = new Half(10, -14);
  static final Half BFLOAT16 = new Half(7, -126);

  private static final int SIGN = 0x8000;

  private int infinity() {
    return SIGN - (1 << fraction);
  }

  /** The number that 16 bits stand for. */
  public double widen(short bits) {
    int size = bits & ~SIGN & 0xFFFF;
    double sign = bits < 0 ? -1 : 1;
    if (size >= infinity()) {
      return size == infinity() ? sign * Double.POSITIVE_INFINITY : Double.NaN;
    }
    int exponent = size >> fraction;
    int digits = size & (1 << fraction) - 1;
    return exponent == 0
        ? sign * Math.scalb((double) digits, least - fraction)
        : sign * Math.scalb((double) (digits + (1 << fraction)), exponent - 1 + least - fraction);
  }

  /** The bits of the nearest number, of two the even one. */
  short narrow(float value) {
    int sign = Float.floatToRawIntBits(value) < 0 ? SIGN : 0;
    if (Float.isNaN(value)) {
      // PyTorch keeps a NaN's sign in float16 only.
      int quiet = infinity() | 1 << fraction - 1;
      return (short) (this == BFLOAT16 ? quiet : quiet | sign);
    }
    double size = Math.abs((double) value);
    if (Double.isInfinite(size)) {
      return (short) (sign | infinity());
    }
    int exponent = Math.max(Math.getExponent(size), least);
    long digits = (long) Math.rint(Math.scalb(size, fraction - exponent));
    // Digits that rounding carried over, and the leading one, count up the exponent's bits.
    long bits = digits + ((long) (exponent - least) << fraction);
    return (short) (sign | Math.min(bits, infinity()));
  }

  /** The distance between neighbours at this magnitude. */
  public double ulp(double size) {
    return Math.scalb(1.0, Math.max(Math.getExponent(size), least) - fraction);
  }
}
