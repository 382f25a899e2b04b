package dev.flambeau.nn;

import dev.flambeau.Reduction;
import dev.flambeau.Tensor;

/**
 * Binary cross entropy of scores before a sigmoid, {@code -(t log(s(x)) + (1 - t) log(1 - s(x)))},
 * computed without overflow. Input and target have one shape.
 */
public final class BCEWithLogitsLoss extends Loss implements BuiltIn {
  private Tensor weight;
  private Tensor posWeight;

  /** A loss that gives the mean over all elements. */
  public BCEWithLogitsLoss() {}

  /**
   * Sets a factor of each element's loss, which broadcasts; the mean still divides by the number of
   * elements.
   */
  public BCEWithLogitsLoss weight(Tensor weight) {
    this.weight = weight == null ? null : buffer("weight", weight);
    return this;
  }

  /** Sets a factor of the loss of positive targets, which broadcasts: above 1 raises recall. */
  public BCEWithLogitsLoss posWeight(Tensor posWeight) {
    this.posWeight = posWeight == null ? null : buffer("pos_weight", posWeight);
    return this;
  }

  @Override
  protected Tensor forward(Tensor input, Tensor target) {
    return input.bceWithLogitsLoss(target, weight, posWeight, reduction());
  }

  @Override
  public BCEWithLogitsLoss reduction(Reduction reduction) {
    super.reduction(reduction);
    return this;
  }
}
