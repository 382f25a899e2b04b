package dev.flambeau.nn;

import dev.flambeau.Tensor;
import dev.flambeau.internal.text.PyFormat;

/**
 * Dropout (Srivastava et al. 2014): in training mode zeroes each element with probability {@code p}
 * and divides the rest by {@code 1 - p}; in evaluation mode does nothing.
 */
public final class Dropout extends Layer implements BuiltIn {
  private final double p;

  /** Drops half of the elements. */
  public Dropout() {
    this(0.5);
  }

  /**
   * Drops each element with probability {@code p}.
   *
   * @throws IllegalArgumentException if {@code p} is not in [0, 1]
   */
  public Dropout(double p) {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException("Dropout: the probability must be in [0, 1], got " + p);
    }
    this.p = p;
  }

  @Override
  protected Tensor forward(Tensor x) {
    return x.dropout(p, isTraining());
  }

  @Override
  protected String extraRepr() {
    return "p=" + PyFormat.repr(p) + ", inplace=False";
  }
}
