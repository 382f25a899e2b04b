package dev.flambeau.nn;

import dev.flambeau.Reduction;
import dev.flambeau.Tensor;

/**
 * Cross entropy of scores before a softmax: input (C), (N, C) or (N, C, d1, ...). The target holds
 * class indices (int64) of shape (), (N) or (N, d1, ...), or class probabilities, of the input's
 * shape and floating. Formulas: <a
 * href="https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html">torch.nn.CrossEntropyLoss</a>.
 */
public final class CrossEntropyLoss extends Loss implements BuiltIn {
  private Tensor weight;
  private long ignoreIndex = -100;
  private double labelSmoothing;

  /** The mean over all samples, without weights. */
  public CrossEntropyLoss() {}

  /** A weight per class, of shape (C). */
  public CrossEntropyLoss weight(Tensor weight) {
    this.weight = weight == null ? null : buffer("weight", weight);
    return this;
  }

  /** A target that counts nothing; -100 unless said. */
  public CrossEntropyLoss ignoreIndex(long ignoreIndex) {
    this.ignoreIndex = ignoreIndex;
    return this;
  }

  /** The part of each target, in [0, 1], that is spread evenly over all classes. */
  public CrossEntropyLoss labelSmoothing(double labelSmoothing) {
    this.labelSmoothing = labelSmoothing;
    return this;
  }

  @Override
  protected Tensor forward(Tensor input, Tensor target) {
    return input.crossEntropy(target, weight, ignoreIndex, reduction(), labelSmoothing);
  }

  @Override
  public CrossEntropyLoss reduction(Reduction reduction) {
    super.reduction(reduction);
    return this;
  }
}
