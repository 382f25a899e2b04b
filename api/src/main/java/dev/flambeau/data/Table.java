package dev.flambeau.data;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A table with named columns of numbers or text, and columns of it as tensors:
 *
 * <pre>{@code
 * Table table = Table.of(columns).dropMissing();
 * Tensor features = table.tensor("ph", "Sulfate").toFloat();
 * Tensor target = table.vector("Potability").toFloat();
 * }</pre>
 *
 * In a column of numbers NaN is missing, in one of text null and the empty text.
 */
public final class Table {
  private final Map<String, Object> columns; // double[] or String[], of this table alone
  private final int rows;

  private Table(Map<String, Object> columns, int rows) {
    this.columns = columns;
    this.rows = rows;
  }

  /**
   * A table of columns in the map's order, each a {@code double[]} or a {@code String[]}.
   *
   * @throws IllegalArgumentException when lengths differ, or for other kinds of column
   */
  public static Table of(Map<String, ?> columns) {
    Map<String, Object> copies = new LinkedHashMap<>();
    int rows = -1;
    for (Map.Entry<String, ?> e : columns.entrySet()) {
      Object copy = copy(e.getKey(), e.getValue());
      int n = length(copy);
      if (rows >= 0 && n != rows) {
        throw new IllegalArgumentException(
            "table: column " + e.getKey() + " has " + n + " rows, the ones before it " + rows);
      }
      rows = n;
      copies.put(e.getKey(), copy);
    }
    return new Table(copies, Math.max(rows, 0));
  }

  private static Object copy(String name, Object column) {
    if (column instanceof double[] numbers) {
      return numbers.clone();
    }
    if (column instanceof String[] texts) {
      return texts.clone();
    }
    throw new IllegalArgumentException(
        "table: column "
            + name
            + " must be a double[] or a String[], got "
            + (column == null ? "null" : column.getClass().getSimpleName()));
  }

  private static int length(Object column) {
    return column instanceof double[] d ? d.length : ((String[]) column).length;
  }

  /** Number of rows. */
  public int rows() {
    return rows;
  }

  /** The columns' names, in order. */
  public List<String> names() {
    return List.copyOf(columns.keySet());
  }

  /**
   * Whether the column holds numbers.
   *
   * @throws IllegalArgumentException when there is none of that name
   */
  public boolean isNumeric(String name) {
    return column(name) instanceof double[];
  }

  /**
   * The numbers of a column.
   *
   * @throws IllegalArgumentException for a column of text, or none of that name
   */
  public double[] numbers(String name) {
    return numeric(name).clone();
  }

  /**
   * The texts of a column.
   *
   * @throws IllegalArgumentException for a column of numbers, or none of that name
   */
  public String[] texts(String name) {
    if (column(name) instanceof String[] texts) {
      return texts.clone();
    }
    throw new IllegalArgumentException("table: column " + name + " holds numbers, not text");
  }

  /**
   * The table with these columns only, in this order.
   *
   * @throws IllegalArgumentException when there is none of a name
   */
  public Table select(String... names) {
    Map<String, Object> chosen = new LinkedHashMap<>();
    for (String name : names) {
      chosen.put(name, column(name));
    }
    return new Table(chosen, rows);
  }

  /** The table without rows in which something is missing. */
  public Table dropMissing() {
    int[] kept = new int[rows];
    int n = 0;
    for (int row = 0; row < rows; row++) {
      if (isComplete(row)) {
        kept[n++] = row;
      }
    }
    return at(Arrays.copyOf(kept, n));
  }

  private boolean isComplete(int row) {
    for (Object column : columns.values()) {
      boolean missing =
          column instanceof double[] d
              ? Double.isNaN(d[row])
              : ((String[]) column)[row] == null || ((String[]) column)[row].isEmpty();
      if (missing) {
        return false;
      }
    }
    return true;
  }

  private Table at(int[] kept) {
    Map<String, Object> out = new LinkedHashMap<>();
    columns.forEach(
        (name, column) ->
            out.put(
                name,
                column instanceof double[] d
                    ? Arrays.stream(kept).mapToDouble(i -> d[i]).toArray()
                    : Arrays.stream(kept)
                        .mapToObj(i -> ((String[]) column)[i])
                        .toArray(String[]::new)));
    return new Table(out, kept.length);
  }

  /**
   * The named columns side by side: float64 of shape (rows, names).
   *
   * @throws IllegalArgumentException without names, for a column of text, or none of a name
   */
  public Tensor tensor(String... names) {
    return tensor(DType.FLOAT64, names);
  }

  /**
   * The named columns side by side: shape (rows, names).
   *
   * @throws IllegalArgumentException without names, for a column of text, or none of a name
   */
  public Tensor tensor(DType type, String... names) {
    if (names.length == 0) {
      throw new IllegalArgumentException("table: name at least one column; there are " + names());
    }
    List<double[]> chosen = new ArrayList<>();
    for (String name : names) {
      chosen.add(numeric(name));
    }
    double[] cells = new double[Math.multiplyExact(rows, names.length)];
    for (int row = 0, i = 0; row < rows; row++) {
      for (double[] column : chosen) {
        cells[i++] = column[row];
      }
    }
    return Tensor.of(type, cells).view(rows, names.length);
  }

  /**
   * A column alone: float64 of shape (rows).
   *
   * @throws IllegalArgumentException for a column of text, or none of that name
   */
  public Tensor vector(String name) {
    return vector(DType.FLOAT64, name);
  }

  /**
   * A column alone: shape (rows).
   *
   * @throws IllegalArgumentException for a column of text, or none of that name
   */
  public Tensor vector(DType type, String name) {
    return Tensor.of(type, numeric(name));
  }

  private double[] numeric(String name) {
    if (column(name) instanceof double[] numbers) {
      return numbers;
    }
    throw new IllegalArgumentException(
        "table: column " + name + " holds text; make numbers of it first");
  }

  private Object column(String name) {
    Object column = columns.get(name);
    if (column == null) {
      throw new IllegalArgumentException(
          "table: no column named " + name + "; there are " + names());
    }
    return column;
  }

  /** Size and names. */
  @Override
  public String toString() {
    return "Table(" + rows + " rows, columns " + names() + ")";
  }
}
