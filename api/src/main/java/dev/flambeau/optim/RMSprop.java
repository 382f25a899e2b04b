package dev.flambeau.optim;

import dev.flambeau.Tensor;
import dev.flambeau.spi.Kernels;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * RMSprop (Hinton 2012), <a
 * href="https://pytorch.org/docs/stable/generated/torch.optim.RMSprop.html">torch.optim.RMSprop</a>:
 * {@code v = alpha v + (1 - alpha) g^2}; {@code p -= lr g / (sqrt(v) + eps)}. Weight decay is an L2
 * penalty: it joins the gradient.
 */
public final class RMSprop extends FusedOptimizer {
  private static final String SQUARE = "square_avg";
  private static final String BUFFER = "momentum_buffer";
  private static final String MEAN = "grad_avg";
  private static final StateRules STATES =
      new StateRules(
          true, List.of(SQUARE), Map.of(BUFFER, "momentum", MEAN, "centered"), Set.of(SQUARE));

  /** For one group of parameters, with the learning rate 0.01. */
  public RMSprop(Collection<Tensor> params) {
    this(params, 1e-2);
  }

  /** For one group of parameters. */
  public RMSprop(Collection<Tensor> params, double lr) {
    this(lr, new ParamGroup(params));
  }

  /** For groups; {@code lr} is the rate of those that set none. */
  public RMSprop(double lr, ParamGroup... groups) {
    super("rmsprop", Kernels.RMSPROP, STATES);
    option("lr", lr);
    option("alpha", 0.99);
    option("eps", 1e-8);
    option("weight_decay", 0);
    option("momentum", 0);
    option("centered", false);
    option("maximize", false);
    addParamGroups(groups);
  }

  /** Decay rate of the running means, 0.99 at first. */
  public RMSprop alpha(double alpha) {
    option("alpha", alpha);
    return this;
  }

  /** Sets what is added to the divisor, so that it is not zero; 1e-8 at first. */
  public RMSprop eps(double eps) {
    option("eps", eps);
    return this;
  }

  /** L2 penalty, 0 at first. */
  public RMSprop weightDecay(double weightDecay) {
    option("weight_decay", weightDecay);
    return this;
  }

  /** Share of the last direction that is kept, 0 at first. */
  public RMSprop momentum(double momentum) {
    option("momentum", momentum);
    return this;
  }

  /**
   * Divides by an estimate of the gradient's deviation: subtracts the square of its mean (Graves
   * 2013).
   */
  public RMSprop centered(boolean centered) {
    option("centered", centered);
    return this;
  }

  /**
   * Sets whether steps go along the gradient, to maximize, instead of against it; false at first.
   */
  public RMSprop maximize(boolean maximize) {
    option("maximize", maximize);
    return this;
  }

  @Override
  Step step(ParamGroup group) {
    double momentum = group.number("momentum");
    double[] numbers = {
      group.lr(), group.number("alpha"), group.number("eps"), group.number("weight_decay"), momentum
    };
    int flags = group.flag("maximize") ? Kernels.MAXIMIZE : 0;
    String buffer = momentum == 0 ? null : BUFFER;
    return new Step(flags, SQUARE, buffer, group.flag("centered") ? MEAN : null) {
      @Override
      double[] numbers(ParamState state, boolean first) {
        return numbers;
      }
    };
  }
}
