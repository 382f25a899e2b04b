package dev.flambeau.bench;

import java.util.Arrays;
import java.util.Locale;

/** Numbers as a table shows them. */
public final class Figures {
  private Figures() {}

  public static double median(double[] values) {
    double[] x = values.clone();
    Arrays.sort(x);
    int h = x.length / 2;
    return x.length % 2 == 1 ? x[h] : (x[h - 1] + x[h]) / 2;
  }

  /** The value below which so many per cent of all lie. */
  static double percentile(double[] values, int percent) {
    double[] x = values.clone();
    Arrays.sort(x);
    return x[(int) Math.min(x.length - 1, (long) x.length * percent / 100)];
  }

  /** Three digits that count: 0.125, 1.25, 12.5, 125, 1,250. */
  public static String digits(double x) {
    if (!Double.isFinite(x)) {
      return Double.toString(x);
    }
    int decimals = x < 1 ? 3 : x < 10 ? 2 : x < 100 ? 1 : 0;
    return String.format(Locale.ROOT, "%,." + decimals + "f", x);
  }
}
