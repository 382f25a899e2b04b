package dev.flambeau.cli.table;

import java.util.List;
import java.util.Locale;

/**
 * A table of texts, as a file has it.
 *
 * @param source the file's name, for messages
 * @param names the columns' names
 * @param rows the cells, without surrounding spaces
 * @param lines the line of the file that each row ends on
 * @param separator the character between cells
 */
public record TextTable(
    String source, List<String> names, List<String[]> rows, List<Long> lines, char separator) {
  private static final int MOST_NAMED = 10;

  /** Whether numbers may have a decimal comma: only where the comma separates nothing. */
  public boolean decimalComma() {
    return separator != ',';
  }

  /**
   * The position of a column.
   *
   * @throws TableException when there is none; the message suggests a name near to it
   */
  public int column(String name) {
    int i = names.indexOf(name);
    if (i < 0) {
      String near = nearest(name);
      throw new TableException(
          source
              + " has no column \""
              + name
              + "\"; "
              + (near != null ? "did you mean \"" + near + "\"?" : "there are " + some(names)));
    }
    return i;
  }

  /** The first few of these names, and how many more there are. */
  public static String some(List<String> names) {
    return names.size() <= MOST_NAMED
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, MOST_NAMED))
            + " and "
            + (names.size() - MOST_NAMED)
            + " more";
  }

  /** The column whose name is much like this one, or null. */
  private String nearest(String name) {
    String best = null;
    int least = Math.max(2, name.length() / 2) + 1;
    for (String candidate : names) {
      int d = distance(name.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
      if (d < least) {
        least = d;
        best = candidate;
      }
    }
    return best;
  }

  /** How many insertions, deletions and replacements lead from one text to the other. */
  static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replace, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
