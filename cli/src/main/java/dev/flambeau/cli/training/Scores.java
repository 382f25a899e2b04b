package dev.flambeau.cli.training;

import dev.flambeau.Autograd;
import dev.flambeau.DType;
import dev.flambeau.Device;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import dev.flambeau.cli.prepare.Prepared;
import dev.flambeau.cli.prepare.Target;
import dev.flambeau.cli.prepare.Task;
import dev.flambeau.nn.BCEWithLogitsLoss;
import dev.flambeau.nn.CrossEntropyLoss;
import dev.flambeau.nn.Layer;
import dev.flambeau.nn.Loss;
import dev.flambeau.nn.MSELoss;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a task means for tensors: the loss, the form of targets, and what outputs say. */
public final class Scores {
  private static final int ROWS_AT_ONCE = 4096;

  private final Target target;
  private final Loss loss;

  /** For this target. */
  public Scores(Target target) {
    this.target = target;
    this.loss =
        switch (target.task()) {
          case BINARY -> new BCEWithLogitsLoss();
          case MULTICLASS -> new CrossEntropyLoss();
          case REGRESSION -> new MSELoss();
        };
  }

  /** The loss to train with, over a model's output and {@link #targets}. */
  Loss loss() {
    return loss;
  }

  /** The inputs of some rows: float32 of shape (rows, width). */
  public static Tensor inputs(float[] values, int rows, Device device) {
    return Tensor.of(values).view(rows, values.length / Math.max(rows, 1)).to(device);
  }

  /** Targets as the loss wants them: class indices (rows), or one column, standardised. */
  Tensor targets(Prepared.Part part, Device device) {
    double[] values = part.targets();
    if (target.task() == Task.MULTICLASS) {
      return Tensor.of(DType.INT64, values).to(device);
    }
    double[] column = new double[values.length];
    for (int i = 0; i < column.length; i++) {
      column[i] = (values[i] - target.mean()) / target.scale();
    }
    return Tensor.of(DType.FLOAT32, column).view(column.length, 1).to(device);
  }

  /**
   * How well outputs fit targets, as a sum over rows that can be added up: how many are right, or
   * the squared errors of standardised numbers.
   */
  double sum(Tensor output, Tensor targets) {
    return switch (target.task()) {
      case BINARY -> output.gt(0).eq(targets.gt(0.5)).sum().item();
      case MULTICLASS -> output.argmax(1).eq(targets).sum().item();
      case REGRESSION -> output.sub(targets).square().sum().item();
    };
  }

  /** The metric of {@link #sum} over so many rows: a share, or an error in the target's unit. */
  double metric(double sum, long rows) {
    return target.task().isClassification() ? sum / rows : Math.sqrt(sum / rows) * target.scale();
  }

  /** The model's outputs, in evaluation mode and without recording: shape (rows, outputs). */
  public static Tensor evaluate(Layer model, Tensor inputs) {
    model.eval();
    List<Tensor> parts = new ArrayList<>();
    try (var off = Autograd.noGrad();
        var scope = Scope.open()) {
      for (Tensor rows : inputs.split(ROWS_AT_ONCE, 0)) {
        parts.add(model.call(rows));
      }
      return scope.keep(parts.size() == 1 ? parts.get(0) : Tensor.cat(parts, 0));
    }
  }

  /**
   * What outputs predict: class probabilities, row by row, or one number a row in the target's
   * unit.
   */
  public double[][] predictions(Tensor output) {
    int rows = (int) output.size(0);
    double[][] out = new double[rows][];
    Tensor x = output.detach().toDouble();
    double[] values =
        switch (target.task()) {
          case BINARY -> x.sigmoid().toDoubleArray();
          case MULTICLASS -> x.softmax(1).toDoubleArray();
          case REGRESSION -> x.toDoubleArray();
        };
    int width = rows == 0 ? 0 : values.length / rows;
    for (int r = 0; r < rows; r++) {
      out[r] =
          switch (target.task()) {
            case BINARY -> new double[] {1 - values[r], values[r]};
            case MULTICLASS -> Arrays.copyOfRange(values, r * width, (r + 1) * width);
            case REGRESSION -> new double[] {values[r] * target.scale() + target.mean()};
          };
    }
    return out;
  }

  /** The class with the greatest probability; of two equal ones the first. */
  public static int best(double[] probabilities) {
    int best = 0;
    for (int c = 1; c < probabilities.length; c++) {
      best = probabilities[c] > probabilities[best] ? c : best;
    }
    return best;
  }
}
