package dev.flambeau.internal.autograd;

import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.storage;
import static dev.flambeau.internal.tensor.TensorImpl.impl;

import dev.flambeau.Tensor;

/** The node of a leaf: adds the gradient that arrives to the leaf's {@code grad}. */
public final class Accumulator extends GraphNode {
  private final Tensor leaf;

  public Accumulator(Tensor leaf) {
    super("AccumulateGrad");
    this.leaf = leaf;
    // The sequence stays 0: after all that send here, also for a thread that finds this node
    // without synchronisation.
  }

  @Override
  void backward(Tensor[] gradients, Engine engine) {
    synchronized (leaf) { // several threads may train one model
      Tensor g = gradients[0];
      if (!isLike(g, leaf)) { // setData has given the leaf another dtype or device meanwhile
        g = g.to(leaf.device()).to(leaf.dtype());
      }
      Tensor before = impl(leaf).peekGrad();
      if (before == null) {
        impl(leaf).adoptGrad(own(g, gradients, engine.createsGraph()).escape());
      } else if (engine.createsGraph()
          || before.requiresGrad()
          || impl(leaf).hasGivenGrad()
          || !isLike(before, leaf)) {
        Tensor sum = before.to(leaf.device()).to(leaf.dtype()).add(g);
        impl(leaf).adoptGrad(sum.escape());
      } else {
        before.add_(g);
      }
    }
  }

  private static boolean isLike(Tensor g, Tensor leaf) {
    return g.dtype() == leaf.dtype() && context(g) == context(leaf);
  }

  /** The gradient that arrived if nothing else holds it, else a copy. */
  private static Tensor own(Tensor g, Tensor[] gradients, boolean createGraph) {
    if (!g.isContiguous()) {
      return g.contiguous();
    }
    if (!storage(g).isExclusive() || storage(g).bytes != g.numel() * g.dtype().bytes()) {
      return UserGradient.copy(g, createGraph);
    }
    if (!createGraph && g.requiresGrad()) {
      return g.detach();
    }
    if (g == gradients[0]) {
      gradients[0] = null; // so the engine does not drop it
    }
    return g;
  }

  @Override
  void release() {}
}
