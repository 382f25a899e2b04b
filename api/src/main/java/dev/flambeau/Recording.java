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
 * A gradient of tensor ops can be differentiated itself. One by a kernel has such a form beside it,
 * {@code input(x, kernel, composed)}, which is used under {@code createGraph}. Where one call finds
 * the gradients of several inputs, or there are several outputs:
 *
 * <pre>{@code
 * Autograd.record("XBackward0", y, z).saves(x, weight)
 *     .inputs(x, weight, bias)
 *     .gradient((g, saved, wanted) -> kernel(g, saved, wanted), (g, saved, wanted) -> composed(...))
 *     .result();
 * }</pre>
 *
 * Outputs are what the program receives; what backward needs beside is saved. Costs one small
 * object when nothing needs gradients.
 */
final class Recording extends SavingNode {
  private Tensor result; // the first
  private ThreadState thread; // null: nothing is recorded
  Joint joint; // null: one output, and a gradient for each input

  /** An input, how its gradient is found, and what that must look like in the end. */
  static final class Input extends Edge {
    final Gradient gradient; // null where it is joint
    final Gradient composed; // the same, under createGraph
    final Layout layout; // gradients are summed back to its sizes
    final DType type;
    final DeviceContext context;

    Input(int input, Node to, Tensor x, Gradient gradient, Gradient composed) {
      super(input, to, x.output());
      this.gradient = gradient;
      this.composed = composed;
      this.layout = x.layout();
      this.type = x.dtype();
      this.context = x.context();
    }

    /**
     * Sums a gradient back to the shape of an input that was broadcast, and gives it the input's
     * dtype and device (which is another one's for a 0-d tensor of the host only).
     */
    @Override
    Tensor fit(Tensor g) {
      if (g.layout() != layout && !Arrays.equals(g.sizes(), layout.sizes)) {
        g = g.sumTo(layout.sizes);
      }
      if (g.context() != context) {
        g = g.to(context.device);
      }
      return g.dtype() == type ? g : g.to(type);
    }
  }

  /** How the gradients of all inputs are found at once, and from how many outputs. */
  static final class Joint {
    JointGradient gradient;
    JointGradient composed; // the same, under createGraph
    final int outputs;
    Tensor[] results; // if several, and until they are in the graph
    Tensor[] given; // the inputs, as long

    Joint(Tensor[] results) {
      this.results = results;
      this.outputs = results == null ? 1 : results.length;
    }
  }

  Recording(String name, Tensor result) {
    super(name);
    this.result = result;
    ThreadState t = ThreadState.get();
    this.thread = t.gradEnabled ? t : null;
  }

  Recording(String name, Tensor[] results) {
    this(name, results[0]);
    joint = new Joint(results);
  }

  /** Declares what backward will read. Inputs and results may be named; nothing else is kept. */
  Recording saves(Tensor... tensors) {
    toSave(tensors);
    return this;
  }

  /**
   * Declares an input and how its gradient is found: in tensor ops, so that it can be
   * differentiated. Integer inputs have none.
   */
  Recording input(Tensor x, Gradient gradient) {
    return input(x, gradient, gradient);
  }

  /** The same with a gradient by a kernel, and what it is in tensor ops, for createGraph. */
  Recording input(Tensor x, Gradient kernel, Gradient composed) {
    if (thread != null) {
      Node to = x.edge();
      if (to != null) {
        append(new Input(inputs, to, x, kernel, composed));
      }
      inputs++;
    }
    return this;
  }

  /** Declares inputs whose gradients are found together; null for one that is not there. */
  Recording inputs(Tensor... all) {
    if (thread != null) {
      for (Tensor x : all) {
        Node to = x == null ? null : x.edge();
        if (to != null) {
          append(new Input(inputs, to, x, null, null));
        }
        inputs++;
      }
      if (edges != null) {
        joint = joint == null ? new Joint(null) : joint;
        joint.given = all;
      }
    }
    return this;
  }

  /** How the gradients of the inputs are found: in tensor ops. */
  Recording gradient(JointGradient gradient) {
    return jointly(gradient, gradient);
  }

  /** By a kernel, and what that is in tensor ops, for createGraph. */
  Recording gradient(JointGradient kernel, JointGradient composed) {
    return jointly(kernel, composed);
  }

  /**
   * By a kernel, and the op itself in tensor ops: under createGraph it runs once more, and is
   * differentiated. What its gradients depend on must be saved, inputs included; in place of one
   * that is not it gets zeros, or null if that needs no gradient.
   */
  Recording gradient(JointGradient kernel, Recomputation.Forward composed) {
    return edges == null ? this : jointly(kernel, new Recomputation(composed, placesOfInputs()));
  }

  /**
   * By a kernel whose gradients cannot be differentiated, as they cannot in PyTorch: {@code op}
   * says so when that is tried.
   */
  Recording gradientOnce(String op, JointGradient kernel) {
    return edges == null ? this : jointly(kernel, new OnceDifferentiable(op, kernel));
  }

  private Recording jointly(JointGradient gradient, JointGradient composed) {
    if (edges != null) {
      joint.gradient = gradient;
      joint.composed = composed;
    }
    return this;
  }

  private int[] placesOfInputs() {
    int[] places = new int[joint.given.length];
    for (int i = 0; i < places.length; i++) {
      places[i] = joint.given[i] == null ? -1 : placeOf(joint.given[i]);
    }
    return places;
  }

  /**
   * The (first) result. All of floating types are part of the graph now, if any input needs
   * gradients.
   */
  Tensor result() {
    Tensor y = result;
    Tensor[] all = joint == null ? null : joint.results;
    if (edges != null && (all == null ? y.dtype().isFloating() : anyFloating(all))) {
      stamp(thread);
      if (all == null) {
        y.setHistory(this, 0);
      } else {
        setHistory(all);
      }
      hold();
    }
    // These may go before the graph does.
    result = null;
    thread = null;
    if (joint != null) {
      joint.results = null;
      joint.given = null;
    }
    return y;
  }

  private static boolean anyFloating(Tensor[] results) {
    for (Tensor y : results) {
      if (y.dtype().isFloating()) {
        return true;
      }
    }
    return false;
  }

  private void setHistory(Tensor[] results) {
    for (int i = 0; i < results.length; i++) {
      if (results[i].dtype().isFloating()) {
        results[i].setHistory(this, i);
      }
    }
  }

  @Override
  int outputs() {
    return joint == null ? 1 : joint.outputs;
  }

  @Override
  void backward(Tensor[] gs, Engine engine) {
    checkUsable();
    if (joint != null) {
      jointly(gs, engine);
      return;
    }
    Tensor g = gs[0];
    for (Edge e = edges; e != null; e = e.next) {
      if (engine.wants(e.to)) {
        Input x = (Input) e;
        Tensor gx = (engine.createsGraph() ? x.composed : x.gradient).of(g, this);
        if (gx != null) {
          gx = x.fit(gx);
          engine.send(x.to, x.output, gx, gx == g);
        }
      }
    }
  }

  private void jointly(Tensor[] gs, Engine engine) {
    boolean[] wanted = new boolean[inputs];
    boolean any = false;
    for (Edge e = edges; e != null; e = e.next) {
      any |= wanted[e.input] = engine.wants(e.to);
    }
    if (any) { // else this node itself was all that was asked for
      JointGradient f = engine.createsGraph() ? joint.composed : joint.gradient;
      sendAll(f.of(gs, this, wanted), gs, engine);
    }
  }
}
