package dev.flambeau;

/** What an op saved for its backward, in the order of {@code saves}. */
interface Saved {
  /**
   * The saved tensor.
   *
   * @throws IllegalStateException when it was changed in place since, or the graph was freed
   */
  Tensor get(int i);
}
