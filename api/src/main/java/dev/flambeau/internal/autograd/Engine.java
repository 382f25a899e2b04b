package dev.flambeau.internal.autograd;

import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.layout;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorImpl.impl;
import static dev.flambeau.internal.tensor.TensorImpl.share;

import dev.flambeau.Tensor;
import dev.flambeau.internal.kernels.Pointwise;
import dev.flambeau.internal.tensor.Dims;
import dev.flambeau.internal.tensor.Scopes;
import dev.flambeau.internal.tensor.TensorHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * One run of backward. Nodes go from the newest to the oldest: since a node is always newer than
 * those it sends gradients to, each has all of its gradient when its turn comes. Each node's
 * temporaries are freed after it, and what it saved too unless the graph is retained.
 */
public final class Engine {
  private final boolean retainGraph;
  private final boolean createGraph;
  private final Set<GraphNode> needed; // null: everything reachable
  private final ReadyQueue ready = new ReadyQueue();
  private final GradMode mode = GradMode.get();
  private final Scopes scopes = Scopes.get();

  // For grad(): what is asked of a node's output, and what came.
  private record Wanted(GraphNode node, int output, int position) {}

  private List<Wanted> wanted = List.of();
  private Tensor[] found;

  private Engine(boolean retainGraph, boolean createGraph, Set<GraphNode> needed) {
    this.retainGraph = retainGraph;
    this.createGraph = createGraph;
    this.needed = needed;
  }

  public static void backward(
      Tensor root, Tensor gradient, boolean retainGraph, boolean createGraph) {
    Engine e = new Engine(retainGraph, createGraph, null);
    e.run(List.of(root), gradient == null ? null : List.of(gradient));
  }

  /**
   * The gradients of {@code outputs} with respect to {@code inputs}; null where there is no path.
   */
  public static Tensor[] gradients(
      List<Tensor> outputs,
      List<Tensor> inputs,
      List<Tensor> gradients,
      boolean retainGraph,
      boolean createGraph) {
    List<GraphNode> targets = new ArrayList<>();
    List<Wanted> wanted = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      Tensor t = inputs.get(i);
      if (!t.requiresGrad()) {
        throw new IllegalStateException("grad: input " + i + " does not require gradients");
      }
      targets.add(impl(t).edge());
      wanted.add(new Wanted(impl(t).edge(), impl(t).output(), i));
    }
    Engine e = new Engine(retainGraph, createGraph, NeededNodes.between(targets, outputs));
    e.wanted = wanted;
    e.found = new Tensor[inputs.size()];
    e.run(outputs, gradients);
    for (Tensor g : e.found) {
      if (g != null) {
        Scopes.handOver(g); // the caller's innermost scope frees them
      }
    }
    return e.found;
  }

  boolean createsGraph() {
    return createGraph;
  }

  /** Whether a gradient for this node is of any use to this run. */
  boolean wants(GraphNode n) {
    return needed == null || needed.contains(n);
  }

  /**
   * Takes a gradient for an output of {@code to}. {@code shared}: the sender passes on the very
   * tensor it was given.
   */
  void send(GraphNode to, int output, Tensor g, boolean shared) {
    Tensor[] slots = ready.of(to);
    // Each waiting gradient is a handle of its own, which no scope drops: the engine does, when its
    // node is done.
    if (slots[output] == null) {
      slots[output] = shared ? impl(g).alias() : g.escape();
    } else {
      Tensor sum = slots[output].add(g);
      impl(slots[output]).drop(TensorHandle.State.BACKWARD);
      slots[output] = sum.escape();
    }
  }

  private void run(List<Tensor> roots, List<Tensor> gradients) {
    boolean before = mode.enabled;
    int mark = scopes.enter();
    try {
      for (int i = 0; i < roots.size(); i++) {
        Tensor root = roots.get(i);
        if (!root.requiresGrad()) {
          throw new IllegalStateException(
              "backward: this tensor does not require gradients: neither it nor anything it was computed from does");
        }
        if (!wants(impl(root).edge())) {
          continue;
        }
        Tensor given = gradients == null ? null : gradients.get(i);
        Tensor seed = given == null ? first(root) : like(root, given);
        send(impl(root).edge(), impl(root).output(), seed, seed == given);
      }
      mode.enabled = createGraph;
      for (GraphNode n = ready.poll(); n != null; n = ready.poll()) {
        step(n);
      }
    } finally {
      mode.enabled = before;
      ready.clear();
      scopes.exit(mark, TensorHandle.State.BACKWARD);
    }
  }

  private void step(GraphNode n) {
    Tensor[] gs = ready.take(n);
    // A hook or a user's function may keep the gradient it sees: then it is left to the collector.
    boolean ours = !n.hasHooks() && !(n instanceof FunctionNode);
    int mark = scopes.enter();
    try {
      for (int i = 0; i < gs.length && n.hasHooks(); i++) {
        if (gs[i] != null) {
          gs[i] = n.runHooks(i, gs[i]);
        }
      }
      boolean isTarget = collect(n, gs);
      if (!isTarget || !(n instanceof Accumulator)) {
        n.backward(gs, this);
      }
      if (!retainGraph) {
        n.release();
      }
    } finally {
      scopes.exit(mark, TensorHandle.State.BACKWARD);
    }
    for (Tensor g : gs) {
      if (g != null && ours) {
        impl(g)
            .dropOwn(TensorHandle.State.BACKWARD); // null by now: an accumulator has taken it over
      }
    }
  }

  /** Notes gradients that were asked for; true if any was. */
  private boolean collect(GraphNode n, Tensor[] gs) {
    boolean any = false;
    for (Wanted w : wanted) {
      if (w.node == n) {
        any = true;
        Tensor g = gs[w.output];
        if (g != null) {
          found[w.position] = createGraph ? impl(g).alias() : share(g, layout(g)).escape();
        }
      }
    }
    return any;
  }

  private Tensor first(Tensor root) {
    if (root.numel() != 1) {
      throw new IllegalStateException(
          "backward: the shape is "
              + Dims.text(sizes(root))
              + "; only a one-element tensor has an implicit gradient of 1, pass one of this shape");
    }
    // Who may get hold of it, and keep it or write into it, is given one of its own.
    GraphNode n = impl(root).edge();
    boolean isSeen = createGraph || !wanted.isEmpty() || n.hasHooks() || n instanceof FunctionNode;
    return isSeen
        ? root.onesLike()
        : share(Pointwise.one(context(root), root.dtype()), layout(root).rowMajor());
  }

  private static Tensor like(Tensor root, Tensor gradient) {
    if (!Arrays.equals(sizes(gradient), sizes(root))) {
      throw new IllegalArgumentException(
          "backward: the gradient has shape "
              + Dims.text(sizes(gradient))
              + ", the tensor "
              + Dims.text(sizes(root)));
    }
    Pointwise.sameDevice("backward", root, gradient);
    return gradient.dtype() == root.dtype() ? gradient : gradient.to(root.dtype());
  }
}
