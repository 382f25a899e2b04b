package dev.flambeau.data;

import dev.flambeau.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * One sample: an input, usually a target, perhaps more.
 *
 * @param tensors by position, without a batch dimension
 */
public record Sample(List<Tensor> tensors) {
  /** A sample of a copy of this list. */
  public Sample {
    tensors = List.copyOf(tensors);
  }

  /** A sample of these tensors. */
  public static Sample of(Tensor... tensors) {
    return new Sample(List.of(tensors));
  }

  /** The first tensor. */
  public Tensor input() {
    return get(0);
  }

  /** The second tensor. */
  public Tensor target() {
    return get(1);
  }

  /** This sample with its first tensor changed, for instance by an image transform. */
  public Sample mapInput(UnaryOperator<Tensor> change) {
    List<Tensor> changed = new ArrayList<>(tensors);
    changed.set(0, change.apply(input()));
    return new Sample(changed);
  }

  /**
   * The tensor at a position.
   *
   * @throws IndexOutOfBoundsException when there is none
   */
  public Tensor get(int i) {
    return Batch.at("sample", tensors, i);
  }

  /** As Python prints a tuple. */
  @Override
  public String toString() {
    return tensors.stream().map(Tensor::toString).collect(Collectors.joining(", ", "(", ")"));
  }
}
