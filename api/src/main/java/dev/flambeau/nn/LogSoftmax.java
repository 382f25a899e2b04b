package dev.flambeau.nn;

import dev.flambeau.Tensor;

/** Logarithm of the softmax along a dim, what {@link NLLLoss} takes. */
public final class LogSoftmax extends Layer implements BuiltIn {
  private final int dim;

  /** Along {@code dim}; negative dims count from the end. */
  public LogSoftmax(int dim) {
    this.dim = dim;
  }

  @Override
  protected Tensor forward(Tensor x) {
    return x.logSoftmax(dim);
  }

  @Override
  protected String extraRepr() {
    return "dim=" + dim;
  }
}
