package dev.flambeau.cli.prepare;

import dev.flambeau.cli.table.Cells;
import dev.flambeau.cli.table.SettingNames;
import dev.flambeau.cli.table.TextTable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Chooses the columns that a model can learn from, and says why it leaves out the others. */
final class Columns {
  private static final double MOST_MISSING = 0.5;
  private static final double NEARLY_NUMBERS = 0.9;

  private final TextTable table;
  private final int maxCategories;
  private final SettingNames names;
  private final List<Choice> chosen = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();

  /**
   * A column to learn from.
   *
   * @param name its name
   * @param position where it is in the table
   * @param isNumber whether it holds numbers; otherwise it holds categories
   * @param missing in how many rows it has no value
   */
  record Choice(String name, int position, boolean isNumber, int missing) {}

  /** Looks at all columns but those in {@code without}, in these rows. */
  Columns(
      TextTable table,
      int[] rows,
      Collection<String> without,
      int maxCategories,
      SettingNames names) {
    this.table = table;
    this.maxCategories = maxCategories;
    this.names = names;
    for (int c = 0; c < table.names().size(); c++) {
      if (!without.contains(table.names().get(c))) {
        consider(c, rows);
      }
    }
  }

  List<Choice> chosen() {
    return chosen;
  }

  /** A line for each column that is left out or encoded. */
  List<String> remarks() {
    return remarks;
  }

  private void consider(int column, int[] rows) {
    Set<String> different = new HashSet<>();
    int missing = 0;
    int numbers = 0;
    String odd = null;
    boolean counts = true;
    double before = Double.NaN;
    for (int r : rows) {
      String cell = table.rows().get(r)[column];
      if (Cells.isMissing(cell)) {
        missing++;
        continue;
      }
      different.add(cell);
      double v = Cells.number(cell, table.decimalComma());
      if (Double.isNaN(v)) {
        odd = odd == null ? cell : odd;
      } else {
        numbers++;
      }
      counts &= Double.isNaN(before) || v == before + 1;
      before = v;
    }
    int present = rows.length - missing;
    String name = table.names().get(column);
    boolean isNumber = numbers == present;
    if (present == 0) {
      leaveOut(name, "it has no values");
    } else if (different.size() == 1) {
      leaveOut(name, "it is " + different.iterator().next() + " wherever it has a value");
    } else if (missing > MOST_MISSING * rows.length) {
      leaveOut(name, "it has no value in " + missing + " of " + rows.length + " rows");
    } else if (isNumber && rows.length > 2 && missing == 0 && counts) {
      leaveOut(name, "it only counts the rows");
    } else if (isNumber && different.size() == rows.length && isIdentifier(name)) {
      leaveOut(name, "it names the rows, and all its values differ");
    } else if (isNumber) {
      chosen.add(new Choice(name, column, true, missing));
    } else {
      considerText(name, column, different.size(), missing, present, numbers, odd);
    }
  }

  private void considerText(
      String name, int column, int different, int missing, int present, int numbers, String odd) {
    String but =
        numbers >= NEARLY_NUMBERS * present
            ? " (nearly all its values are numbers, but \"" + odd + "\" is not)"
            : "";
    if (different == present) {
      leaveOut(name, "it is text, and all its values differ" + but);
    } else if (different > maxCategories) {
      leaveOut(
          name,
          "it is text with "
              + different
              + " different values, more than "
              + names.of("max categories")
              + " "
              + maxCategories
              + but);
    } else {
      chosen.add(new Choice(name, column, false, missing));
      remarks.add("column " + name + ": one-hot, " + different + " categories" + but);
    }
  }

  private static boolean isIdentifier(String name) {
    String n = name.toLowerCase(Locale.ROOT);
    return n.equals("id") || n.endsWith("_id") || n.endsWith(" id") || n.equals("index");
  }

  private void leaveOut(String name, String why) {
    remarks.add("column " + name + " is left out: " + why);
  }
}
