package dev.flambeau.cli;

import dev.flambeau.Device;
import dev.flambeau.Tensor;
import dev.flambeau.cli.prepare.Features;
import dev.flambeau.cli.prepare.Target;
import dev.flambeau.cli.table.TextTable;
import dev.flambeau.cli.training.Report;
import dev.flambeau.cli.training.Scores;
import dev.flambeau.cli.training.TableModel;
import dev.flambeau.cli.training.UserError;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code flambeau predict}: applies a trained model to a table. */
@Command(
    name = "predict",
    description = {
      "Predicts the rows of a table with a trained model.",
      "Prints a CSV: the prediction and, for classes, a probability for each."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class PredictCommand implements Runnable {
  private final Console console;

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "The model.safetensors that train wrote, or its folder.")
  private Path model;

  @Parameters(index = "1", paramLabel = "data.csv", description = "A CSV file with a header.")
  private Path csv;

  @Mixin private ReadOptions read;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Write the CSV there instead of printing it.")
  private Path out;

  @Mixin private DeviceOption on;

  /** A command that writes to {@code console}. */
  public PredictCommand(Console console) {
    this.console = console;
  }

  @Override
  public void run() {
    Device device = on.device();
    TableModel trained = TableModel.load(model);
    TextTable table = read.reader().read(csv);
    int[] rows = IntStream.range(0, table.rows().size()).toArray();
    Features.Encoded encoded = trained.features().encode(table, rows);
    if (encoded.filled() > 0) {
      console.err().println("note: " + encoded.filled() + " missing values filled in");
    }
    if (encoded.unknown() > 0) {
      console
          .err()
          .println("note: " + encoded.unknown() + " texts are no category that training met");
    }
    trained.network().to(device);
    Tensor inputs = Scores.inputs(encoded.values(), rows.length, device);
    double[][] predictions =
        new Scores(trained.target()).predictions(Scores.evaluate(trained.network(), inputs));
    write(trained.target(), predictions);
    compare(trained.target(), table, predictions);
  }

  private void write(Target target, double[][] predictions) {
    // Not closed where it prints: the console's stream belongs to the program.
    try {
      Writer writer =
          out == null
              ? new OutputStreamWriter(console.out(), StandardCharsets.UTF_8)
              : Files.newBufferedWriter(out);
      CSVPrinter printer =
          new CSVPrinter(writer, CSVFormat.DEFAULT.builder().setRecordSeparator('\n').get());
      List<String> header = new ArrayList<>(List.of("prediction"));
      target.classes().forEach(c -> header.add("probability_" + c));
      printer.printRecord(header);
      for (double[] p : predictions) {
        printer.printRecord(row(target, p));
      }
      printer.flush();
      if (out != null) {
        printer.close();
      }
    } catch (IOException e) {
      throw new UserError("cannot write to " + out + ": " + e.getMessage(), e);
    }
  }

  private static List<Object> row(Target target, double[] prediction) {
    List<Object> row = new ArrayList<>();
    if (!target.task().isClassification()) {
      row.add((float) prediction[0]);
      return row;
    }
    row.add(target.classes().get(Scores.best(prediction)));
    for (double p : prediction) {
      row.add(String.format(Locale.ROOT, "%.6f", p));
    }
    return row;
  }

  /** Where the table also holds the truth: how good the predictions are, to the error stream. */
  private void compare(Target target, TextTable table, double[][] predictions) {
    int column = table.names().indexOf(target.name());
    if (column < 0) {
      return;
    }
    double[] truth =
        table.rows().stream()
            .mapToDouble(r -> target.value(r[column], table.decimalComma()))
            .toArray();
    int[] known = IntStream.range(0, truth.length).filter(i -> !Double.isNaN(truth[i])).toArray();
    if (known.length > 0) {
      double metric =
          new Report(
                  target,
                  Arrays.stream(known).mapToObj(i -> predictions[i]).toArray(double[][]::new),
                  Arrays.stream(known).mapToDouble(i -> truth[i]).toArray())
              .metric();
      String name = target.task().metric();
      console
          .err()
          .println(
              "note: "
                  + name
                  + " "
                  + Report.figure(name, metric)
                  + " over the "
                  + known.length
                  + " rows that have "
                  + target.name());
    }
  }
}
