package dev.flambeau.metrics;

import dev.flambeau.Tensor;

/**
 * A figure over many batches:
 *
 * <pre>{@code
 * Metric accuracy = Accuracy.multiclass(10);
 * for (Batch b : loader) {
 *   accuracy.update(model.call(b.input()), b.target());
 * }
 * System.out.println(accuracy.compute());
 * }</pre>
 *
 * What a metric remembers is freed by no scope, and takes part in no gradient.
 */
public interface Metric {
  /**
   * Counts a batch in, and gives the figure of this batch alone.
   *
   * @throws IllegalArgumentException when the shapes do not fit or a label is no class
   */
  Tensor update(Tensor predictions, Tensor target);

  /** The figure over all batches since the last {@link #reset()}. */
  Tensor compute();

  /** Forgets all batches. */
  void reset();
}
