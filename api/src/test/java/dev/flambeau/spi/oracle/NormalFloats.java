package dev.flambeau.spi.oracle;

/**
 * Blocks of 16 normal float32 samples, bit for bit as PyTorch's vector code makes them: Box and
 * Muller with Cephes' single-precision polynomials for the logarithm, sine and cosine, every
 * multiply-then-add fused.
 */
final class NormalFloats {
  private static final float[] LOG = {
    7.0376836292E-2f,
    -1.1514610310E-1f,
    1.1676998740E-1f,
    -1.2420140846E-1f,
    1.4249322787E-1f,
    -1.6668057665E-1f,
    2.0000714765E-1f,
    -2.4999993993E-1f,
    3.3333331174E-1f
  };
  private static final float[] COSINE = {
    2.443315711809948E-005f, -1.388731625493765E-003f, 4.166664568298827E-002f
  };
  private static final float[] SINE = {-1.9515295891E-4f, 8.3321608736E-3f, -1.6666654611E-1f};

  private NormalFloats() {}

  /** Replaces 16 uniform samples by normal ones: d[j] and d[j + 8] give a radius and an angle. */
  static void transform(float[] d, float mean, float deviation) {
    for (int j = 0; j < 8; j++) {
      float radius = (float) Math.sqrt(-2 * log(1 - d[j]));
      float angle = (float) (2 * Math.PI) * d[j + 8];
      d[j] = Math.fma(radius * cos(angle), deviation, mean);
      d[j + 8] = Math.fma(radius * sin(angle), deviation, mean);
    }
  }

  /**
   * ln x for positive x: x = m * 2^e with m in [sqrt(1/2), sqrt(2)), a polynomial in m - 1, and e
   * ln 2 in two parts.
   */
  static float log(float x) {
    int exponent = Math.getExponent(x) + 1;
    float mantissa = x / (float) Math.scalb(1.0, exponent);
    boolean low = mantissa < 0.707106781186547524f;
    float e = low ? exponent - 1 : exponent;
    float m = low ? mantissa - 1 + mantissa : mantissa - 1;
    float z = m * m;
    float y = polynomial(LOG, m) * m;
    y = Math.fma(y, z, e * -2.12194440e-4f);
    y = Math.fma(-z, 0.5f, y);
    return Math.fma(e, 0.693359375f, m + y);
  }

  static float sin(float angle) {
    int octant = octant(angle);
    float x = reduce(angle, octant);
    float y = (octant & 2) == 0 ? sine(x) : cosine(x);
    return (octant & 4) == 0 ? y : -y;
  }

  static float cos(float angle) {
    int octant = octant(angle);
    float x = reduce(angle, octant);
    float y = (octant & 2) == 0 ? cosine(x) : sine(x);
    return (octant - 2 & 4) == 0 ? -y : y;
  }

  /** How many eighths of a turn, rounded up to an even number. */
  private static int octant(float angle) {
    return (int) (angle * 1.27323954473516f) + 1 & ~1;
  }

  /** What is left of the angle, with pi / 4 in three parts. */
  private static float reduce(float angle, int octant) {
    float x = Math.fma((float) octant, -0.78515625f, angle);
    x = Math.fma((float) octant, -2.4187564849853515625e-4f, x);
    return Math.fma((float) octant, -3.77489497744594108e-8f, x);
  }

  private static float sine(float x) {
    float z = x * x;
    return Math.fma(polynomial(SINE, z) * z, x, x);
  }

  private static float cosine(float x) {
    float z = x * x;
    float y = polynomial(COSINE, z) * z;
    return Math.fma(y, z, -(z * 0.5f)) + 1;
  }

  private static float polynomial(float[] coefficients, float x) {
    float y = coefficients[0];
    for (int i = 1; i < coefficients.length; i++) {
      y = Math.fma(y, x, coefficients[i]);
    }
    return y;
  }
}
