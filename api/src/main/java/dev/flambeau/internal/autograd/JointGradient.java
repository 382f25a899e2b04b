package dev.flambeau.internal.autograd;

import dev.flambeau.Tensor;

/**
 * The gradients of all inputs of an op at once, given those of all its outputs. Reads what forward
 * saved; captures no tensor.
 */
@FunctionalInterface
public interface JointGradient {
  /**
   * The gradients of the inputs.
   *
   * @param g of the outputs, in the order of {@code record}; null where none came, which is not
   *     everywhere
   * @param wanted by input, in the order of {@code inputs}
   * @return by input, each in any shape that it broadcasts to, or null; those that are not wanted
   *     are ignored
   */
  Tensor[] of(Tensor[] g, Saved saved, boolean[] wanted);
}
