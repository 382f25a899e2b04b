package dev.flambeau.nn;

import dev.flambeau.Reduction;
import dev.flambeau.Tensor;

/**
 * Negative log likelihood of log probabilities (a {@link LogSoftmax}'s): input (C), (N, C) or (N,
 * C, d1, ...), target class indices of shape (), (N) or (N, d1, ...). The mean divides by the
 * summed weights of the targets that count, which without weights is their number.
 */
public final class NLLLoss extends Loss implements BuiltIn {
  private Tensor weight;
  private long ignoreIndex = -100;

  /** A loss that gives the mean, without weights. */
  public NLLLoss() {}

  /** Sets a weight per class, of shape (C); null is 1 for each. */
  public NLLLoss weight(Tensor weight) {
    this.weight = weight == null ? null : buffer("weight", weight);
    return this;
  }

  /**
   * Sets the class index whose loss and gradient are 0, and which the mean leaves out; -100 at
   * first.
   */
  public NLLLoss ignoreIndex(long ignoreIndex) {
    this.ignoreIndex = ignoreIndex;
    return this;
  }

  @Override
  protected Tensor forward(Tensor input, Tensor target) {
    return input.nllLoss(target, weight, ignoreIndex, reduction());
  }

  @Override
  public NLLLoss reduction(Reduction reduction) {
    super.reduction(reduction);
    return this;
  }
}
