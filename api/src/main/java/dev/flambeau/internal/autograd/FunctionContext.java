package dev.flambeau.internal.autograd;

import dev.flambeau.Function;
import dev.flambeau.Tensor;

/** Implements {@link Function.Context}: the saved tensors are the node's, once there is one. */
public final class FunctionContext implements Function.Context {
  private Tensor[] toSave = {};
  private FunctionNode node; // null: no gradients are needed

  @Override
  public void saveForBackward(Tensor... tensors) {
    toSave = tensors;
  }

  @Override
  public Tensor saved(int i) {
    return node.get(i);
  }

  /** Hands what was saved over to the node. */
  Tensor[] moveTo(FunctionNode node) {
    this.node = node;
    Tensor[] all = toSave.clone();
    toSave = new Tensor[0];
    return all;
  }
}
