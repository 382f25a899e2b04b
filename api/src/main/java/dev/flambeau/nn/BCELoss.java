package dev.flambeau.nn;

import dev.flambeau.Reduction;
import dev.flambeau.Tensor;

/**
 * Binary cross entropy of probabilities, {@code -(t log(p) + (1 - t) log(1 - p))}, logarithms kept
 * above -100. Input and target have one shape. {@link BCEWithLogitsLoss} takes scores instead, and
 * is more exact.
 */
public final class BCELoss extends Loss implements BuiltIn {
  private Tensor weight;

  /** A loss that gives the mean over all elements. */
  public BCELoss() {}

  /**
   * Sets a factor of each element's loss, which broadcasts; the mean still divides by the number of
   * elements.
   */
  public BCELoss weight(Tensor weight) {
    this.weight = weight == null ? null : buffer("weight", weight);
    return this;
  }

  @Override
  protected Tensor forward(Tensor input, Tensor target) {
    return input.bceLoss(target, weight, reduction());
  }

  @Override
  public BCELoss reduction(Reduction reduction) {
    super.reduction(reduction);
    return this;
  }
}
