package dev.flambeau.nn;

import dev.flambeau.Reduction;
import dev.flambeau.Tensor;

/**
 * Negative log likelihood of log probabilities (a {@link LogSoftmax}'s): input (C), (N, C) or (N,
 * C, d1, ...), target class indices of shape (), (N) or (N, d1, ...). The mean divides by the
 * summed weights of the targets.
 */
public final class NLLLoss extends Loss implements BuiltIn {
  private Tensor weight;
  private long ignoreIndex = -100;

  /** The mean over all samples, without weights. */
  public NLLLoss() {}

  /** A weight per class, of shape (C). */
  public NLLLoss weight(Tensor weight) {
    this.weight = weight == null ? null : buffer("weight", weight);
    return this;
  }

  /** A target that counts nothing; -100 unless said. */
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
