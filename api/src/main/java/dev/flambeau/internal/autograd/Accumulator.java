package dev.flambeau.internal.autograd;

import static dev.flambeau.internal.tensor.TensorHandle.storage;
import static dev.flambeau.internal.tensor.TensorImpl.impl;

import dev.flambeau.Tensor;

/** The node of a leaf: adds the gradient that arrives to the leaf's {@code grad}. */
public final class Accumulator extends GraphNode {
  private final Tensor leaf;

  public Accumulator(Tensor leaf) {
    super("AccumulateGrad");
    this.leaf = leaf;
    this.sequence = Long.MIN_VALUE; // after everything that sends here
  }

  @Override
  void backward(Tensor[] gradients, Engine engine) {
    Tensor g = gradients[0];
    synchronized (leaf) { // several threads may train one model
      Tensor before = impl(leaf).peekGrad();
      if (before == null) {
        impl(leaf).adoptGrad(own(g, gradients, engine));
      } else if (engine.createsGraph() || before.requiresGrad()) {
        impl(leaf).adoptGrad(before.add(g).escape());
      } else {
        before.add_(g);
      }
    }
  }

  /** The gradient that arrived if nothing else holds it, else a copy. */
  private Tensor own(Tensor g, Tensor[] gradients, Engine engine) {
    if (engine.createsGraph()) {
      return impl(g).alias();
    }
    if (!g.isContiguous()
        || !storage(g).isExclusive()
        || storage(g).bytes != g.numel() * g.dtype().bytes()) {
      return g.detach().copy().contiguous().escape();
    }
    if (hasHooks() || g.requiresGrad()) { // a hook may have kept the handle
      return g.detach().escape();
    }
    gradients[0] = null; // so the engine does not drop it
    return g;
  }

  @Override
  void release() {}
}
