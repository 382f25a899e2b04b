package dev.flambeau.data;

import dev.flambeau.Tensor;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Several samples together: each tensor has them along its first dimension.
 *
 * @param tensors by position: the inputs, usually the targets, perhaps more
 */
public record Batch(List<Tensor> tensors) {
  /** A batch of a copy of this list. */
  public Batch {
    tensors = List.copyOf(tensors);
  }

  /** A batch of these tensors. */
  public static Batch of(Tensor... tensors) {
    return new Batch(List.of(tensors));
  }

  /**
   * Joins samples position by position along a new first dimension: what {@link DataLoader} does
   * unless told otherwise.
   *
   * @throws IllegalArgumentException when shapes, dtypes or numbers of tensors differ
   */
  public static Batch stack(List<Sample> samples) {
    if (samples.isEmpty()) {
      throw new IllegalArgumentException("batch: no samples to join");
    }
    int n = samples.get(0).tensors().size();
    for (Sample s : samples) {
      if (s.tensors().size() != n) {
        throw new IllegalArgumentException(
            "batch: samples of " + n + " and of " + s.tensors().size() + " tensors do not join");
      }
    }
    Tensor[] joined = new Tensor[n];
    for (int i = 0; i < n; i++) {
      int position = i;
      joined[i] = Tensor.stack(samples.stream().map(s -> s.get(position)).toList(), 0);
    }
    return of(joined);
  }

  /** The first tensor. */
  public Tensor input() {
    return get(0);
  }

  /** The second tensor. */
  public Tensor target() {
    return get(1);
  }

  /**
   * The tensor at a position.
   *
   * @throws IndexOutOfBoundsException when there is none
   */
  public Tensor get(int i) {
    return at("batch", tensors, i);
  }

  /** How many samples there are: the first tensor's first size. */
  public int size() {
    return Math.toIntExact(input().size(0));
  }

  static Tensor at(String what, List<Tensor> tensors, int i) {
    if (i < 0 || i >= tensors.size()) {
      throw new IndexOutOfBoundsException(
          what + ": has " + tensors.size() + " tensors, no tensor " + i);
    }
    return tensors.get(i);
  }

  /** As Python prints a list. */
  @Override
  public String toString() {
    return tensors.stream().map(Tensor::toString).collect(Collectors.joining(", ", "[", "]"));
  }
}
