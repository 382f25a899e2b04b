package dev.flambeau.internal.autograd;

import static dev.flambeau.internal.tensor.TensorImpl.impl;

import dev.flambeau.Tensor;

/**
 * The node of a library op, and the way an op writes itself down:
 *
 * <pre>{@code
 * return Recording.of("LogBackward0", y).saves(x)
 *     .input(x, (g, saved) -> g.div(saved.get(0)))
 *     .result();
 * }</pre>
 *
 * A gradient of tensor ops can be differentiated itself. One by a kernel has such a form beside it,
 * {@code input(x, kernel, composed)}, which is used under {@code createGraph}. Where one call finds
 * the gradients of several inputs, or there are several outputs:
 *
 * <pre>{@code
 * Recording.of("XBackward0", y, z).saves(x, weight)
 *     .inputs(x, weight, bias)
 *     .gradient((g, saved, wanted) -> kernel(g, saved, wanted), (g, saved, wanted) -> composed(...))
 *     .result();
 * }</pre>
 *
 * Outputs are what the program receives; what backward needs beside is saved. Costs one small
 * object when nothing needs gradients.
 */
public final class Recording extends SavingNode {
  private Tensor result; // the first
  private GradMode thread; // null: nothing is recorded
  Joint joint; // null: one output, and a gradient for each input

  /** An input, and how its gradient is found. */
  static final class Input extends Edge {
    final Gradient gradient; // null where it is joint
    final Gradient composed; // the same, under createGraph

    Input(int input, GraphNode to, Tensor x, Gradient gradient, Gradient composed) {
      super(input, to, x);
      this.gradient = gradient;
      this.composed = composed;
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

  /** Begins the record of an op whose result is {@code y}. */
  public static Recording of(String name, Tensor y) {
    return new Recording(name, y);
  }

  /**
   * Begins the record of an op with several results. Those that are not floating get no history.
   */
  public static Recording of(String name, Tensor first, Tensor... more) {
    Tensor[] results = new Tensor[1 + more.length];
    results[0] = first;
    System.arraycopy(more, 0, results, 1, more.length);
    return new Recording(name, results);
  }

  /** Names the step that made {@code y} anew: for what PyTorch does in fewer steps. */
  public static Tensor rename(Tensor y, String node) {
    if (y.gradFn() instanceof GraphNode step) {
      step.rename(node);
    }
    return y;
  }

  Recording(String name, Tensor result) {
    super(name);
    this.result = result;
    GradMode t = GradMode.get();
    this.thread = t.enabled ? t : null;
  }

  Recording(String name, Tensor[] results) {
    this(name, results[0]);
    joint = new Joint(results);
  }

  /** Declares what backward will read. Inputs and results may be named; nothing else is kept. */
  public Recording saves(Tensor... tensors) {
    toSave(tensors);
    return this;
  }

  /**
   * Lets a program write the first {@code n} of what is saved in place, as it may where PyTorch
   * saves something else: they are copied before that happens.
   */
  public Recording copiedBeforeWrite(int n) {
    copyBeforeWrite(n);
    return this;
  }

  /**
   * Declares an input and how its gradient is found: in tensor ops, so that it can be
   * differentiated. Integer inputs have none.
   */
  public Recording input(Tensor x, Gradient gradient) {
    return input(x, gradient, gradient);
  }

  /** The same with a gradient by a kernel, and what it is in tensor ops, for createGraph. */
  public Recording input(Tensor x, Gradient kernel, Gradient composed) {
    if (thread != null) {
      GraphNode to = impl(x).edge();
      if (to != null) {
        append(new Input(inputs, to, x, kernel, composed));
      }
      inputs++;
    }
    return this;
  }

  /** Declares inputs whose gradients are found together; null for one that is not there. */
  public Recording inputs(Tensor... all) {
    if (thread != null) {
      for (Tensor x : all) {
        GraphNode to = x == null ? null : impl(x).edge();
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
  public Recording gradient(JointGradient gradient) {
    return jointly(gradient, gradient);
  }

  /** By a kernel, and what that is in tensor ops, for createGraph. */
  public Recording gradient(JointGradient kernel, JointGradient composed) {
    return jointly(kernel, composed);
  }

  /**
   * By a kernel, and the op itself in tensor ops: under createGraph it runs once more, and is
   * differentiated. What its gradients depend on must be saved, inputs included; in place of one
   * that is not it gets zeros, or null if that needs no gradient.
   */
  public Recording gradient(JointGradient kernel, Recomputation.Forward composed) {
    return edges == null ? this : jointly(kernel, new Recomputation(composed, placesOfInputs()));
  }

  /**
   * By a kernel whose gradients cannot be differentiated, as they cannot in PyTorch: {@code op}
   * says so when that is tried.
   */
  public Recording gradientOnce(String op, JointGradient kernel) {
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
  public Tensor result() {
    Tensor y = result;
    Tensor[] all = joint == null ? null : joint.results;
    if (edges != null && (all == null ? y.dtype().isFloating() : anyFloating(all))) {
      stamp(thread);
      if (all == null) {
        impl(y).setHistory(this, 0);
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
        impl(results[i]).setHistory(this, i);
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
