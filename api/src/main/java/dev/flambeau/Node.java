package dev.flambeau;

import dev.flambeau.internal.autograd.GraphNode;
import java.util.List;

/**
 * A step of a recorded computation: what PyTorch calls a {@code grad_fn}. Prints as {@code
 * <AddmmBackward0>}.
 */
public sealed interface Node permits GraphNode {
  /** PyTorch's name for this step, such as {@code AddmmBackward0}. */
  String name();

  /** The steps that gradients go to from here; null for inputs that need none. */
  List<Node> nextFunctions();
}
