package dev.flambeau.cli.prepare;

import dev.flambeau.Rng;
import dev.flambeau.cli.table.Cells;
import dev.flambeau.cli.table.SettingNames;
import dev.flambeau.cli.table.TableException;
import dev.flambeau.cli.table.TextTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A table made ready for training.
 *
 * @param features how its columns become numbers
 * @param target what is predicted
 * @param training inputs and targets of the training rows
 * @param validation inputs and targets of the validation rows
 * @param remarks what was left out, filled in or decided, a line each
 */
public record Prepared(
    Features features, Target target, Part training, Part validation, List<String> remarks) {
  private static final double FEW_ROWS = 0.05;
  private static final int LEAST_ROWS = 4;

  /**
   * Rows as numbers.
   *
   * @param inputs the model's inputs, row by row
   * @param targets class positions, or numbers as the table has them
   */
  public record Part(float[] inputs, double[] targets) {
    /** Number of rows. */
    public int size() {
      return targets.length;
    }
  }

  /**
   * How to prepare a table.
   *
   * @param target the column to predict
   * @param task what kind of prediction, or null to decide by the values
   * @param missing what to do with missing values
   * @param leaveOut columns not to learn from
   * @param maxCategories text columns with more different values are left out
   * @param validation share of the rows that is kept for validation, between 0 and 1
   * @param names what messages and remarks call these settings
   */
  public record Options(
      String target,
      Task task,
      Missing missing,
      List<String> leaveOut,
      int maxCategories,
      double validation,
      SettingNames names) {
    /** The same, with settings in plain words. */
    public Options(
        String target,
        Task task,
        Missing missing,
        List<String> leaveOut,
        int maxCategories,
        double validation) {
      this(target, task, missing, leaveOut, maxCategories, validation, SettingNames.PLAIN);
    }
  }

  /**
   * Prepares a table; the thread's generator draws the validation rows.
   *
   * @throws TableException when the table cannot be learnt from; the message says why
   */
  public static Prepared of(TextTable table, Options options) {
    List<String> remarks = new ArrayList<>();
    int targetColumn = table.column(options.target());
    options.leaveOut().forEach(table::column);
    int[] rows = withTarget(table, targetColumn, options.target(), remarks);

    detect(table, targetColumn, options, rows); // its errors come before those of other columns
    Set<String> without = new HashSet<>(options.leaveOut());
    without.add(options.target());
    Columns columns = new Columns(table, rows, without, options.maxCategories(), options.names());
    remarks.addAll(columns.remarks());
    if (columns.chosen().isEmpty()) {
      throw new TableException(table.source() + " has no column to learn from");
    }
    rows = treatMissing(table, columns.chosen(), rows, options.missing(), remarks);
    requireRows(table, rows, "with all values");

    Target target = detect(table, targetColumn, options, rows);
    int[] classOf =
        target.task().isClassification()
            ? Arrays.stream(values(table, targetColumn, target, rows))
                .mapToInt(v -> (int) v)
                .toArray()
            : null;
    Split split = Split.draw(rows, classOf, options.validation(), Rng.current());
    if (split.validation().length == 0) {
      throw new TableException(
          table.source() + " has too few rows of each class to keep some for validation");
    }
    Features features = Features.fit(table, columns.chosen(), split.training());
    target = target.standardised(values(table, targetColumn, target, split.training()));
    return new Prepared(
        features,
        target,
        part(table, targetColumn, features, target, split.training()),
        part(table, targetColumn, features, target, split.validation()),
        List.copyOf(remarks));
  }

  private static Target detect(TextTable table, int column, Options options, int[] rows) {
    List<String> cells = Arrays.stream(rows).mapToObj(r -> table.rows().get(r)[column]).toList();
    return Target.detect(
        options.target(), options.task(), cells, table.decimalComma(), options.names());
  }

  private static int[] withTarget(TextTable table, int column, String name, List<String> remarks) {
    int[] rows =
        IntStream.range(0, table.rows().size())
            .filter(r -> !Cells.isMissing(table.rows().get(r)[column]))
            .toArray();
    int dropped = table.rows().size() - rows.length;
    if (dropped > 0) {
      remarks.add(rows(dropped) + " dropped: no value in the target " + name);
    }
    requireRows(table, rows, "with a value in " + name);
    return rows;
  }

  private static void requireRows(TextTable table, int[] rows, String what) {
    if (rows.length < LEAST_ROWS) {
      throw new TableException(
          table.source()
              + " has "
              + rows(rows.length)
              + " "
              + what
              + "; training needs at least "
              + LEAST_ROWS);
    }
  }

  private static int[] treatMissing(
      TextTable table,
      List<Columns.Choice> columns,
      int[] rows,
      Missing policy,
      List<String> remarks) {
    List<Columns.Choice> gaps = columns.stream().filter(c -> c.missing() > 0).toList();
    if (gaps.isEmpty()) {
      return rows;
    }
    int[] complete =
        Arrays.stream(rows)
            .filter(
                r ->
                    gaps.stream()
                        .noneMatch(c -> Cells.isMissing(table.rows().get(r)[c.position()])))
            .toArray();
    int dropped = rows.length - complete.length;
    boolean drop =
        policy == Missing.DROP || (policy == Missing.AUTO && dropped <= FEW_ROWS * rows.length);
    String where =
        String.join(", ", gaps.stream().map(c -> c.name() + " (" + c.missing() + ")").toList());
    if (drop) {
      remarks.add(rows(dropped) + " of " + rows.length + " dropped: missing values in " + where);
      return complete;
    }
    remarks.add(
        "missing values imputed in "
            + rows(dropped)
            + " of "
            + rows.length
            + " (the training rows' median; no category for text): "
            + where);
    return rows;
  }

  private static String rows(int n) {
    return n == 1 ? "1 row" : n + " rows";
  }

  private static double[] values(TextTable table, int column, Target target, int[] rows) {
    return Arrays.stream(rows)
        .mapToDouble(r -> target.value(table.rows().get(r)[column], table.decimalComma()))
        .toArray();
  }

  private static Part part(
      TextTable table, int column, Features features, Target target, int[] rows) {
    return new Part(features.encode(table, rows).values(), values(table, column, target, rows));
  }
}
