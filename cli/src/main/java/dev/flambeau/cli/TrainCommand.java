package dev.flambeau.cli;

import dev.flambeau.Device;
import dev.flambeau.Flambeau;
import dev.flambeau.cli.prepare.Prepared;
import dev.flambeau.cli.table.TextTable;
import dev.flambeau.cli.training.ConsoleProgress;
import dev.flambeau.cli.training.Hyperparameters;
import dev.flambeau.cli.training.RunFolder;
import dev.flambeau.cli.training.Trainer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flambeau train}: trains one model on a table. */
@Command(
    name = "train",
    description = "Trains a model on a table. Without a CSV file it uses the shipped data.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class TrainCommand implements Runnable {
  private final Console console;

  @Mixin private TableOptions tableOptions;
  @Mixin private RunOptions run;
  @Mixin private DeviceOption on;

  @Option(
      names = "--hidden",
      paramLabel = "SIZES",
      defaultValue = "64,32",
      converter = HiddenLayers.Converter.class,
      description = "Sizes of the hidden layers, or none (${DEFAULT-VALUE}).")
  private HiddenLayers hidden;

  @Option(names = "--lr", paramLabel = "X", description = "Learning rate (0.001, for sgd 0.01).")
  private Double lr;

  @Option(
      names = "--dropout",
      paramLabel = "P",
      defaultValue = "0",
      description = "Dropout after each hidden layer (${DEFAULT-VALUE}).")
  private double dropout;

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      description = "Weight decay (0, for adamw 0.01).")
  private Double weightDecay;

  /** A command that writes to {@code console}. */
  public TrainCommand(Console console) {
    this.console = console;
  }

  @Override
  public void run() {
    Hyperparameters chosen = hyperparameters();
    tableOptions.check();
    RunFolder folder = run.out == null ? null : RunFolder.create(run.out);
    try (Interrupt interrupt = new Interrupt()) {
      Device device = on.device();
      run.setThreads();
      TextTable table = tableOptions.table(console);
      Flambeau.manualSeed(run.seed);
      Prepared prepared = tableOptions.prepare(table, console);
      Trainer trainer = new Trainer(prepared, chosen, device);
      Outcome outcome = new Outcome(console, prepared, chosen);
      outcome.describe(trainer.model(), device);
      Trainer.Result result =
          trainer.train(new ConsoleProgress(console.err(), console.terminal()), interrupt);
      outcome.report(result, device);
      outcome.save(result, folder);
      outcome.lastLine();
    }
  }

  private Hyperparameters hyperparameters() {
    run.check();
    double rate = lr != null ? lr : run.optimizer.lr;
    run.requireRates(rate, dropout, weightDecay == null ? 0 : weightDecay);
    return new Hyperparameters(
        hidden.sizes(),
        dropout,
        run.optimizer,
        rate,
        run.momentum,
        weightDecay == null ? -1 : weightDecay,
        run.batch,
        run.epochs,
        run.patience);
  }
}
