package dev.flambeau.nn;

import dev.flambeau.Reduction;
import dev.flambeau.Tensor;

/** Mean absolute error, {@code |input - target|}. */
public final class L1Loss extends Loss implements BuiltIn {
  /** A loss that gives the mean over all elements. */
  public L1Loss() {}

  @Override
  protected Tensor forward(Tensor input, Tensor target) {
    return input.l1Loss(target, reduction());
  }

  @Override
  public L1Loss reduction(Reduction reduction) {
    super.reduction(reduction);
    return this;
  }
}
