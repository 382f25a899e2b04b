package dev.flambeau.cli;

import dev.flambeau.Device;
import dev.flambeau.Tensor;
import dev.flambeau.cli.prepare.Prepared;
import dev.flambeau.cli.training.Decimals;
import dev.flambeau.cli.training.Epoch;
import dev.flambeau.cli.training.Hyperparameters;
import dev.flambeau.cli.training.Report;
import dev.flambeau.cli.training.RunFolder;
import dev.flambeau.cli.training.Scores;
import dev.flambeau.cli.training.TableModel;
import dev.flambeau.cli.training.Trainer;
import dev.flambeau.nn.Sequential;
import dev.flambeau.train.Summary;
import java.util.Locale;

/** Says and saves what came of a training. */
final class Outcome {
  private final Console console;
  private final Prepared table;
  private final Hyperparameters chosen;
  private double validationMetric;

  Outcome(Console console, Prepared table, Hyperparameters chosen) {
    this.console = console;
    this.table = table;
    this.chosen = chosen;
  }

  /** One line about the model. */
  void describe(Sequential model, Device device) {
    StringBuilder sizes = new StringBuilder().append(table.features().width());
    chosen.hidden().forEach(h -> sizes.append('-').append(h));
    sizes.append('-').append(table.target().outputs());
    console
        .out()
        .printf(
            Locale.ROOT,
            "model   %s, %,d parameters, %s with lr %s, on %s%n",
            sizes,
            Summary.parameterCount(model),
            chosen.optimizer().name().toLowerCase(Locale.ROOT),
            Decimals.shortest(chosen.lr()),
            device);
  }

  /** Why training ended, and how good the best model is. */
  void report(Trainer.Result result, Device device) {
    int last = result.epochs().size();
    String ending =
        switch (result.ending()) {
          case ALL_EPOCHS -> "all " + last + " epochs done";
          case NO_IMPROVEMENT ->
              "stopped early after epoch "
                  + last
                  + ": no better validation loss in "
                  + chosen.patience()
                  + " epochs";
          case INTERRUPTED -> "interrupted after epoch " + last;
        };
    console.out().println(ending + "; the model is epoch " + result.best().number() + "'s");
    Prepared.Part part = table.validation();
    Tensor inputs = Scores.inputs(part.inputs(), part.size(), device);
    double[][] predictions =
        new Scores(table.target()).predictions(Scores.evaluate(result.model(), inputs));
    Report report = new Report(table.target(), predictions, part.targets());
    validationMetric = report.metric();
    console.out().println();
    console.out().println(report.text(table.training()));
  }

  /** Writes the model, the metrics and the curves, if there is a folder for them. */
  void save(Trainer.Result result, RunFolder folder) {
    if (folder == null) {
      return;
    }
    String metric = table.target().task().metric();
    Epoch best = result.best();
    TableModel model =
        new TableModel(
            table.features(), table.target(), chosen.hidden(), chosen.dropout(), result.model());
    folder.saveModel(model);
    folder.saveMetrics(metric, result.epochs());
    folder.saveCurves(
        String.format(
            Locale.ROOT,
            "%s: validation %s %s at epoch %d",
            table.target().name(),
            metric,
            Report.figure(metric, best.validationMetric()),
            best.number()),
        metric,
        result.epochs(),
        best);
    console.out().println("saved   " + folder);
  }

  /** The line that everything ends with. */
  void lastLine() {
    String metric = table.target().task().metric();
    console.out().println("validation " + metric + " " + Report.figure(metric, validationMetric));
    console.out().flush();
  }
}
