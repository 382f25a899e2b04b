package dev.flambeau;

/** The end of the road: adds a gradient to the {@code grad} of a leaf. */
final class Accumulator extends Node {
  private final Tensor leaf;

  Accumulator(Tensor leaf) {
    super("AccumulateGrad");
    this.leaf = leaf;
    this.sequence = Long.MIN_VALUE; // after everything that sends here
  }

  @Override
  void backward(Tensor[] gradients, Engine engine) {
    Tensor g = gradients[0];
    synchronized (leaf) { // several threads may train one model
      Tensor before = leaf.peekGrad();
      if (before == null) {
        leaf.adoptGrad(own(g, gradients, engine));
      } else if (engine.createsGraph() || before.requiresGrad()) {
        leaf.adoptGrad(before.add(g).escape());
      } else {
        before.add_(g);
      }
    }
  }

  /** A gradient nobody else holds: the one that came, if it is that already. */
  private Tensor own(Tensor g, Tensor[] gradients, Engine engine) {
    if (engine.createsGraph()) {
      return g.alias();
    }
    if (!g.isContiguous()
        || !g.storage().isExclusive()
        || g.storage().bytes != g.numel() * g.dtype().bytes()) {
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
