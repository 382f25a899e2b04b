package dev.flambeau.internal.autograd;

import static dev.flambeau.internal.tensor.TensorHandle.sizes;

import dev.flambeau.Hook;
import dev.flambeau.Node;
import dev.flambeau.Tensor;
import dev.flambeau.internal.tensor.Dims;
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

  /** An input that needs a gradient: which one, and the output of which node it goes to. */
  static class Edge {
    final int input;
    final GraphNode to;
    final int output;
    Edge next;

    Edge(int input, GraphNode to, int output) {
      this.input = input;
      this.to = to;
      this.output = output;
    }

    /** The gradient as the input must have it. */
    Tensor fit(Tensor g) {
      return g;
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

  /** The gradient of an output after its hooks. */
  final Tensor runHooks(int output, Tensor gradient) {
    if (hooks == null) {
      return gradient;
    }
    OutputHook[] all;
    synchronized (this) {
      all = hooks.toArray(OutputHook[]::new);
    }
    Tensor g = gradient;
    for (OutputHook h : all) {
      if (h.output == output) {
        Tensor other = h.action.apply(g);
        if (other != null && other != g) {
          if (!Arrays.equals(sizes(other), sizes(g))) {
            throw new IllegalStateException(
                name
                    + ": a hook returned a gradient of shape "
                    + Dims.text(sizes(other))
                    + " for one of shape "
                    + Dims.text(sizes(g)));
          }
          g = other;
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
