package dev.flambeau.train;

import dev.flambeau.Tensor;
import dev.flambeau.nn.Module;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Ends training when a validation figure has not improved for a number of epochs, and remembers the
 * model that was best:
 *
 * <pre>{@code
 * EarlyStopping stop = EarlyStopping.onLoss(10);
 * for (int epoch = 0; epoch < 500; epoch++) {
 *   ...
 *   if (stop.update(validationLoss, model)) break;
 * }
 * stop.restore(model);
 * }</pre>
 */
public final class EarlyStopping {
  private final int patience;
  private final boolean greaterIsBetter;
  private double minDelta;
  private double best = Double.NaN;
  private int bestEpoch = -1;
  private int epoch = -1;
  private Map<String, Tensor> bestState;

  private EarlyStopping(int patience, boolean greaterIsBetter) {
    if (patience < 0) {
      throw new IllegalArgumentException(
          "earlyStopping: patience must not be negative, got " + patience);
    }
    this.patience = patience;
    this.greaterIsBetter = greaterIsBetter;
  }

  /**
   * Watches a figure that should fall, and stops after {@code patience} epochs without a better
   * one.
   *
   * @throws IllegalArgumentException for a negative patience
   */
  public static EarlyStopping onLoss(int patience) {
    return new EarlyStopping(patience, false);
  }

  /**
   * Watches a figure that should rise, such as an accuracy, and stops after {@code patience} epochs
   * without a better one.
   *
   * @throws IllegalArgumentException for a negative patience
   */
  public static EarlyStopping onScore(int patience) {
    return new EarlyStopping(patience, true);
  }

  /**
   * Only a change of more than this counts as better; 0 at first.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public EarlyStopping minDelta(double change) {
    if (!(change >= 0)) {
      throw new IllegalArgumentException(
          "earlyStopping: minDelta must not be negative, got " + change);
    }
    minDelta = change;
    return this;
  }

  /** Takes an epoch's figure; true when it is time to stop. NaN never counts as better. */
  public boolean update(double figure) {
    return update(figure, null);
  }

  /**
   * Takes an epoch's figure, and a copy of the model's state if it is the best so far; true when it
   * is time to stop.
   */
  public boolean update(double figure, Module model) {
    epoch++;
    if (isBetter(figure)) {
      best = figure;
      bestEpoch = epoch;
      if (model != null) {
        keep(model);
      }
    }
    return epoch - bestEpoch >= Math.max(patience, 1);
  }

  private boolean isBetter(double figure) {
    if (Double.isNaN(figure)) {
      return false;
    }
    return Double.isNaN(best)
        || (greaterIsBetter ? figure > best + minDelta : figure < best - minDelta);
  }

  private void keep(Module model) {
    if (bestState == null) {
      bestState = new LinkedHashMap<>();
      model.stateDict().forEach((name, t) -> bestState.put(name, t.copy().escape()));
    } else {
      model.stateDict().forEach((name, t) -> bestState.get(name).copy_(t));
    }
  }

  /** The best figure so far; NaN before the first. */
  public double best() {
    return best;
  }

  /** The epoch (from 0) of the best figure; -1 before the first. */
  public int bestEpoch() {
    return bestEpoch;
  }

  /**
   * Puts the best state back into the model.
   *
   * @throws IllegalStateException when no state was kept
   */
  public void restore(Module model) {
    if (bestState == null) {
      throw new IllegalStateException(
          "earlyStopping: no state was kept; pass the model to update, and a figure that is not NaN");
    }
    model.loadStateDict(bestState);
  }
}
