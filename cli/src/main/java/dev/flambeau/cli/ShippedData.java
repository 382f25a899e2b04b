package dev.flambeau.cli;

import dev.flambeau.cli.table.CsvReader;
import dev.flambeau.cli.table.TextTable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * The data set that ships with the command: Wisconsin breast cancer (diagnostic), 569 rows; where
 * it comes from stands in {@code breast_cancer.txt} beside it.
 */
public final class ShippedData {
  /** The column to predict: malignant or benign. */
  public static final String TARGET = "diagnosis";

  private ShippedData() {}

  /** The table. */
  public static TextTable table() {
    try (InputStream in = ShippedData.class.getResourceAsStream("breast_cancer.csv")) {
      return new CsvReader(',', StandardCharsets.UTF_8)
          .read("Wisconsin breast cancer (shipped)", in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
