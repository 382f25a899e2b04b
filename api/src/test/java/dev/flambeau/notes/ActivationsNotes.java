package dev.flambeau.notes;

import dev.flambeau.Tensor;

/** Chapters 1 to 3: activations, forward passes, one-hot targets, the loss. */
final class ActivationsNotes {
  private ActivationsNotes() {}

  static void oneHot() {
    System.out.println(Tensor.of(0).oneHot(3));
    System.out.println(Tensor.of(1).oneHot(3));
    System.out.println(Tensor.of(2).oneHot(3));
    System.out.println(
        Tensor.of(2, 0, 1, 1).oneHot()
            + " "
            + Tensor.of(new long[][] {{0}, {1}}).oneHot(3).shape());
  }
}
