package dev.flambeau.internal.autograd;

import static dev.flambeau.internal.tensor.TensorHandle.requireLive;

import dev.flambeau.Function;
import dev.flambeau.Tensor;

/** Implements {@link Function.Context}: the saved tensors are the node's, once there is one. */
public final class FunctionContext implements Function.Context {
  private final String function;
  private Tensor[] toSave = {};
  private FunctionNode node; // null: in forward, or no gradients are needed

  FunctionContext(String function) {
    this.function = function;
  }

  @Override
  public void saveForBackward(Tensor... tensors) {
    if (tensors == null) {
      throw new IllegalArgumentException(function + ": saveForBackward was given null");
    }
    toSave = tensors.clone();
  }

  @Override
  public Tensor saved(int i) {
    if (node == null) {
      throw new IllegalStateException(
          function + ": saved(" + i + ") is for backward, which is given what forward saved");
    }
    if (i < 0 || i >= node.count()) {
      throw new IndexOutOfBoundsException(
          function + ": saved(" + i + ") is not there; forward saved " + node.count() + " tensors");
    }
    node.checkUsable();
    return node.get(i);
  }

  /** Hands what was saved over to the node. */
  Tensor[] moveTo(FunctionNode node) {
    this.node = node;
    Tensor[] all = toSave;
    toSave = new Tensor[0];
    for (Tensor t : all) {
      if (t != null) {
        requireLive(function + ": forward saved a tensor", t);
      }
    }
    return all;
  }
}
