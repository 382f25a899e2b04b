package dev.flambeau.cli.training;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/** The folder that a training writes: the model, its metrics, and a picture of them. */
public final class RunFolder {
  private final Path folder;

  private RunFolder(Path folder) {
    this.folder = folder;
  }

  /**
   * Makes the folder if it is not there.
   *
   * @throws UserError when nothing can be written there
   */
  public static RunFolder create(Path folder) {
    try {
      Files.createDirectories(folder);
      Files.delete(Files.createTempFile(folder, ".flambeau", null));
    } catch (IOException e) {
      throw cannotWrite(folder, e);
    }
    Curves.prepare();
    return new RunFolder(folder);
  }

  private static UserError cannotWrite(Path path, IOException e) {
    String why =
        e instanceof FileAlreadyExistsException
            ? "it is a file"
            : e.getClass().getSimpleName() + ": " + e.getMessage();
    return new UserError("cannot write to " + path + " (" + why + ")", e);
  }

  /** Writes {@code model.safetensors}. */
  public void saveModel(TableModel model) {
    write(TableModel.FILE, model::save);
  }

  /** Writes {@code metrics.csv}: one line an epoch. */
  public void saveMetrics(String metric, List<Epoch> epochs) {
    saveTable(
        "metrics.csv",
        List.of("epoch", "train_loss", "train_" + metric, "val_loss", "val_" + metric),
        epochs.stream()
            .<List<?>>map(
                e ->
                    List.of(
                        e.number(),
                        e.trainingLoss(),
                        e.trainingMetric(),
                        e.validationLoss(),
                        e.validationMetric()))
            .toList());
  }

  /** Writes a CSV file. */
  public void saveTable(String name, List<String> header, List<? extends List<?>> rows) {
    write(
        name,
        file -> {
          try (Writer out = Files.newBufferedWriter(file);
              CSVPrinter csv = new CSVPrinter(out, CSVFormat.DEFAULT)) {
            csv.printRecord(header);
            for (List<?> row : rows) {
              csv.printRecord(row);
            }
          }
        });
  }

  /** Writes {@code curves.png}; works also while the JVM is shutting down. */
  public void saveCurves(String title, String metric, List<Epoch> epochs, Epoch best) {
    write("curves.png", file -> Curves.write(file, title, metric, epochs, best));
  }

  private interface Content {
    void writeTo(Path file) throws IOException;
  }

  private void write(String name, Content content) {
    Path file = folder.resolve(name);
    try {
      content.writeTo(file);
    } catch (IOException e) {
      throw cannotWrite(file, e);
    }
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
