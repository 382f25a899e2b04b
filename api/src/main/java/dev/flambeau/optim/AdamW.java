package dev.flambeau.optim;

import dev.flambeau.Tensor;
import java.util.Collection;
import java.util.List;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2017), <a
 * href="https://pytorch.org/docs/stable/generated/torch.optim.AdamW.html">torch.optim.AdamW</a>:
 * each step first shrinks the parameters by {@code 1 - lr * weightDecay}, then does what {@link
 * Adam} does.
 */
public final class AdamW extends AdamBase {
  /** For one group of parameters, with the learning rate 0.001. */
  public AdamW(Collection<Tensor> params) {
    this(params, 1e-3);
  }

  /** For one group of parameters. */
  public AdamW(Collection<Tensor> params, double lr) {
    this(lr, new ParamGroup(params));
  }

  /** For groups; {@code lr} is the rate of those that set none. */
  public AdamW(double lr, ParamGroup... groups) {
    super(lr, 1e-2, groups);
  }

  /** Decay rates of the two running means, 0.9 and 0.999 at first. */
  public AdamW betas(double beta1, double beta2) {
    option("betas", List.of(beta1, beta2));
    return this;
  }

  /** Sets what is added to the divisor, so that it is not zero; 1e-8 at first. */
  public AdamW eps(double eps) {
    option("eps", eps);
    return this;
  }

  /** Share of the parameters, times the learning rate, that each step removes; 0.01 at first. */
  public AdamW weightDecay(double weightDecay) {
    option("weight_decay", weightDecay);
    return this;
  }

  /** Divides by the greatest mean square so far (Reddi et al. 2018). */
  public AdamW amsgrad(boolean amsgrad) {
    option("amsgrad", amsgrad);
    return this;
  }

  /**
   * Sets whether steps go along the gradient, to maximize, instead of against it; false at first.
   */
  public AdamW maximize(boolean maximize) {
    option("maximize", maximize);
    return this;
  }

  @Override
  boolean decoupled() {
    return true;
  }
}
