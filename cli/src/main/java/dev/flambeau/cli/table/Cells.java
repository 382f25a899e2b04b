package dev.flambeau.cli.table;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** What the text of one cell means. */
public final class Cells {
  private static final Set<String> MISSING = Set.of("", "na", "n/a", "nan", "null", "?");
  // Double.parseDouble also takes "1d" and "0x1p3", which are no numbers in a table.
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");
  private static final Pattern COMMA_NUMBER = Pattern.compile("[+-]?\\d*,\\d+([eE][+-]?\\d+)?");

  private Cells() {}

  /** Whether the cell says that there is no value: empty, NA, N/A, NaN, null or ?. */
  public static boolean isMissing(String cell) {
    return cell.length() <= 4 && MISSING.contains(cell.toLowerCase(Locale.ROOT));
  }

  /** The finite number that the cell holds; NaN when it holds none. */
  public static double number(String cell, boolean decimalComma) {
    String text = cell;
    if (decimalComma && COMMA_NUMBER.matcher(cell).matches()) {
      text = cell.replace(',', '.');
    }
    if (!NUMBER.matcher(text).matches()) {
      return Double.NaN;
    }
    double value = Double.parseDouble(text);
    return Double.isFinite(value) ? value : Double.NaN;
  }
}
