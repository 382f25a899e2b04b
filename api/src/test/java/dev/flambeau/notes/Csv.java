package dev.flambeau.notes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads plain tables of numbers: commas, a line of names first, nothing quoted. */
final class Csv {
  private Csv() {}

  /** The columns by name; an empty cell is NaN. */
  static Map<String, double[]> columns(Path file) {
    List<String[]> lines;
    try {
      lines = Files.readAllLines(file).stream().map(line -> line.split(",", -1)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<String[]> rows = lines.subList(1, lines.size());
    Map<String, double[]> columns = new LinkedHashMap<>();
    for (int i = 0; i < lines.get(0).length; ++i) {
      int column = i;
      columns.put(lines.get(0)[i], rows.stream().mapToDouble(row -> number(row[column])).toArray());
    }
    return columns;
  }

  private static double number(String cell) {
    return cell.isEmpty() ? Double.NaN : Double.parseDouble(cell);
  }
}
