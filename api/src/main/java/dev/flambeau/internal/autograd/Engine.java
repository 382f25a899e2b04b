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
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
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
  private int depth; // of this run's scope

  // For grad(): what is asked of a node's outputs, and what came.
  private record Wanted(int output, int position, Wanted next) {}

  private Map<GraphNode, Wanted> wanted;
  private Tensor[] found;

  private Engine(boolean retainGraph, boolean createGraph, Set<GraphNode> needed) {
    this.retainGraph = retainGraph;
    this.createGraph = createGraph;
    this.needed = needed;
  }

  public static void backward(
      Tensor root, Tensor gradient, boolean retainGraph, boolean createGraph) {
    Engine e = new Engine(retainGraph, createGraph, null);
    e.run("backward", List.of(root), gradient == null ? null : List.of(gradient), true);
  }

  /**
   * The gradients of {@code outputs} with respect to {@code inputs}, for the program; null where
   * there is no path. Those given are the program's too.
   */
  public static Tensor[] gradients(
      List<Tensor> outputs,
      List<Tensor> inputs,
      List<Tensor> gradients,
      boolean retainGraph,
      boolean createGraph) {
    Tensor[] found = collect(outputs, inputs, gradients, retainGraph, createGraph, true);
    for (int i = 0; i < found.length; i++) {
      if (found[i] != null) {
        Tensor own = UserGradient.own(found[i], createGraph);
        if (own != found[i]) {
          found[i].close();
          found[i] = own;
        }
      }
    }
    return found;
  }

  /** The same within the library, recorded. */
  static Tensor[] gradients(List<Tensor> outputs, List<Tensor> inputs, List<Tensor> gradients) {
    return collect(outputs, inputs, gradients, true, true, false);
  }

  private static Tensor[] collect(
      List<Tensor> outputs,
      List<Tensor> inputs,
      List<Tensor> gradients,
      boolean retainGraph,
      boolean createGraph,
      boolean areUsers) {
    Map<GraphNode, Wanted> wanted = new IdentityHashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      Tensor t = inputs.get(i);
      if (!t.requiresGrad()) {
        throw new IllegalStateException("grad: input " + i + " does not require gradients");
      }
      GraphNode n = impl(t).edge();
      wanted.put(n, new Wanted(impl(t).output(), i, wanted.get(n)));
    }
    Engine e = new Engine(retainGraph, createGraph, NeededNodes.between(wanted.keySet(), outputs));
    e.wanted = wanted;
    e.found = new Tensor[inputs.size()];
    e.run("grad", outputs, gradients, areUsers);
    for (Tensor g : e.found) {
      if (g != null) {
        Scopes.handOver(g); // the caller's innermost scope frees them
      }
    }
    return e.found;
  }

  /** Around a call of the program's code. */
  UserCode userCode() {
    return new UserCode(mode, scopes, depth);
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

  private void run(String op, List<Tensor> roots, List<Tensor> gradients, boolean areUsers) {
    int mark = scopes.enter();
    depth = scopes.depth();
    GradMode.Open recording = mode.open(createGraph);
    try {
      for (int i = 0; i < roots.size(); i++) {
        Tensor root = roots.get(i);
        if (!root.requiresGrad()) {
          throw new IllegalStateException(
              op
                  + ": this tensor does not require gradients: neither it nor anything it was"
                  + " computed from does");
        }
        Tensor given = gradients == null ? null : gradients.get(i);
        Tensor seed =
            given == null
                ? first(op, root)
                : areUsers ? UserGradient.ofRoot(op, root, given, createGraph) : given;
        if (wants(impl(root).edge())) {
          send(impl(root).edge(), impl(root).output(), seed, seed == given);
        }
      }
      for (GraphNode n = ready.poll(); n != null; n = ready.poll()) {
        step(n);
      }
    } finally {
      recording.end();
      ready.clear();
      scopes.exit(mark, TensorHandle.State.BACKWARD);
    }
  }

  private void step(GraphNode n) {
    Tensor[] gs = ready.take(n);
    int mark = scopes.enter();
    try {
      if (n.hasHooks()) {
        for (int i = 0; i < gs.length; i++) {
          if (gs[i] != null) {
            gs[i] = n.runHooks(i, gs[i], this);
          }
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
      if (g != null) { // else the node has taken it over
        impl(g).dropOwn(TensorHandle.State.BACKWARD);
      }
    }
  }

  /** Notes gradients that were asked for; true if any was. */
  private boolean collect(GraphNode n, Tensor[] gs) {
    if (found == null) {
      return false;
    }
    Wanted first = wanted.get(n);
    for (Wanted w = first; w != null; w = w.next) {
      Tensor g = gs[w.output];
      if (g != null) {
        found[w.position] = createGraph ? impl(g).alias() : share(g, layout(g)).escape();
      }
    }
    return first != null;
  }

  private static Tensor first(String op, Tensor root) {
    if (root.numel() != 1) {
      throw new IllegalStateException(
          op
              + ": the shape is "
              + Dims.text(sizes(root))
              + "; only a one-element tensor has an implicit gradient of 1, pass one of this shape");
    }
    return share(Pointwise.one(context(root), root.dtype()), layout(root).rowMajor());
  }
}
