package dev.flambeau.cli.prepare;

import dev.flambeau.cli.table.Cells;
import dev.flambeau.cli.table.SettingNames;
import dev.flambeau.cli.table.TableException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The column that is predicted.
 *
 * @param name its name
 * @param task what kind of prediction it asks for
 * @param classes the classes' names in the order of their numbers; empty for regression
 * @param mean for regression, what is subtracted before training
 * @param scale for regression, what the rest is divided by
 */
public record Target(String name, Task task, List<String> classes, double mean, double scale) {
  private static final int MOST_INTEGER_CLASSES = 10;
  private static final int MOST_CLASSES = 1000;

  /** Keeps a copy of the classes. */
  public Target {
    classes = List.copyOf(classes);
  }

  /**
   * Decides what the target is. Two values, or text, make classes; so do up to ten different whole
   * numbers; other numbers are regression.
   *
   * @param task what the user wants, or null to decide
   * @param cells the target's values, none missing
   * @param names what messages call the task
   * @throws TableException when there is only one value, or the values do not fit the task
   */
  static Target detect(
      String name, Task task, List<String> cells, boolean decimalComma, SettingNames names) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    boolean numbers = true;
    boolean whole = true;
    for (String cell : cells) {
      counts.merge(cell, 1, Integer::sum);
      double v = Cells.number(cell, decimalComma);
      numbers &= !Double.isNaN(v);
      whole &= v == Math.rint(v);
    }
    if (numbers) {
      counts = byValue(counts, decimalComma);
    }
    int different = counts.size();
    if (different < 2) {
      throw new TableException(
          "the target "
              + name
              + " is "
              + counts.keySet().iterator().next()
              + " in every row; a target needs at least two different values");
    }
    Task chosen = task != null ? task : guess(numbers, whole, different, cells.size());
    if (chosen == Task.REGRESSION) {
      if (!numbers) {
        throw new TableException(
            "the target "
                + name
                + " has values that are no numbers, such as \""
                + notANumber(counts.keySet(), decimalComma)
                + "\"; regression needs numbers");
      }
      return new Target(name, chosen, List.of(), 0, 1);
    }
    if (chosen == Task.BINARY && different != 2) {
      throw new TableException(
          "the target "
              + name
              + " has "
              + different
              + " different values; "
              + names.of("task")
              + " binary needs two, use "
              + names.of("task")
              + " multiclass");
    }
    if (different > MOST_CLASSES || (!numbers && different > cells.size() / 2)) {
      throw new TableException(
          "the target "
              + name
              + " has "
              + different
              + " different values in "
              + cells.size()
              + " rows; that is too many for classes");
    }
    List<String> classes = new ArrayList<>(counts.keySet());
    classes.sort(
        numbers
            ? Comparator.comparingDouble(c -> Cells.number(c, decimalComma))
            : Comparator.naturalOrder());
    return new Target(name, chosen, classes, 0, 1);
  }

  /** Counts with 1, 1.0 and 01 as one value, under the first form met. */
  private static Map<String, Integer> byValue(Map<String, Integer> counts, boolean decimalComma) {
    Map<Double, String> forms = new LinkedHashMap<>();
    Map<String, Integer> merged = new LinkedHashMap<>();
    counts.forEach(
        (text, n) ->
            merged.merge(
                forms.computeIfAbsent(Cells.number(text, decimalComma) + 0.0, v -> text),
                n,
                Integer::sum));
    return merged;
  }

  private static Task guess(boolean numbers, boolean whole, int different, int rows) {
    if (different == 2) {
      return Task.BINARY;
    }
    boolean fewIntegers =
        numbers && whole && different <= MOST_INTEGER_CLASSES && different * 3 <= rows;
    return !numbers || fewIntegers ? Task.MULTICLASS : Task.REGRESSION;
  }

  private static String notANumber(Iterable<String> values, boolean decimalComma) {
    for (String v : values) {
      if (Double.isNaN(Cells.number(v, decimalComma))) {
        return v;
      }
    }
    return "";
  }

  /**
   * The target's value in a cell as a number: the class's position, or the number itself.
   *
   * @return NaN for an unknown class or no number
   */
  public double value(String cell, boolean decimalComma) {
    double number = Cells.number(cell, decimalComma);
    if (!task.isClassification()) {
      return number;
    }
    int i = classes.indexOf(cell);
    for (int c = 0; i < 0 && !Double.isNaN(number) && c < classes.size(); c++) {
      i = Cells.number(classes.get(c), true) == number ? c : -1;
    }
    return i < 0 ? Double.NaN : i;
  }

  /** This target with the mean and deviation of the values it is trained on. */
  Target standardised(double[] values) {
    if (task.isClassification()) {
      return this;
    }
    double[] stats = Features.meanAndDeviation(values);
    return new Target(name, task, classes, stats[0], stats[1]);
  }

  /** How many outputs a model needs for it: one score, or one for each of several classes. */
  public int outputs() {
    return task == Task.MULTICLASS ? classes.size() : 1;
  }

  /** The task and, for classes, their names. */
  public String describe() {
    String what = task.name().toLowerCase(Locale.ROOT);
    if (!task.isClassification()) {
      return what;
    }
    return classes.size() <= 8
        ? what + " (" + String.join(", ", classes) + ")"
        : what + " (" + classes.size() + " classes)";
  }
}
