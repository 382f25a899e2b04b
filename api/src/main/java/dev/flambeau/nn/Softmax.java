package dev.flambeau.nn;

import dev.flambeau.Tensor;

/**
 * Softmax along a dim: each line becomes positive and sums to 1. {@link CrossEntropyLoss} takes
 * scores before it.
 */
public final class Softmax extends Layer implements BuiltIn {
  private final int dim;

  /** Along {@code dim}; negative dims count from the end. */
  public Softmax(int dim) {
    this.dim = dim;
  }

  @Override
  protected Tensor forward(Tensor x) {
    return x.softmax(dim);
  }

  @Override
  protected String extraRepr() {
    return "dim=" + dim;
  }
}
