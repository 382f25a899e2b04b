package dev.flambeau.optim;

import dev.flambeau.Tensor;
import dev.flambeau.spi.Kernels;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Stochastic gradient descent, <a
 * href="https://pytorch.org/docs/stable/generated/torch.optim.SGD.html">torch.optim.SGD</a>: {@code
 * g += weightDecay * p}; {@code b = momentum * b + (1 - dampening) * g} (at first {@code b = g});
 * {@code p -= lr * b}, or {@code lr * (g + momentum * b)} with Nesterov's form.
 */
public final class SGD extends FusedOptimizer {
  private static final String[] NONE = {};
  private static final String[] STATES = {"momentum_buffer"};
  private static final StateRules RULES =
      new StateRules(false, List.of(STATES), Map.of(), Set.of());

  /** For one group of parameters. */
  public SGD(Collection<Tensor> params, double lr) {
    this(lr, new ParamGroup(params));
  }

  /** For groups; {@code lr} is the rate of those that set none. */
  public SGD(double lr, ParamGroup... groups) {
    super("sgd", Kernels.SGD, RULES);
    option("lr", lr);
    option("momentum", 0);
    option("dampening", 0);
    option("weight_decay", 0);
    option("nesterov", false);
    option("maximize", false);
    addParamGroups(groups);
  }

  /** Share of the last direction that is kept, 0 at first. */
  public SGD momentum(double momentum) {
    option("momentum", momentum);
    return this;
  }

  /** Share of the gradient that momentum leaves out, 0 at first. */
  public SGD dampening(double dampening) {
    option("dampening", dampening);
    return this;
  }

  /** L2 penalty, 0 at first. */
  public SGD weightDecay(double weightDecay) {
    option("weight_decay", weightDecay);
    return this;
  }

  /** Nesterov's momentum; needs momentum and no dampening by the first step. */
  public SGD nesterov(boolean nesterov) {
    option("nesterov", nesterov);
    return this;
  }

  /**
   * Sets whether steps go along the gradient, to maximize, instead of against it; false at first.
   */
  public SGD maximize(boolean maximize) {
    option("maximize", maximize);
    return this;
  }

  @Override
  Step step(ParamGroup group) {
    double momentum = group.number("momentum");
    double dampening = group.number("dampening");
    boolean nesterov = group.flag("nesterov");
    if (nesterov && (momentum == 0 || dampening != 0)) {
      throw new IllegalArgumentException(
          "SGD: Nesterov momentum requires a momentum and zero dampening");
    }
    int flags = (nesterov ? Kernels.NESTEROV : 0) | (group.flag("maximize") ? Kernels.MAXIMIZE : 0);
    double[] later = {group.lr(), momentum, dampening, group.number("weight_decay"), 0};
    return new Step(flags, momentum == 0 ? NONE : STATES) {
      @Override
      double[] numbers(ParamState state, boolean first) {
        if (!first) {
          return later;
        }
        double[] numbers = later.clone();
        numbers[4] = 1;
        return numbers;
      }

      @Override
      void made(ParamState state) {} // PyTorch's does not count
    };
  }
}
