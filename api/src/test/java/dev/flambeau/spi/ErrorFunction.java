package dev.flambeau.spi;

/**
 * The error function to about double precision, from its series and its continued fraction (DLMF
 * 7.6.2, 7.9.1).
 */
final class ErrorFunction {
  private static final double TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

  private ErrorFunction() {}

  /** erf(x) = 2 / sqrt(pi) * the integral of e^(-t^2) from 0 to x. */
  static double erf(double x) {
    double size = Math.abs(x);
    return size < 2.5 ? series(x) : Math.copySign(1 - tail(size), x);
  }

  /** 1 - erf(x), without the cancellation for large x. */
  static double erfc(double x) {
    return x < 1.5 ? 1 - erf(x) : tail(x);
  }

  /**
   * erf x = 2 / sqrt(pi) e^(-x^2) * sum of 2^n x^(2n + 1) / (1 * 3 * ... * (2n + 1)): all terms
   * have one sign.
   */
  private static double series(double x) {
    double term = x;
    double sum = 0;
    for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      sum += term;
      term *= 2 * x * x / (2 * n + 1);
    }
    return Double.isNaN(x) || x == 0 ? x : TWO_OVER_ROOT_PI * Math.exp(-x * x) * sum;
  }

  /**
   * erfc x = e^(-x^2) / sqrt(pi) * 1 / (x + (1/2) / (x + (2/2) / (x + (3/2) / ...))), from the
   * inside out.
   */
  private static double tail(double x) {
    if (Double.isInfinite(x)) {
      return 0;
    }
    double fraction = x;
    for (int k = 200; k > 0; k--) {
      fraction = x + k / 2.0 / fraction;
    }
    return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
  }
}
