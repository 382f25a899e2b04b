package dev.flambeau.cli;

import dev.flambeau.Device;
import dev.flambeau.Flambeau;
import dev.flambeau.cli.prepare.Prepared;
import dev.flambeau.cli.table.TextTable;
import dev.flambeau.cli.training.Decimals;
import dev.flambeau.cli.training.Epoch;
import dev.flambeau.cli.training.Hyperparameters;
import dev.flambeau.cli.training.Progress;
import dev.flambeau.cli.training.Report;
import dev.flambeau.cli.training.RunFolder;
import dev.flambeau.cli.training.Trainer;
import dev.flambeau.cli.training.UserError;
import dev.flambeau.train.Search;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code flambeau search}: trains with many hyperparameters and keeps the best model. */
@Command(
    name = "search",
    description = {
      "Trains a model for every combination of hyperparameters, or for some drawn at random,",
      "and keeps the one with the least validation loss."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class SearchCommand implements Runnable {
  private final Console console;
  private final Map<Integer, Epoch> scores = new LinkedHashMap<>();
  private Trainer.Result best;
  private Hyperparameters bestChosen;
  private int trial;

  @Mixin private TableOptions tableOptions;
  @Mixin private RunOptions run;
  @Mixin private DeviceOption on;

  @Option(
      names = "--lr",
      paramLabel = "X,..",
      defaultValue = "0.0003,0.001,0.003,0.01",
      converter = Candidates.Converter.class,
      description =
          "Learning rates: a list, or with --trials a range as 1e-4..1e-1" + " (${DEFAULT-VALUE}).")
  private Candidates lr;

  @Option(
      names = "--hidden",
      paramLabel = "SIZES/..",
      defaultValue = "32/64,32",
      description = "Hidden layers to try, with / between them (${DEFAULT-VALUE}).")
  private String hidden;

  @Option(
      names = "--dropout",
      paramLabel = "P,..",
      defaultValue = "0,0.2",
      converter = Candidates.Converter.class,
      description = "Dropout: a list, or with --trials a range (${DEFAULT-VALUE}).")
  private Candidates dropout;

  @Option(
      names = "--weight-decay",
      paramLabel = "X,..",
      defaultValue = "0,0.0001",
      converter = Candidates.Converter.class,
      description = "Weight decay: a list, or with --trials a range (${DEFAULT-VALUE}).")
  private Candidates weightDecay;

  @Option(
      names = "--trials",
      paramLabel = "N",
      description = "Try N combinations drawn at random instead of all.")
  private Integer trials;

  /** A command that writes to {@code console}. */
  public SearchCommand(Console console) {
    this.console = console;
  }

  @Override
  public void run() {
    Search search = space();
    tableOptions.check();
    RunFolder folder = run.out == null ? null : RunFolder.create(run.out);
    try (Interrupt interrupt = new Interrupt()) {
      Device device = on.device();
      run.setThreads();
      TextTable table = tableOptions.table(console);
      Flambeau.manualSeed(run.seed);
      Prepared prepared = tableOptions.prepare(table, console);
      Search.Result result = search(search, prepared, device, interrupt);
      Outcome outcome = new Outcome(console, prepared, bestChosen);
      console.out().println("best    " + text(result.best()));
      outcome.describe(best.model(), device);
      outcome.report(best, device);
      outcome.save(best, folder);
      if (folder != null) {
        saveTrials(result, prepared.target().task().metric(), folder);
      }
      outcome.lastLine();
    }
  }

  private Search space() {
    run.check();
    run.require(trials == null || trials >= 1, "--trials is at least 1, not " + trials);
    for (Candidates c : List.of(lr, dropout, weightDecay)) {
      run.require(trials != null || !c.isRange(), "a range as 1e-4..1e-1 needs --trials");
    }
    lr.all().forEach(v -> run.requireRates(v, 0, 0));
    dropout.all().forEach(v -> run.requireRates(1, v, 0));
    weightDecay.all().forEach(v -> run.requireRates(1, 0, v));
    Search search = Search.minimize();
    lr.addTo(search, "lr", true);
    search.choice("hidden", hiddenLayers());
    dropout.addTo(search, "dropout", false);
    weightDecay.addTo(search, "weight-decay", true);
    return search;
  }

  private Object[] hiddenLayers() {
    try {
      return Arrays.stream(hidden.split("/")).map(HiddenLayers::parse).toArray();
    } catch (TypeConversionException e) {
      run.require(false, "--hidden: " + e.getMessage());
      throw e;
    }
  }

  private Search.Result search(
      Search search, Prepared prepared, Device device, Interrupt interrupt) {
    String metric = prepared.target().task().metric();
    search.onTrial(
        t -> {
          if (t.failure() == null || !interrupt.isRequested()) {
            console.err().println(line(t, metric));
          }
        });
    try {
      return trials == null
          ? search.grid(p -> score(p, prepared, device, interrupt))
          : search.random(trials, run.seed, p -> score(p, prepared, device, interrupt));
    } catch (IllegalStateException e) {
      throw e.getCause() instanceof UserError first
          ? new UserError("no trial succeeded; the first: " + first.getMessage(), e)
          : e;
    }
  }

  private double score(Search.Parameters p, Prepared prepared, Device device, Interrupt interrupt) {
    trial++;
    if (interrupt.isRequested()) {
      throw new UserError("interrupted");
    }
    Hyperparameters chosen =
        new Hyperparameters(
            ((HiddenLayers) p.get("hidden")).sizes(),
            p.number("dropout"),
            run.optimizer,
            p.number("lr"),
            run.momentum,
            p.number("weight-decay"),
            run.batch,
            run.epochs,
            run.patience);
    Flambeau.manualSeed(run.seed); // each trial begins alike
    Trainer.Result result = new Trainer(prepared, chosen, device).train(Progress.SILENT, interrupt);
    scores.put(trial, result.best());
    if (best == null || result.best().validationLoss() < best.best().validationLoss()) {
      best = result;
      bestChosen = chosen;
    }
    return result.best().validationLoss();
  }

  private static String text(Search.Parameters p) {
    return p.values().entrySet().stream()
        .map(
            e ->
                e.getKey()
                    + "="
                    + (e.getValue() instanceof Double d ? Decimals.general(d, 4) : e.getValue()))
        .collect(Collectors.joining(", "));
  }

  private String line(Search.Trial t, String metric) {
    String name = "trial " + trial + "  " + text(t);
    if (t.failure() != null) {
      return name + ": " + t.failure().getMessage();
    }
    Epoch e = scores.get(trial);
    return String.format(
        Locale.ROOT,
        "%s: val loss %.4f, val %s %s at epoch %d",
        name,
        e.validationLoss(),
        metric,
        Report.figure(metric, e.validationMetric()),
        e.number());
  }

  private void saveTrials(Search.Result result, String metric, RunFolder folder) {
    List<String> header =
        new ArrayList<>(List.of("lr", "hidden", "dropout", "weight_decay", "val_loss"));
    header.add("val_" + metric);
    List<List<?>> rows = new ArrayList<>();
    for (Search.Trial t : result.trials()) {
      List<Object> row = new ArrayList<>(t.values().values());
      row.add(t.score());
      Epoch epoch =
          scores.values().stream()
              .filter(e -> e.validationLoss() == t.score())
              .findFirst()
              .orElse(null);
      row.add(epoch == null ? Double.NaN : epoch.validationMetric());
      rows.add(row);
    }
    folder.saveTable("search.csv", header, rows);
  }
}
