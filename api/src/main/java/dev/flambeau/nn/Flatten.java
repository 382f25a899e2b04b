package dev.flambeau.nn;

import dev.flambeau.Tensor;

/** Makes one dim of dims {@code start} to {@code end}: all but the first unless said. */
public final class Flatten extends Layer implements BuiltIn {
  private final int start;
  private final int end;

  /** All dims but the first: (N, ...) becomes (N, features). */
  public Flatten() {
    this(1, -1);
  }

  /** Dims {@code start} to {@code end}, both included; negative dims count from the end. */
  public Flatten(int start, int end) {
    this.start = start;
    this.end = end;
  }

  @Override
  protected Tensor forward(Tensor x) {
    return x.flatten(start, end);
  }

  @Override
  protected String extraRepr() {
    return "start_dim=" + start + ", end_dim=" + end;
  }
}
