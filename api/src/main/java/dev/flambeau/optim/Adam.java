package dev.flambeau.optim;

import dev.flambeau.Tensor;
import java.util.Collection;
import java.util.List;

/**
 * Adam (Kingma and Ba 2014), <a
 * href="https://pytorch.org/docs/stable/generated/torch.optim.Adam.html">torch.optim.Adam</a>:
 * {@code m = beta1 m + (1 - beta1) g}; {@code v = beta2 v + (1 - beta2) g^2}; {@code p -= lr m / (1
 * - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps)}. Weight decay is an L2 penalty: it joins the
 * gradient.
 */
public final class Adam extends AdamBase {
  /** For one group of parameters, with the learning rate 0.001. */
  public Adam(Collection<Tensor> params) {
    this(params, 1e-3);
  }

  /** For one group of parameters. */
  public Adam(Collection<Tensor> params, double lr) {
    this(lr, new ParamGroup(params));
  }

  /** For groups; {@code lr} is the rate of those that set none. */
  public Adam(double lr, ParamGroup... groups) {
    super(lr, 0, groups);
  }

  /** Decay rates of the two running means, 0.9 and 0.999 at first. */
  public Adam betas(double beta1, double beta2) {
    option("betas", List.of(beta1, beta2));
    return this;
  }

  /** Sets what is added to the divisor, so that it is not zero; 1e-8 at first. */
  public Adam eps(double eps) {
    option("eps", eps);
    return this;
  }

  /** L2 penalty, 0 at first. */
  public Adam weightDecay(double weightDecay) {
    option("weight_decay", weightDecay);
    return this;
  }

  /** Divides by the greatest mean square so far (Reddi et al. 2018). */
  public Adam amsgrad(boolean amsgrad) {
    option("amsgrad", amsgrad);
    return this;
  }

  /**
   * Sets whether steps go along the gradient, to maximize, instead of against it; false at first.
   */
  public Adam maximize(boolean maximize) {
    option("maximize", maximize);
    return this;
  }

  @Override
  boolean decoupled() {
    return false;
  }
}
