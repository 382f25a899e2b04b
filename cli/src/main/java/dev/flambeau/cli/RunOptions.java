package dev.flambeau.cli;

import dev.flambeau.Flambeau;
import dev.flambeau.cli.training.Hyperparameters.OptimizerName;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How a training runs: what train and search have in common. */
final class RunOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "200",
      description = "Most passes over the training rows (${DEFAULT-VALUE}).")
  int epochs;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "32",
      description = "Rows in a batch (${DEFAULT-VALUE}).")
  int batch;

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      defaultValue = "adam",
      description = "sgd, adam or adamw (${DEFAULT-VALUE}).")
  OptimizerName optimizer;

  @Option(
      names = "--momentum",
      paramLabel = "X",
      defaultValue = "0.9",
      description = "SGD's momentum (${DEFAULT-VALUE}).")
  double momentum;

  @Option(
      names = "--patience",
      paramLabel = "N",
      defaultValue = "20",
      description =
          "Stop after so many epochs without a better validation loss (${DEFAULT-VALUE}).")
  int patience;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "0",
      description = "The same seed gives the same model (${DEFAULT-VALUE}).")
  long seed;

  @Option(names = "--threads", paramLabel = "N", description = "Threads for the kernels.")
  private Integer threads;

  @Option(names = "--out", paramLabel = "DIR", description = "Where the results are saved.")
  Path out;

  /** Refuses values that make no sense, before anything is read. */
  void check() {
    atLeastOne("--epochs", epochs);
    atLeastOne("--batch", batch);
    atLeastOne("--patience", patience);
    require(momentum >= 0 && momentum < 1, "--momentum is from 0 to less than 1, not " + momentum);
    if (threads != null) {
      atLeastOne("--threads", threads);
    }
  }

  private void atLeastOne(String option, int value) {
    require(value >= 1, option + " is at least 1, not " + value);
  }

  /** A wrong command line unless {@code ok}. */
  void require(boolean ok, String otherwise) {
    if (!ok) {
      throw new ParameterException(spec.commandLine(), otherwise);
    }
  }

  /** Refuses a learning rate, dropout or weight decay out of range. */
  void requireRates(double lr, double dropout, double weightDecay) {
    require(lr > 0 && Double.isFinite(lr), "--lr is greater than 0, not " + lr);
    require(dropout >= 0 && dropout < 1, "--dropout is from 0 to less than 1, not " + dropout);
    require(
        weightDecay >= 0 && Double.isFinite(weightDecay),
        "--weight-decay is at least 0, not " + weightDecay);
  }

  /** Sets the number of threads, if one is wanted. */
  void setThreads() {
    if (threads != null) {
      Flambeau.setNumThreads(threads);
    }
  }
}
