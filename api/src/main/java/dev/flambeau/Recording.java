package dev.flambeau;

import java.util.Arrays;

/**
 * The node of a library op, and the way an op writes itself down:
 *
 * <pre>{@code
 * return Autograd.record("LogBackward0", y).saves(x)
 *     .input(x, (g, saved) -> g.div(saved.get(0)))
 *     .result();
 * }</pre>
 *
 * Costs one small object when nothing needs gradients.
 */
final class Recording extends Node implements Saved {
  private static final Tensor[] NONE = {};

  private Tensor result;
  private ThreadState thread; // null: nothing is recorded
  private Tensor[] saved = NONE;
  private int[] versions;
  private boolean released;

  /** An input, how its gradient is found, and what that must look like in the end. */
  static final class Input extends Edge {
    final Gradient gradient;
    final Layout layout; // gradients are summed back to its sizes
    final DType type;
    final DeviceContext context;

    Input(int input, Node to, Tensor x, Gradient gradient) {
      super(input, to, x.output());
      this.gradient = gradient;
      this.layout = x.layout();
      this.type = x.dtype();
      this.context = x.context();
    }
  }

  Recording(String name, Tensor result) {
    super(name);
    this.result = result;
    ThreadState t = ThreadState.get();
    this.thread = t.gradEnabled ? t : null;
  }

  /** Declares what backward will read. Inputs and the result may be named; nothing else is kept. */
  Recording saves(Tensor... tensors) {
    saved = tensors;
    return this;
  }

  /** Declares an input and how its gradient is found. Integer inputs have none. */
  Recording input(Tensor x, Gradient gradient) {
    if (thread != null) {
      Node to = x.edge();
      if (to != null) {
        append(new Input(inputs, to, x, gradient));
      }
      inputs++;
    }
    return this;
  }

  /** The result, now part of the graph if any input needs gradients. */
  Tensor result() {
    Tensor y = result;
    if (edges != null && y.dtype().isFloating()) {
      stamp(thread);
      // The result's place in the graph must be known before it is saved: its alias shares it.
      y.setHistory(this, 0);
      hold();
    }
    // Both may go before the graph does.
    result = null;
    thread = null;
    return y;
  }

  private void hold() {
    versions = saved.length == 0 ? null : new int[saved.length];
    for (int i = 0; i < saved.length; i++) {
      if (saved[i] != null) {
        versions[i] = saved[i].version();
        saved[i] = saved[i].alias();
      }
    }
  }

  @Override
  public Tensor get(int i) {
    Tensor t = saved[i];
    if (t != null && t.version() != versions[i]) {
      throw new IllegalStateException(
          name()
              + ": a tensor of shape "
              + Dims.text(t.sizes())
              + " that it needs for its gradient was changed in"
              + " place by "
              + t.storage().writer
              + " (version "
              + t.version()
              + ", saved at version "
              + versions[i]
              + "); use the form without _, or change a copy()");
    }
    return t;
  }

  @Override
  void backward(Tensor[] gs, Engine engine) {
    if (released) {
      throw new IllegalStateException(
          name()
              + ": this graph was already used by a backward, which freed what it had saved; call the first one"
              + " with retainGraph = true to go through it again");
    }
    Tensor g = gs[0];
    for (Edge e = edges; e != null; e = e.next) {
      if (engine.wants(e.to)) {
        Input x = (Input) e;
        Tensor gx = x.gradient.of(g, this);
        if (gx != null) {
          gx = fit(gx, x);
          engine.send(x.to, x.output, gx, gx == g);
        }
      }
    }
  }

  /**
   * Sums a gradient back to the shape of an input that was broadcast, and gives it the input's
   * dtype and device (which is another one's for a 0-d tensor of the host only).
   */
  private static Tensor fit(Tensor g, Input x) {
    if (g.layout() != x.layout && !Arrays.equals(g.sizes(), x.layout.sizes)) {
      g = g.sumTo(x.layout.sizes);
    }
    if (g.context() != x.context) {
      g = g.to(x.context.device);
    }
    return g.dtype() == x.type ? g : g.to(x.type);
  }

  @Override
  void release() {
    if (saved.length > 0) {
      released = true;
      for (Tensor t : saved) {
        if (t != null) {
          t.drop(Tensor.State.BACKWARD);
        }
      }
    }
  }
}
