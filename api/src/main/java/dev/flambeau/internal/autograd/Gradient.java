package dev.flambeau.internal.autograd;

import dev.flambeau.Tensor;

/**
 * The gradient of one input of an op, given that of its output. Reads what forward saved; captures
 * no tensor.
 */
@FunctionalInterface
public interface Gradient {
  /**
   * {@code g}: gradient of the output. Returns the gradient of the input in any shape that it
   * broadcasts to, or null.
   */
  Tensor of(Tensor g, Saved saved);
}
