package dev.flambeau.internal.autograd;

import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.layout;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorHandle.storage;
import static dev.flambeau.internal.tensor.TensorImpl.impl;

import dev.flambeau.DType;
import dev.flambeau.Hook;
import dev.flambeau.Node;
import dev.flambeau.Tensor;
import dev.flambeau.internal.kernels.Reduce;
import dev.flambeau.internal.tensor.DeviceContext;
import dev.flambeau.internal.tensor.Layout;
import dev.flambeau.internal.tensor.Storage;
import dev.flambeau.internal.tensor.TensorHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A node of the graph: what it sends gradients to, and its place in the order of backward. How it
 * finds the gradients is its subclass's.
 */
public abstract sealed class GraphNode implements Node permits SavingNode, Accumulator {
  private String name;

  /**
   * Greater than that of every node this one passes gradients to, so descending order is a right
   * order for backward. Each thread counts for itself, and steps over what it meets (a Lamport
   * clock).
   */
  long sequence;

  /**
   * An input that needs a gradient: which one, the output of which node it goes to, and the sizes,
   * dtype and device that it must have.
   */
  static class Edge {
    final int input;
    final GraphNode to;
    final int output;
    final Layout layout; // gradients are summed back to its sizes
    final DType type;
    final DeviceContext context;
    Edge next;

    Edge(int input, GraphNode to, Tensor x) {
      this.input = input;
      this.to = to;
      this.output = impl(x).output();
      this.layout = layout(x);
      this.type = x.dtype();
      this.context = context(x);
    }

    /**
     * Sums a gradient back to the shape of an input that was broadcast, and gives it the input's
     * dtype and device (which differs only for a 0-d tensor on the CPU).
     */
    final Tensor fit(Tensor g) {
      if (layout(g) != layout && !Arrays.equals(sizes(g), layout.sizes)) {
        g = Reduce.sumTo(g, layout.sizes);
      }
      if (context(g) != context) {
        g = g.to(context.device);
      }
      return g.dtype() == type ? g : g.to(type);
    }
  }

  int inputs; // how many the step had, those that need no gradient included
  Edge edges; // the first, in the order of the inputs
  private Edge last;
  private List<OutputHook> hooks;

  // While a run of backward has gradients for this node: which run, and the gradients by output.
  ReadyQueue claim;
  Tensor[] incoming;

  private record OutputHook(int output, UnaryOperator<Tensor> action) {}

  GraphNode(String name) {
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<Node> nextFunctions() {
    Node[] all = new Node[inputs];
    for (Edge e = edges; e != null; e = e.next) {
      all[e.input] = e.to;
    }
    return Arrays.asList(all);
  }

  public void rename(String better) {
    name = better;
  }

  /** How many outputs the step had. */
  int outputs() {
    return 1;
  }

  /**
   * Turns the gradients of the outputs (null: none came) into those of the inputs and sends them
   * on.
   */
  abstract void backward(Tensor[] gradients, Engine engine);

  /** Frees what was saved. */
  abstract void release();

  final void append(Edge e) {
    if (last == null) {
      edges = e;
    } else {
      last.next = e;
    }
    last = e;
  }

  /** Gives this node its place in the order; call it once the inputs are known. */
  final void stamp(GradMode t) {
    long s = t.sequence;
    for (Edge e = edges; e != null; e = e.next) {
      s = Math.max(s, e.to.sequence);
    }
    t.sequence = sequence = s + 1;
  }

  public final synchronized Hook addHook(int output, UnaryOperator<Tensor> action) {
    if (hooks == null) {
      hooks = new ArrayList<>(1);
    }
    OutputHook h = new OutputHook(output, action);
    hooks.add(h);
    return () -> {
      synchronized (this) {
        hooks.removeIf(x -> x == h);
      }
    };
  }

  /** Takes a hook off again; equal ones are the same. */
  public final synchronized void removeHook(UnaryOperator<Tensor> action) {
    if (hooks != null) {
      hooks.removeIf(h -> h.action.equals(action));
    }
  }

  final boolean hasHooks() {
    return hooks != null;
  }

  /**
   * The gradient of an output after its hooks. Each hook is given a copy, which the program may
   * keep and change: what the engine goes on with, no program has seen.
   */
  final Tensor runHooks(int output, Tensor gradient, Engine engine) {
    OutputHook[] all;
    synchronized (this) {
      all = hooks.toArray(OutputHook[]::new);
    }
    Tensor g = gradient;
    for (OutputHook h : all) {
      if (h.output == output) {
        Tensor given = UserGradient.copy(g, engine.createsGraph()).escape();
        Storage memory = storage(given);
        int version = given.version();
        Tensor result;
        try (var code = engine.userCode()) {
          result = code.keep(h.action.apply(given));
        }
        boolean isOther = result != null && result != given;
        if (isOther || given.version() != version || storage(given) != memory) {
          Tensor from = isOther ? result : given;
          Tensor next = UserGradient.ofHook(name, from, g, engine.createsGraph());
          impl(g).drop(TensorHandle.State.BACKWARD);
          g = next.escape();
        }
      }
    }
    return g;
  }

  @Override
  public String toString() {
    return "<" + name + ">";
  }
}
