package dev.flambeau.spi.oracle;

/**
 * The error function to a few last digits of a double, by series and continued fraction (DLMF
 * 7.6.2, 7.9.1).
 */
final class ErrorFunction {
  private static final double ROOT_PI = Math.sqrt(Math.PI);

  private ErrorFunction() {}

  /** erf(x) = 2 / sqrt(pi) * the integral of e^(-t^2) from 0 to x. */
  static double erf(double x) {
    double size = Math.abs(x);
    return size < 1 ? series(x) : Math.copySign(1 - tail(size), x);
  }

  /** 1 - erf(x), without the cancellation for large x. */
  static double erfc(double x) {
    return x < 0.5 ? 1 - erf(x) : tail(x);
  }

  /**
   * 2 / sqrt(pi) e^(-x^2) * the sum of x (2 x^2)^n / (1 * 3 * ... * (2n + 1)): all terms have one
   * sign.
   */
  private static double series(double x) {
    double term = x;
    double sum = 0;
    for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      sum += term;
      term *= 2 * x * x / (2 * n + 1);
    }
    return x == 0 ? x : 2 / ROOT_PI * gauss(x) * sum;
  }

  /**
   * erfc x = e^(-x^2) / sqrt(pi) / (x + (1/2) / (x + (2/2) / (x + (3/2) / ...))), from the inside
   * out.
   */
  private static double tail(double x) {
    if (x > 30) {
      return 0; // less than the least double
    }
    double fraction = x;
    for (int k = 20 + (int) (400 / (x * x)); k > 0; k--) {
      fraction = x + k / 2.0 / fraction;
    }
    return gauss(x) / ROOT_PI / fraction;
  }

  /** e^(-x^2), with what rounding took from the square put back. */
  private static double gauss(double x) {
    double square = x * x;
    return Math.exp(-square) * (1 - Math.fma(x, x, -square));
  }
}
