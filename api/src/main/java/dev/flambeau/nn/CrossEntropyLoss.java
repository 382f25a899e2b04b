package dev.flambeau.nn;

import dev.flambeau.Reduction;
import dev.flambeau.Tensor;

/**
 * Cross entropy of scores before a softmax: input (C), (N, C) or (N, C, d1, ...). The target holds
 * class indices (int64) of shape (), (N) or (N, d1, ...), or class probabilities, of the input's
 * shape and floating. With class indices the mean divides by the summed weights of the targets that
 * count, with class probabilities by the number of targets. Formulas: <a
 * href="https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html">torch.nn.CrossEntropyLoss</a>.
 */
public final class CrossEntropyLoss extends Loss implements BuiltIn {
  private Tensor weight;
  private long ignoreIndex = -100;
  private double labelSmoothing;

  /** A loss that gives the mean, without weights. */
  public CrossEntropyLoss() {}

  /** Sets a weight per class, of shape (C); null is 1 for each. */
  public CrossEntropyLoss weight(Tensor weight) {
    this.weight = weight == null ? null : buffer("weight", weight);
    return this;
  }

  /**
   * Sets the class index whose loss and gradient are 0, and which the mean leaves out; -100 at
   * first.
   */
  public CrossEntropyLoss ignoreIndex(long ignoreIndex) {
    this.ignoreIndex = ignoreIndex;
    return this;
  }

  /**
   * Sets the part of each target, in [0, 1], that is spread evenly over all classes; 0 at first.
   */
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
