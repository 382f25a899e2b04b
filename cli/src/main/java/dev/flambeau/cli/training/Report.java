package dev.flambeau.cli.training;

import dev.flambeau.cli.prepare.Prepared;
import dev.flambeau.cli.prepare.Target;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How good predictions are: a confusion matrix for classes, errors for numbers. */
public final class Report {
  private static final int WIDEST_NAME = 20;
  private static final int MOST_CLASSES = 20;

  private final Target target;
  private final double[][] predictions;
  private final double[] truth;

  /**
   * Compares predictions with what is true.
   *
   * @param predictions as {@link Scores#predictions} gives them
   * @param truth class positions or numbers
   */
  public Report(Target target, double[][] predictions, double[] truth) {
    this.target = target;
    this.predictions = predictions;
    this.truth = truth;
  }

  /** A metric as it is printed: four decimals for a share, four digits for an error. */
  public static String figure(String metric, double value) {
    return metric.equals("accuracy")
        ? String.format(Locale.ROOT, "%.4f", value)
        : fourDigits(value);
  }

  private static String fourDigits(double value) {
    if (!Double.isFinite(value) || value == 0) {
      return value == 0 ? "0" : Double.toString(value);
    }
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(4)).stripTrailingZeros();
    return rounded.scale() < -8 || rounded.scale() > 12
        ? rounded.toString()
        : rounded.toPlainString();
  }

  /** The accuracy, or the root mean squared error. */
  public double metric() {
    if (target.task().isClassification()) {
      long right = 0;
      for (int i = 0; i < truth.length; i++) {
        right += Scores.best(predictions[i]) == (int) truth[i] ? 1 : 0;
      }
      return (double) right / truth.length;
    }
    return rootMeanSquare(errors());
  }

  /** Several lines, the matrix or the errors among them; {@code training} gives the base line. */
  public String text(Prepared.Part training) {
    return target.task().isClassification() ? matrix(training) : errorLines(training);
  }

  // ------------------------------------------------------------------------------------------
  // classes

  private String matrix(Prepared.Part training) {
    List<String> classes = target.classes();
    int n = classes.size();
    int[][] count = new int[n][n];
    for (int i = 0; i < truth.length; i++) {
      count[(int) truth[i]][Scores.best(predictions[i])]++;
    }
    StringBuilder s = new StringBuilder();
    if (n <= MOST_CLASSES) {
      table(s, count);
    } else {
      s.append("confusion matrix left out: it has ").append(n).append(" classes\n");
    }
    int[] seen = new int[n];
    Arrays.stream(training.targets()).forEach(c -> seen[(int) c]++);
    int common = 0;
    for (int c = 1; c < n; c++) {
      common = seen[c] > seen[common] ? c : common;
    }
    int usual = common;
    double base = (double) Arrays.stream(truth).filter(c -> c == usual).count() / truth.length;
    return s.append(
            String.format(
                Locale.ROOT, "always saying %s would reach %.4f%n", classes.get(common), base))
        .toString();
  }

  private void table(StringBuilder s, int[][] count) {
    List<String> names = target.classes().stream().map(Report::shortened).toList();
    int width = "predicted".length();
    for (String name : names) {
      width = Math.max(width, name.length());
    }
    s.append("confusion matrix (a row: what is true; a column: what is predicted)\n");
    String cell = "%" + (width + 2) + "s";
    s.append(String.format(Locale.ROOT, cell, ""));
    names.forEach(name -> s.append(String.format(Locale.ROOT, cell, name)));
    s.append(String.format(Locale.ROOT, cell, "recall")).append('\n');
    double[] precision = new double[names.size()];
    for (int r = 0; r < count.length; r++) {
      s.append(String.format(Locale.ROOT, cell, names.get(r)));
      int row = 0;
      int column = 0;
      for (int c = 0; c < count.length; c++) {
        s.append(String.format(Locale.ROOT, cell, count[r][c]));
        row += count[r][c];
        column += count[c][r];
      }
      s.append(String.format(Locale.ROOT, cell, share(count[r][r], row))).append('\n');
      precision[r] = column == 0 ? Double.NaN : (double) count[r][r] / column;
    }
    s.append(String.format(Locale.ROOT, cell, "precision"));
    for (double p : precision) {
      s.append(
          String.format(
              Locale.ROOT, cell, Double.isNaN(p) ? "-" : String.format(Locale.ROOT, "%.4f", p)));
    }
    s.append('\n');
  }

  private static String shortened(String name) {
    return name.length() <= WIDEST_NAME ? name : name.substring(0, WIDEST_NAME - 3) + "...";
  }

  private static String share(int part, int whole) {
    return whole == 0 ? "-" : String.format(Locale.ROOT, "%.4f", (double) part / whole);
  }

  // ------------------------------------------------------------------------------------------
  // numbers

  private double[] errors() {
    double[] errors = new double[truth.length];
    for (int i = 0; i < errors.length; i++) {
      errors[i] = predictions[i][0] - truth[i];
    }
    return errors;
  }

  /** In units of the greatest value, whose square may be out of range. */
  private static double rootMeanSquare(double[] values) {
    double greatest = Arrays.stream(values).map(Math::abs).max().orElse(0);
    return greatest == 0
        ? 0
        : greatest
            * Math.sqrt(
                Arrays.stream(values).map(v -> v / greatest).map(v -> v * v).average().orElse(0));
  }

  private String errorLines(Prepared.Part training) {
    double[] errors = errors();
    double[] sizes = Arrays.stream(errors).map(Math::abs).sorted().toArray();
    double mean = Arrays.stream(training.targets()).average().orElse(0);
    double base = rootMeanSquare(Arrays.stream(truth).map(v -> v - mean).toArray());
    double own = Arrays.stream(truth).average().orElse(0);
    double spread = rootMeanSquare(Arrays.stream(truth).map(v -> v - own).toArray());
    double unexplained = metric() / spread;
    int worst = 0;
    for (int i = 1; i < errors.length; i++) {
      worst = Math.abs(errors[i]) > Math.abs(errors[worst]) ? i : worst;
    }
    return String.join(
        "\n",
        "errors",
        "  mean absolute error    " + fourDigits(Arrays.stream(sizes).average().orElse(0)),
        "  median absolute error  " + fourDigits(sizes[sizes.length / 2]),
        "  90 % are within        " + fourDigits(sizes[(int) (0.9 * (sizes.length - 1))]),
        "  greatest               "
            + fourDigits(sizes[sizes.length - 1])
            + " (predicted "
            + fourDigits(predictions[worst][0])
            + ", true "
            + fourDigits(truth[worst])
            + ")",
        "  R squared              "
            + (spread == 0 ? "-" : fourDigits(1 - unexplained * unexplained)),
        "always saying the mean would have rmse " + fourDigits(base),
        "");
  }
}
