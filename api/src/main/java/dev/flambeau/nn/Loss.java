package dev.flambeau.nn;

import dev.flambeau.Reduction;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import java.util.Objects;

/**
 * A module that compares predictions with targets. The result is the mean of the elements' losses
 * unless {@link #reduction} says otherwise.
 */
public abstract class Loss extends Module {
  private Reduction reduction = Reduction.MEAN;

  /** For subclasses. */
  protected Loss() {}

  /** What the loss computes. Programs call {@link #call}. */
  protected abstract Tensor forward(Tensor input, Tensor target);

  /**
   * The loss of {@code input} against {@code target}. Of a loss that {@linkplain
   * #freesTemporaries() frees temporaries}, only the result and what autograd saved stay in memory.
   */
  public final Tensor call(Tensor input, Tensor target) {
    Objects.requireNonNull(input, "call: input is null");
    Objects.requireNonNull(target, "call: target is null");
    if (!isScoped()) {
      return forward(input, target);
    }
    try (var scope = Scope.open()) {
      return scope.keep(forward(input, target));
    }
  }

  /** Whether to give the mean of the elements' losses, their sum, or all of them. */
  public Loss reduction(Reduction reduction) {
    this.reduction = Objects.requireNonNull(reduction, "reduction");
    return this;
  }

  /** What is done with the losses of the elements. */
  protected final Reduction reduction() {
    return reduction;
  }
}
