package dev.flambeau.optim;

import dev.flambeau.OptimizerOps;
import dev.flambeau.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Stochastic gradient descent, <a
 * href="https://pytorch.org/docs/stable/generated/torch.optim.SGD.html">torch.optim.SGD</a>: {@code
 * g += weightDecay * p}; {@code b = momentum * b + (1 - dampening) * g} (at first {@code b = g});
 * {@code p -= lr * b}, or {@code lr * (g + momentum * b)} with Nesterov's form.
 */
public final class SGD extends Optimizer {
  private static final String BUFFER = "momentum_buffer";

  /** For one group of parameters. */
  public SGD(Collection<Tensor> params, double lr) {
    this(lr, new ParamGroup(params));
  }

  /** For groups; {@code lr} serves those without their own. */
  public SGD(double lr, ParamGroup... groups) {
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

  /** Climbs instead of descending. */
  public SGD maximize(boolean maximize) {
    option("maximize", maximize);
    return this;
  }

  @Override
  protected void update(ParamGroup group, List<Tensor> params, List<Tensor> gradients) {
    double momentum = group.number("momentum");
    double dampening = group.number("dampening");
    boolean nesterov = group.flag("nesterov");
    if (nesterov && (momentum == 0 || dampening != 0)) {
      throw new IllegalArgumentException(
          "SGD: Nesterov momentum requires a momentum and zero dampening");
    }
    List<Tensor> buffers = new ArrayList<>(params.size());
    boolean first = false; // of some parameter: then the call makes its buffer
    for (Tensor p : params) {
      Tensor buffer = momentum == 0 ? null : state(p).get(BUFFER);
      first |= momentum != 0 && buffer == null;
      buffers.add(buffer);
    }
    OptimizerOps.sgd(
        params,
        gradients,
        buffers,
        group.lr(),
        momentum,
        dampening,
        group.number("weight_decay"),
        nesterov,
        group.flag("maximize"));
    for (int i = 0; first && i < buffers.size(); i++) {
      state(params.get(i)).put(BUFFER, buffers.get(i));
    }
  }
}
