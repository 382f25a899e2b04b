package dev.flambeau.cli;

import dev.flambeau.cli.prepare.Missing;
import dev.flambeau.cli.prepare.Prepared;
import dev.flambeau.cli.prepare.Task;
import dev.flambeau.cli.table.TextTable;
import dev.flambeau.cli.training.UserError;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Which table to learn from, and what in it. */
final class TableOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "data.csv",
      description = "A CSV file with a header. Without it: the shipped data.")
  private Path csv;

  @Mixin private ReadOptions read;

  @Option(names = "--target", paramLabel = "COLUMN", description = "The column to predict.")
  private String target;

  @Option(
      names = "--task",
      paramLabel = "TASK",
      defaultValue = "auto",
      description =
          "auto, binary, multiclass or regression. Auto: two values or text are classes, a few"
              + " whole numbers too, other numbers are regression.")
  private TaskChoice task;

  @Option(
      names = "--missing",
      paramLabel = "HOW",
      defaultValue = "auto",
      description =
          "drop rows with missing values (empty, NA, NaN, null, ?), or impute them; auto drops up"
              + " to 5 %% of the rows.")
  private Missing missing;

  @Option(
      names = "--leave-out",
      paramLabel = "COLUMN",
      description = "Do not learn from this column. May be given several times.")
  private List<String> leaveOut = List.of();

  @Option(
      names = "--max-categories",
      paramLabel = "N",
      defaultValue = "32",
      description = "Text columns with more different values are left out (${DEFAULT-VALUE}).")
  private int maxCategories;

  @Option(
      names = "--val",
      paramLabel = "SHARE",
      defaultValue = "0.2",
      description = "Share of the rows that is kept for validation (${DEFAULT-VALUE}).")
  private double validation;

  /** The tasks, and to find out which. */
  enum TaskChoice {
    AUTO,
    BINARY,
    MULTICLASS,
    REGRESSION;

    Task task() {
      return this == AUTO ? null : Task.valueOf(name());
    }
  }

  /** Refuses values that make no sense, before anything is read. */
  void check() {
    read.reader();
    if (!(validation > 0 && validation < 1)) {
      throw new ParameterException(
          spec.commandLine(), "--val is a share between 0 and 1, not " + validation);
    }
    if (maxCategories < 2) {
      throw new ParameterException(
          spec.commandLine(), "--max-categories is at least 2, not " + maxCategories);
    }
  }

  /** Reads the table, and says what it is. */
  TextTable table(Console console) {
    TextTable table = csv == null ? ShippedData.table() : read.reader().read(csv);
    console
        .out()
        .printf(
            "data    %s: %s, %s%s%n",
            table.source(),
            count(table.rows().size(), "row"),
            count(table.names().size(), "column"),
            table.separator() == ',' ? "" : " (separated by " + name(table.separator()) + ")");
    if (csv != null && target == null) {
      throw new UserError(
          "which column shall be predicted? Add --target COLUMN: "
              + String.join(", ", table.names()));
    }
    return table;
  }

  private static String count(int n, String what) {
    return n + " " + what + (n == 1 ? "" : "s");
  }

  private static String name(char separator) {
    return separator == '\t' ? "tab" : Character.toString(separator);
  }

  /** Prepares the table, and says how. */
  Prepared prepare(TextTable table, Console console) {
    Prepared prepared =
        Prepared.of(
            table,
            new Prepared.Options(
                target == null ? ShippedData.TARGET : target,
                task.task(),
                missing,
                leaveOut,
                maxCategories,
                validation,
                ReadOptions.OPTIONS));
    prepared.remarks().forEach(r -> console.out().println("note    " + r));
    console
        .out()
        .println("target  " + prepared.target().name() + ": " + prepared.target().describe());
    console
        .out()
        .println(
            "rows    "
                + prepared.training().size()
                + " for training, "
                + prepared.validation().size()
                + " for validation");
    return prepared;
  }
}
