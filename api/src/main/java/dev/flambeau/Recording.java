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

  private final Tensor result;
  private final boolean enabled;
  private int inputs;
  private boolean needed;
  private Gradient[] gradients;
  private Layout[] inputLayouts; // gradients are summed back to these sizes
  private DType[] inputTypes;
  private Tensor[] saved = NONE;
  private int[] versions;
  private boolean released;

  Recording(String name, Tensor result) {
    super(name);
    this.result = result;
    this.enabled = ThreadState.get().gradEnabled;
  }

  /** Declares what backward will read. Inputs and the result may be named; nothing else is kept. */
  Recording saves(Tensor... tensors) {
    saved = tensors;
    return this;
  }

  /** Declares an input and how its gradient is found. Integer inputs have none. */
  Recording input(Tensor x, Gradient gradient) {
    if (!enabled) {
      return this;
    }
    if (gradients == null) {
      gradients = new Gradient[2];
      inputLayouts = new Layout[2];
      inputTypes = new DType[2];
      next = new Node[2];
      nextOutput = new int[2];
    } else if (inputs == gradients.length) {
      int more = inputs * 2;
      gradients = Arrays.copyOf(gradients, more);
      inputLayouts = Arrays.copyOf(inputLayouts, more);
      inputTypes = Arrays.copyOf(inputTypes, more);
      next = Arrays.copyOf(next, more);
      nextOutput = Arrays.copyOf(nextOutput, more);
    }
    Node edge = x.edge();
    if (edge != null) {
      needed = true;
      next[inputs] = edge;
      nextOutput[inputs] = x.output();
      gradients[inputs] = gradient;
      inputLayouts[inputs] = x.layout();
      inputTypes[inputs] = x.dtype();
    }
    inputs++;
    return this;
  }

  /** The result, now part of the graph if any input needs gradients. */
  Tensor result() {
    Tensor y = result;
    if (needed && y.dtype().isFloating()) {
      stamp();
      // The result's place in the graph must be known before it is saved: its alias shares it.
      y.setHistory(this, 0);
      versions = new int[saved.length];
      Tensor[] held = new Tensor[saved.length];
      for (int i = 0; i < saved.length; i++) {
        if (saved[i] != null) {
          held[i] = saved[i].alias();
          versions[i] = saved[i].version();
        }
      }
      saved = held;
    } else {
      saved = NONE;
    }
    return y;
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
    for (int i = 0; i < inputs; i++) {
      if (next[i] == null || !engine.wants(next[i])) {
        continue;
      }
      Tensor gi = gradients[i].of(g, this);
      if (gi != null) {
        engine.send(next[i], nextOutput[i], fit(gi, inputLayouts[i].sizes, inputTypes[i]), gi == g);
      }
    }
  }

  /**
   * Sums a gradient back to the shape of an input that was broadcast, and gives it the input's
   * dtype.
   */
  private static Tensor fit(Tensor g, long[] sizes, DType type) {
    if (!Arrays.equals(g.sizes(), sizes)) {
      g = g.sumTo(sizes);
    }
    return g.dtype() == type ? g : g.to(type);
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
