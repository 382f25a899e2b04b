package dev.flambeau.optim.lr;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import dev.flambeau.internal.text.Warnings;
import dev.flambeau.optim.Optimizer;
import dev.flambeau.optim.ParamGroup;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sets the learning rates of an optimizer's groups, epoch by epoch: {@link #step()} after each
 * epoch's last {@code optimizer.step()}. Rates follow from the groups' current ones where PyTorch
 * computes them so, hence a rate that the program sets meanwhile counts. A schedule may as well go
 * batch by batch, with {@code step()} after each {@code optimizer.step()}: what is called an epoch
 * here is what lies between two steps of the scheduler.
 *
 * <p>A schedule of your own says what the rate is, and in its constructor, when its fields are set,
 * asks for the first one:
 *
 * <pre>{@code
 * final class WarmUp extends LRScheduler {
 *   private final int epochs;
 *
 *   WarmUp(Optimizer optimizer, int epochs) {
 *     super(optimizer);
 *     this.epochs = epochs;
 *     begin();
 *   }
 *
 *   protected double next(double lr, double base) {
 *     return base * Math.min(1, (lastEpoch() + 1.0) / epochs);
 *   }
 * }
 * }</pre>
 *
 * <p>One that moves other options too, such as momentum, overrides {@link #update}.
 */
public abstract class LRScheduler {
  private static final String INITIAL_LR = "initial_lr";
  private static final String BASE_LRS = "base_lrs";
  private static final String LAST_EPOCH = "last_epoch";

  private final Optimizer optimizer;
  private final double[] baseLrs;
  private int lastEpoch;

  /** Notes the groups' rates as the initial ones. */
  protected LRScheduler(Optimizer optimizer) {
    this.optimizer = optimizer;
    List<ParamGroup> groups = optimizer.paramGroups();
    baseLrs = new double[groups.size()];
    for (int i = 0; i < baseLrs.length; i++) {
      ParamGroup g = groups.get(i);
      if (!g.has(INITIAL_LR)) {
        g.set(INITIAL_LR, g.lr());
      }
      baseLrs[i] = g.number(INITIAL_LR);
    }
  }

  /**
   * The rate for epoch {@link #lastEpoch()} of a group that had {@code lr} before and {@code base}
   * at first.
   */
  protected abstract double next(double lr, double base);

  /**
   * Sets what a group has in epoch {@link #lastEpoch()}: here its rate, by {@link #next}. Momentum
   * or betas are set as by the program: {@code group.momentum(0.9)}, {@code group.set("betas",
   * List.of(0.9, 0.999))}.
   *
   * @param base the group's rate at first
   */
  protected void update(ParamGroup group, double base) {
    double lr = next(group.lr(), base);
    if (lr != group.lr()) {
      group.lr(lr);
    }
  }

  /**
   * Sets what the groups have in the first epoch, 0. The constructor of a schedule that changes
   * anything there ends with it.
   */
  protected final void begin() {
    updateAll();
  }

  private void updateAll() {
    wholly(
        optimizer,
        () -> {
          List<ParamGroup> groups = optimizer.paramGroups();
          for (int i = 0; i < baseLrs.length; i++) {
            update(groups.get(i), baseLrs[i]);
          }
        });
  }

  /** Makes a change of the groups' options, and unmakes it where a part of it is refused. */
  static void wholly(Optimizer optimizer, Runnable change) {
    List<ParamGroup> groups = optimizer.paramGroups();
    List<Map<String, Object>> before = groups.stream().map(ParamGroup::options).toList();
    try {
      change.run();
    } catch (RuntimeException | Error e) {
      for (int i = 0; i < before.size(); i++) {
        ParamGroup group = groups.get(i);
        before
            .get(i)
            .forEach(
                (name, value) -> {
                  if (!value.equals(group.get(name))) {
                    group.set(name, value);
                  }
                });
      }
      throw e;
    }
  }

  /**
   * Ends an epoch: sets what the groups have in the next one. Where that is refused, by a group or
   * by the schedule itself, the epoch has not ended.
   */
  public final void step() {
    if (lastEpoch == 0 && optimizer.steps() == 0) {
      Warnings.once(
          "scheduler.step() was called before optimizer.step(): the first value of the schedule is"
              + " skipped; call optimizer.step() first");
    }
    lastEpoch++;
    try {
      updateAll();
    } catch (RuntimeException | Error e) {
      lastEpoch--;
      throw e;
    }
  }

  /** How many epochs have ended. */
  public final int lastEpoch() {
    return lastEpoch;
  }

  /** The groups' rates now. */
  public final double[] getLastLr() {
    return rates(optimizer);
  }

  static double[] rates(Optimizer optimizer) {
    return optimizer.paramGroups().stream().mapToDouble(ParamGroup::lr).toArray();
  }

  /** What is needed to go on; the rates themselves are in the optimizer's state dict. */
  public final Map<String, Tensor> stateDict() {
    Map<String, Tensor> out = new LinkedHashMap<>();
    out.put(BASE_LRS, Tensor.of(DType.FLOAT64, baseLrs).escape());
    out.put(LAST_EPOCH, Tensor.of(lastEpoch).escape());
    return out;
  }

  /**
   * Goes on from a {@link #stateDict()}.
   *
   * @throws IllegalArgumentException if the state has other names, another number of groups, or
   *     values that no schedule can have; nothing is changed then
   */
  public final void loadStateDict(Map<String, Tensor> saved) {
    SavedSchedule state = new SavedSchedule(saved, BASE_LRS, LAST_EPOCH);
    double[] bases = state.rates(BASE_LRS, baseLrs.length);
    lastEpoch = state.count(LAST_EPOCH);
    System.arraycopy(bases, 0, baseLrs, 0, bases.length);
  }
}
