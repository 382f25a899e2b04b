package dev.flambeau.internal.autograd;

import dev.flambeau.Tensor;

/** What an op saved for its backward, in the order of {@code saves}. */
public interface Saved {
  /**
   * The saved tensor; null where null was given.
   *
   * @throws IllegalStateException when it was changed in place since
   */
  Tensor get(int i);

  /** How many there are. */
  int count();

  /**
   * All of them by name, {@code saved.as(Kept::new)}: of a record whose components stand in the
   * order of {@code saves}.
   */
  default <R> R as(Three<R> names) {
    return names.of(get(0), get(1), get(2));
  }

  /** The same of four. */
  default <R> R as(Four<R> names) {
    return names.of(get(0), get(1), get(2), get(3));
  }

  /** The same of five. */
  default <R> R as(Five<R> names) {
    return names.of(get(0), get(1), get(2), get(3), get(4));
  }

  /** A record of three tensors. */
  interface Three<R> {
    R of(Tensor a, Tensor b, Tensor c);
  }

  /** A record of four tensors. */
  interface Four<R> {
    R of(Tensor a, Tensor b, Tensor c, Tensor d);
  }

  /** A record of five tensors. */
  interface Five<R> {
    R of(Tensor a, Tensor b, Tensor c, Tensor d, Tensor e);
  }
}
