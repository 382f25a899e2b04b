package dev.flambeau.train;

import dev.flambeau.Autograd;
import dev.flambeau.Tensor;
import dev.flambeau.nn.CrossEntropyLoss;
import dev.flambeau.nn.Layer;
import dev.flambeau.nn.Loss;
import dev.flambeau.optim.Optimizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Trains a model on one batch until it fits it. A model that cannot do this has a fault that no
 * amount of data will mend; the report names what it found.
 */
public final class OverfitCheck {
  private static final double NEAR_ZERO = 0.05;

  private OverfitCheck() {}

  /**
   * The result of the check.
   *
   * @param steps training steps taken
   * @param firstLoss loss before training
   * @param lastLoss loss after it
   * @param accuracy share of the batch classified rightly; NaN for targets that are no classes
   * @param problems what looks wrong; empty when the check has passed
   */
  public record Report(
      int steps, double firstLoss, double lastLoss, double accuracy, List<String> problems) {
    /** Whether accuracy reached 1 (for classes) and the loss came near 0. */
    public boolean passed() {
      return problems.isEmpty();
    }

    @Override
    public String toString() {
      String figures =
          String.format(
              Locale.ROOT,
              "loss %.4g -> %.4g in %d steps%s",
              firstLoss,
              lastLoss,
              steps,
              Double.isNaN(accuracy)
                  ? ""
                  : String.format(Locale.ROOT, ", accuracy %.4f", accuracy));
      return passed()
          ? "one batch is learnt by heart: " + figures
          : "one batch is not learnt: " + figures + "\n- " + String.join("\n- ", problems);
    }
  }

  /**
   * Trains {@code model} on one batch for up to {@code steps} steps.
   *
   * @param target what {@code loss} expects; int64 class indices, or 0 and 1 for scores of one
   *     column
   * @throws IllegalArgumentException for less than one step
   */
  public static Report overfitOneBatch(
      Layer model, Loss loss, Optimizer optimizer, Tensor input, Tensor target, int steps) {
    if (steps < 1) {
      throw new IllegalArgumentException("overfitOneBatch: needs at least one step, got " + steps);
    }
    model.train();
    double first = Double.NaN;
    double last = Double.NaN;
    int rises = 0;
    int taken = 0;
    List<String> problems = new ArrayList<>();
    for (; taken < steps && problems.isEmpty(); taken++) {
      optimizer.zeroGrad();
      Tensor l = loss.call(model.call(input), target);
      double value = l.item();
      if (taken == 0) {
        first = value;
      }
      rises += value > last ? 1 : 0;
      last = value;
      if (!Double.isFinite(value)) {
        problems.add(
            taken == 0
                ? "the very first loss is "
                    + value
                    + ": look for NaN or infinite values in the input"
                : "the loss became "
                    + value
                    + " at step "
                    + taken
                    + ": a smaller learning rate may help");
        break;
      }
      if (!l.requiresGrad()) {
        problems.add("no parameter is trainable: all of them have requiresGrad off");
        break;
      }
      l.backward();
      if (taken == 0) {
        gradients(model, problems);
      }
      optimizer.step();
    }
    Tensor output;
    model.eval();
    try (var off = Autograd.noGrad()) {
      output = model.call(input);
      last = Double.isFinite(last) ? loss.call(output, target).item() : last;
    }
    model.train();
    double accuracy = accuracy(output, target);
    if (problems.isEmpty() && !(last <= NEAR_ZERO && !(accuracy < 1))) {
      diagnose(loss, output, first, last, rises, taken, problems);
    }
    return new Report(taken, first, last, accuracy, List.copyOf(problems));
  }

  /** Parameters that training does not reach. */
  private static void gradients(Layer model, List<String> problems) {
    List<String> none = new ArrayList<>();
    boolean allZero = true;
    for (Map.Entry<String, Tensor> p : model.namedParameters().entrySet()) {
      Tensor t = p.getValue();
      if (t.requiresGrad() && t.grad() == null) {
        none.add(p.getKey());
      } else if (t.grad() != null) {
        allZero &= !t.grad().ne(0).any().itemBoolean();
      }
    }
    if (!none.isEmpty()) {
      problems.add(
          "no gradient reaches " + none + ": are these layers used, or is something detached?");
    } else if (allZero) {
      problems.add(
          "all gradients are 0: activations may be dead or saturated; check the initialization and"
              + " the scale of the input");
    }
  }

  private static void diagnose(
      Loss loss,
      Tensor output,
      double first,
      double last,
      int rises,
      int steps,
      List<String> problems) {
    if (loss instanceof CrossEntropyLoss && areProbabilities(output)) {
      problems.add(
          "the model ends in a softmax, and CrossEntropyLoss applies one itself: leave the model's out");
    }
    if (last >= first) {
      problems.add(
          "the loss did not fall: a smaller learning rate may help, or the targets do not belong to the inputs");
    } else if (rises > steps / 3) {
      problems.add("the loss jumps up and down: a smaller learning rate may help");
    } else {
      problems.add(
          "the loss falls, but is not near 0: take more steps, a larger learning rate or a larger model;"
              + " equal inputs with different targets cannot be learnt");
    }
  }

  private static boolean areProbabilities(Tensor output) {
    return output.dim() == 2
        && output.size(1) > 1
        && output.ge(0).all().itemBoolean()
        && output.sum(1).sub(1).abs().amax().item() < 1e-4;
  }

  private static double accuracy(Tensor output, Tensor target) {
    if (!target.dtype().isFloating() && output.dim() == target.dim() + 1) {
      return output.argmax(1).eq(target).toFloat().mean().item();
    }
    boolean binary =
        output.shape().equals(target.shape())
            && target.eq(0).logicalOr(target.eq(1)).all().itemBoolean();
    if (!binary) {
      return Double.NaN;
    }
    // Probabilities are cut at one half, scores at 0.
    double cut = output.ge(0).logicalAnd(output.le(1)).all().itemBoolean() ? 0.5 : 0;
    return output.gt(cut).eq(target.gt(0.5)).toFloat().mean().item();
  }
}
