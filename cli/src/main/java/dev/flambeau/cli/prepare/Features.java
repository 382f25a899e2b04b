package dev.flambeau.cli.prepare;

import dev.flambeau.cli.table.Cells;
import dev.flambeau.cli.table.TableException;
import dev.flambeau.cli.table.TextTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/** Turns the columns of a table into the numbers that a model takes. */
public final class Features {
  private final List<Feature> features;

  /** These columns, in this order. */
  public Features(List<Feature> features) {
    this.features = List.copyOf(features);
  }

  /** Learns means, deviations, medians and categories from these rows, the training rows. */
  static Features fit(TextTable table, List<Columns.Choice> chosen, int[] rows) {
    List<Feature> features = new ArrayList<>();
    for (Columns.Choice c : chosen) {
      features.add(c.isNumber() ? fitNumber(table, c, rows) : fitCategory(table, c, rows));
    }
    return new Features(features);
  }

  private static Feature fitNumber(TextTable table, Columns.Choice c, int[] rows) {
    double[] known =
        Arrays.stream(rows)
            .mapToDouble(r -> Cells.number(table.rows().get(r)[c.position()], table.decimalComma()))
            .filter(v -> !Double.isNaN(v))
            .sorted()
            .toArray();
    if (known.length == 0) {
      return Feature.number(c.name(), 0, 1, 0);
    }
    int half = known.length / 2;
    double median = known.length % 2 == 1 ? known[half] : (known[half - 1] + known[half]) / 2;
    // Gaps are filled before the statistics, so that what the model sees has mean 0.
    double[] filled = Arrays.copyOf(known, rows.length);
    Arrays.fill(filled, known.length, rows.length, median);
    double[] stats = meanAndDeviation(filled);
    return Feature.number(c.name(), stats[0], stats[1], median);
  }

  private static Feature fitCategory(TextTable table, Columns.Choice c, int[] rows) {
    TreeSet<String> categories = new TreeSet<>();
    for (int r : rows) {
      String cell = table.rows().get(r)[c.position()];
      if (!Cells.isMissing(cell)) {
        categories.add(cell);
      }
    }
    return Feature.category(c.name(), List.copyOf(categories));
  }

  /** Mean and standard deviation; 1 in place of a deviation of 0, so that one can divide by it. */
  static double[] meanAndDeviation(double[] values) {
    // In units of the greatest value, whose square may be out of range.
    double greatest = Arrays.stream(values).map(Math::abs).max().orElse(0);
    if (greatest == 0) {
      return new double[] {0, 1};
    }
    double mean = Arrays.stream(values).map(v -> v / greatest).average().orElse(0);
    double squares =
        Arrays.stream(values).map(v -> v / greatest - mean).map(d -> d * d).average().orElse(0);
    double deviation = Math.sqrt(squares);
    return new double[] {mean * greatest, deviation > 1e-12 ? deviation * greatest : 1};
  }

  /** The columns, in the order of the model's inputs. */
  public List<Feature> list() {
    return features;
  }

  /** Number of the model's inputs. */
  public int width() {
    return features.stream().mapToInt(Feature::width).sum();
  }

  /**
   * What encoding met on its way.
   *
   * @param values the numbers, row by row
   * @param filled how many missing values were filled in
   * @param unknown how many texts were no category of the training rows
   */
  public record Encoded(float[] values, int filled, int unknown) {}

  /**
   * The model's inputs for these rows of a table, row by row.
   *
   * @throws TableException when the table lacks columns, or has text where numbers were
   */
  public Encoded encode(TextTable table, int[] rows) {
    requireColumns(table);
    int width = width();
    float[] out = new float[Math.multiplyExact(rows.length, width)];
    int filled = 0;
    int unknown = 0;
    int at = 0;
    for (Feature f : features) {
      int position = table.column(f.name());
      for (int i = 0; i < rows.length; i++) {
        String cell = table.rows().get(rows[i])[position];
        int first = i * width + at;
        boolean missing = Cells.isMissing(cell);
        filled += missing ? 1 : 0;
        if (f.isNumber()) {
          double v = missing ? f.fill() : number(table, f, rows[i], cell);
          out[first] = (float) ((v - f.mean()) / f.scale());
        } else {
          int category = f.categories().indexOf(cell);
          unknown += category < 0 && !missing ? 1 : 0;
          if (category >= 0) {
            out[first + category] = 1;
          }
        }
      }
      at += f.width();
    }
    return new Encoded(out, filled, unknown);
  }

  private void requireColumns(TextTable table) {
    List<String> missing =
        features.stream().map(Feature::name).filter(n -> !table.names().contains(n)).toList();
    if (!missing.isEmpty()) {
      throw new TableException(
          table.source()
              + " lacks "
              + (missing.size() == 1 ? "the column " : "the columns ")
              + TextTable.some(missing)
              + ", which the model needs");
    }
  }

  private static double number(TextTable table, Feature f, int row, String cell) {
    double v = Cells.number(cell, table.decimalComma());
    if (Double.isNaN(v)) {
      throw new TableException(
          table.source()
              + ", line "
              + table.lines().get(row)
              + ": "
              + f.name()
              + " is \""
              + cell
              + "\", which is no number");
    }
    return v;
  }
}
