package dev.flambeau.nn;

import dev.flambeau.Reduction;
import dev.flambeau.Tensor;

/** Mean squared error, {@code (input - target)^2}. */
public final class MSELoss extends Loss implements BuiltIn {
  /** A loss that gives the mean over all elements. */
  public MSELoss() {}

  @Override
  protected Tensor forward(Tensor input, Tensor target) {
    return input.mseLoss(target, reduction());
  }

  @Override
  public MSELoss reduction(Reduction reduction) {
    super.reduction(reduction);
    return this;
  }
}
