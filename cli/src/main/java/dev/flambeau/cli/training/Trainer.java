package dev.flambeau.cli.training;

import dev.flambeau.Device;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import dev.flambeau.cli.prepare.Prepared;
import dev.flambeau.data.Batch;
import dev.flambeau.data.DataLoader;
import dev.flambeau.data.TensorDataset;
import dev.flambeau.nn.Sequential;
import dev.flambeau.optim.Optimizer;
import dev.flambeau.train.EarlyStopping;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Trains a model on a prepared table, and keeps the weights of the best epoch. */
public final class Trainer {
  private final Prepared table;
  private final Hyperparameters chosen;
  private final Scores scores;
  private final Tensor trainingInputs;
  private final Tensor trainingTargets;
  private final Tensor validationInputs;
  private final Tensor validationTargets;
  private final Sequential model;
  private final Optimizer optimizer;

  /**
   * What training came to.
   *
   * @param model the model with the weights of the best epoch
   * @param epochs all epochs
   * @param best the epoch with the least validation loss
   * @param ending why training ended
   */
  public record Result(Sequential model, List<Epoch> epochs, Epoch best, Ending ending) {}

  /** Why training ended. */
  public enum Ending {
    /** All epochs were trained. */
    ALL_EPOCHS,
    /** The validation loss stopped falling. */
    NO_IMPROVEMENT,
    /** It was asked to stop. */
    INTERRUPTED
  }

  /** Prepares to train: the model's first weights are drawn here, from the thread's generator. */
  public Trainer(Prepared table, Hyperparameters chosen, Device device) {
    this.table = table;
    this.chosen = chosen;
    this.scores = new Scores(table.target());
    this.trainingInputs = inputs(table.training(), device);
    this.validationInputs = inputs(table.validation(), device);
    this.trainingTargets = scores.targets(table.training(), device).escape();
    this.validationTargets = scores.targets(table.validation(), device).escape();
    this.model = chosen.network(table.features().width(), table.target().outputs());
    this.model.to(device);
    this.optimizer = chosen.optimizer(model.parameters());
  }

  private static Tensor inputs(Prepared.Part part, Device device) {
    return Scores.inputs(part.inputs(), part.size(), device).escape();
  }

  /** The model, with the weights that it has now. */
  public Sequential model() {
    return model;
  }

  /**
   * Trains until the epochs are used up, the validation loss stops falling, or {@code stop} says
   * so.
   *
   * @throws UserError when the loss is no longer a number, or when stopped before one epoch was
   *     over
   */
  public Result train(Progress progress, StopRequest stop) {
    DataLoader loader =
        new DataLoader(new TensorDataset(trainingInputs, trainingTargets), chosen.batch())
            .shuffle(true);
    EarlyStopping stopping = EarlyStopping.onLoss(chosen.patience());
    List<Epoch> epochs = new ArrayList<>();
    Ending ending = Ending.ALL_EPOCHS;
    progress.start(chosen.epochs(), table.target().task().metric());
    try {
      for (int number = 1; number <= chosen.epochs() && ending == Ending.ALL_EPOCHS; number++) {
        Epoch epoch = epoch(number, loader, stop);
        if (epoch == null) {
          ending = Ending.INTERRUPTED;
          break;
        }
        epochs.add(epoch);
        progress.epoch(epoch);
        if (stopping.update(epoch.validationLoss(), model)) {
          ending = Ending.NO_IMPROVEMENT;
        }
      }
    } finally {
      progress.close();
    }
    if (epochs.isEmpty()) {
      throw new UserError("interrupted before the first epoch was over: there is nothing to keep");
    }
    stopping.restore(model);
    model.eval();
    return new Result(model, List.copyOf(epochs), epochs.get(stopping.bestEpoch()), ending);
  }

  /** One pass over the training rows, then the validation rows; null when told to stop. */
  private Epoch epoch(int number, DataLoader loader, StopRequest stop) {
    double loss = 0;
    double sum = 0;
    model.train();
    for (Batch b : loader) {
      if (stop.isRequested()) {
        return null;
      }
      try (var scope = Scope.open()) {
        optimizer.zeroGrad();
        Tensor output = model.call(b.input());
        Tensor l = scores.loss().call(output, b.target());
        l.backward();
        optimizer.step();
        double value = l.item();
        requireFinite(value, number);
        loss += value * b.size();
        sum += scores.sum(output.detach(), b.target());
      }
      b.tensors().forEach(Tensor::close);
    }
    try (var scope = Scope.open()) {
      Tensor output = Scores.evaluate(model, validationInputs);
      double validationLoss = scores.loss().call(output, validationTargets).item();
      requireFinite(validationLoss, number);
      int rows = table.training().size();
      return new Epoch(
          number,
          loss / rows,
          scores.metric(sum, rows),
          validationLoss,
          scores.metric(scores.sum(output, validationTargets), table.validation().size()));
    }
  }

  private void requireFinite(double loss, int epoch) {
    if (!Double.isFinite(loss)) {
      throw new UserError(
          String.format(
              Locale.ROOT,
              "the loss became %s in epoch %d; a smaller --lr than %s may help",
              Double.isNaN(loss) ? "NaN" : "infinite",
              epoch,
              Decimals.shortest(chosen.lr())));
    }
  }
}
