package dev.flambeau.optim.lr;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import dev.flambeau.optim.Optimizer;
import dev.flambeau.optim.ParamGroup;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Lowers the rates when a metric has stopped improving: {@code scheduler.step(validationLoss)}
 * after each epoch. Options have PyTorch's names and defaults.
 */
public final class ReduceLROnPlateau {
  /** Whether smaller or greater values are better. */
  public enum Mode {
    /** Smaller is better: losses, errors. */
    MIN,
    /** Greater is better: accuracies, scores. */
    MAX
  }

  /** Whether the threshold is a share of the best value or a difference from it. */
  public enum ThresholdMode {
    /** The threshold is a share of the best value. */
    REL,
    /** The threshold is a difference from the best value. */
    ABS
  }

  private static final String BEST = "best";
  private static final String BAD_EPOCHS = "num_bad_epochs";
  private static final String COOLING = "cooldown_counter";
  private static final String LAST_EPOCH = "last_epoch";

  private final Optimizer optimizer;
  private Mode mode = Mode.MIN;
  private ThresholdMode thresholdMode = ThresholdMode.REL;
  private double factor = 0.1;
  private int patience = 10;
  private double threshold = 1e-4;
  private int cooldown;
  private double[] minLrs;
  private double eps = 1e-8;

  private double best;
  private int badEpochs;
  private int cooling;
  private int lastEpoch;

  /** Smaller is better. */
  public ReduceLROnPlateau(Optimizer optimizer) {
    this(optimizer, Mode.MIN);
  }

  /** Smaller or greater is better. */
  public ReduceLROnPlateau(Optimizer optimizer, Mode mode) {
    this.optimizer = optimizer;
    this.mode = mode;
    this.minLrs = new double[optimizer.paramGroups().size()];
    this.best = worst();
  }

  /**
   * What the rates are multiplied by; 0.1 at first.
   *
   * @throws IllegalArgumentException if it is not below 1
   */
  public ReduceLROnPlateau factor(double factor) {
    if (!(factor < 1)) {
      throw new IllegalArgumentException(
          "ReduceLROnPlateau: factor should be < 1.0, got " + factor);
    }
    this.factor = factor;
    return this;
  }

  /** How many epochs without improvement are forgiven, 10 at first. */
  public ReduceLROnPlateau patience(int patience) {
    this.patience = patience;
    return this;
  }

  /** What counts as improvement, 1e-4 of the best at first. */
  public ReduceLROnPlateau threshold(double threshold, ThresholdMode thresholdMode) {
    this.threshold = threshold;
    this.thresholdMode = thresholdMode;
    return this;
  }

  /** How many epochs to wait after lowering, 0 at first. */
  public ReduceLROnPlateau cooldown(int cooldown) {
    this.cooldown = cooldown;
    return this;
  }

  /** Lowest rate, one for all groups or one for each; 0 at first. */
  public ReduceLROnPlateau minLr(double... minLr) {
    int groups = optimizer.paramGroups().size();
    if (minLr.length != 1 && minLr.length != groups) {
      throw new IllegalArgumentException(
          "ReduceLROnPlateau: expected 1 or " + groups + " lowest rates, got " + minLr.length);
    }
    minLrs = minLr.clone();
    if (minLr.length == 1) {
      minLrs = new double[groups];
      Arrays.fill(minLrs, minLr[0]);
    }
    return this;
  }

  /** Smaller changes of a rate are not made; 1e-8 at first. */
  public ReduceLROnPlateau eps(double eps) {
    this.eps = eps;
    return this;
  }

  /** Ends an epoch that had this value of the metric. */
  public void step(double metric) {
    boolean better = isBetter(metric);
    int bad = better ? 0 : badEpochs + 1;
    int wait = cooling;
    if (wait > 0) {
      wait--;
      bad = 0;
    }
    if (bad > patience) {
      LRScheduler.wholly(optimizer, this::lower); // a rate that is refused ends no epoch
      wait = cooldown;
      bad = 0;
    }
    lastEpoch++;
    best = better ? metric : best;
    badEpochs = bad;
    cooling = wait;
  }

  /** Ends an epoch that had this value of the metric: a tensor of one element. */
  public void step(Tensor metric) {
    step(metric.item());
  }

  private boolean isBetter(double value) {
    if (thresholdMode == ThresholdMode.REL) {
      return mode == Mode.MIN ? value < best * (1 - threshold) : value > best * (threshold + 1);
    }
    return mode == Mode.MIN ? value < best - threshold : value > best + threshold;
  }

  private void lower() {
    for (int i = 0; i < optimizer.paramGroups().size(); i++) {
      ParamGroup g = optimizer.paramGroups().get(i);
      double before = g.lr();
      double after = Math.max(before * factor, i < minLrs.length ? minLrs[i] : 0);
      if (before - after > eps) {
        g.lr(after);
      }
    }
  }

  private double worst() {
    return mode == Mode.MIN ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
  }

  /** The groups' rates now. */
  public double[] getLastLr() {
    return LRScheduler.rates(optimizer);
  }

  /** The best value so far; infinite before the first. */
  public double best() {
    return best;
  }

  /** How many epochs have ended. */
  public int lastEpoch() {
    return lastEpoch;
  }

  /** What is needed to go on; the rates themselves are in the optimizer's state dict. */
  public Map<String, Tensor> stateDict() {
    Map<String, Tensor> out = new LinkedHashMap<>();
    out.put(BEST, Tensor.of(DType.FLOAT64, best).escape());
    out.put(BAD_EPOCHS, Tensor.of(badEpochs).escape());
    out.put(COOLING, Tensor.of(cooling).escape());
    out.put(LAST_EPOCH, Tensor.of(lastEpoch).escape());
    return out;
  }

  /**
   * Goes on from a {@link #stateDict()}.
   *
   * @throws IllegalArgumentException if the state has other names, or values that no schedule can
   *     have; nothing is changed then
   */
  public void loadStateDict(Map<String, Tensor> saved) {
    SavedSchedule state = new SavedSchedule(saved, BEST, BAD_EPOCHS, COOLING, LAST_EPOCH);
    double savedBest = state.number(BEST);
    int savedBadEpochs = state.count(BAD_EPOCHS);
    int savedCooling = state.count(COOLING);
    lastEpoch = state.count(LAST_EPOCH);
    best = savedBest;
    badEpochs = savedBadEpochs;
    cooling = savedCooling;
  }
}
