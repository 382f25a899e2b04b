package dev.flambeau;

import java.util.function.UnaryOperator;

/**
 * An n-dimensional array of one {@link DType} on one {@link Device}, with the operations and the
 * autograd of a {@code torch.Tensor}.
 *
 * <p>The operations are in families: {@link PointwiseOps}, {@link AxisOps}, {@link MatrixOps},
 * {@link ShapeOps}, {@link IndexOps}, {@link LossOps}, {@link ArrayOps}; the factories are in
 * {@link TensorFactories}, called as {@code Tensor.zeros(2, 3)}. Names ending in {@code _} change
 * the tensor itself.
 *
 * <p>Nothing need be freed: native memory returns when a tensor is no longer reachable. {@link
 * #close()} and {@link Scope} return it sooner. A tensor may be read by several threads at once.
 */
public final class Tensor extends TensorHandle
    implements PointwiseOps,
        InPlaceOps,
        RandomOps,
        AxisOps,
        MatrixOps,
        ShapeOps,
        IndexOps,
        LossOps,
        ArrayOps {
  // Autograd. A leaf's node is its accumulator, made when first recorded.
  private Node node;
  private int output; // which output of the node this is
  private Tensor grad;
  private View view; // null for what is no view
  private int history; // how often a write has replaced this tensor's node

  /**
   * What a view looks at: through {@code replay}, made when the base's history was {@code seen}.
   */
  private static final class View {
    final Tensor base;
    final UnaryOperator<Tensor> replay;
    int seen;

    View(Tensor base, UnaryOperator<Tensor> replay) {
      this.base = base;
      this.replay = replay;
      this.seen = base.history;
    }
  }

  /** Takes over one hold on the storage. */
  Tensor(Storage storage, Layout layout, DType dtype) {
    this(storage, layout, dtype, 0);
    ThreadState.get().track(this);
  }

  /** The same, in no scope. */
  private Tensor(Storage storage, Layout layout, DType dtype, int flags) {
    super(storage, layout, dtype, flags);
  }

  // ---- making tensors

  static Tensor empty(DeviceContext context, DType dtype, Layout layout) {
    ThreadState t = ThreadState.get();
    Storage s = Storage.allocate(t, context, layout.numel * dtype.bytes());
    Tensor y = new Tensor(s, layout, dtype, 0);
    t.track(y);
    return y;
  }

  /** New memory for {@code sizes}, on this tensor's device; contents undefined. */
  Tensor fresh(DType type, long... sizes) {
    return empty(storage.context, type, Layout.contiguous(sizes));
  }

  /** New memory for the same elements, dense, in the same memory order where possible. */
  Tensor freshLike(DType type) {
    return empty(storage.context, type, layout.fresh());
  }

  /** Another handle on the same memory, in no graph. */
  Tensor share(Layout as) {
    checkLive();
    storage.retain();
    return new Tensor(storage, as, dtype);
  }

  /** Another handle on the same memory with the same place in the graph, outside all scopes. */
  Tensor alias() {
    checkLive();
    storage.retain();
    Tensor t = new Tensor(storage, layout, dtype, ESCAPED | flags & REQUIRES_GRAD);
    t.node = edge();
    t.output = output;
    return t;
  }

  /** A reshape of a tensor that nobody else sees: to autograd it is a step, not a view. */
  Tensor unsafeView(long[] sizes) {
    Tensor y = share(Layout.contiguous(sizes));
    long[] before = layout.sizes;
    return Autograd.record("UnsafeViewBackward0", y)
        .input(this, (g, saved) -> g.reshape(before))
        .result();
  }

  /** Summed over the dims in which this was broadcast from {@code sizes}. */
  Tensor sumTo(long[] sizes) {
    return Reduce.sumTo(this, sizes);
  }

  /**
   * A view of this tensor, for autograd: {@code replay} must do to any tensor of this shape what
   * made {@code result}.
   */
  Tensor asViewOf(Tensor source, UnaryOperator<Tensor> replay) {
    View of = source.view;
    if (of == null) {
      view = new View(source, replay);
    } else {
      UnaryOperator<Tensor> first = of.replay; // not all of it: gradients would hold the base
      view = new View(of.base, x -> replay.apply(first.apply(x)));
    }
    return this;
  }

  // ---- autograd

  /** A recorded pointwise op. */
  Tensor unary(UnaryOp op, double p, double q) {
    Tensor y = Pointwise.unary(op, this, p, q);
    return Autograd.needsGrad(this) ? recorded(op, y, p, q) : y;
  }

  /** Writes down that {@code y}, which may be this tensor itself, became {@code op} of it. */
  Tensor recorded(UnaryOp op, Tensor y, double p, double q) {
    Recording r = Autograd.record(op.node, y);
    if (op.saves == UnaryOp.Saves.NOTHING) {
      return r.input(this, (g, saved) -> op.slope(g, null, p, q)).result();
    }
    return r.saves(op.saves == UnaryOp.Saves.INPUT ? this : y)
        .input(
            this,
            (g, saved) -> Pointwise.unaryGrad(op, g, saved.get(0), p, q),
            (g, saved) -> op.slope(g, saved.get(0), p, q))
        .result();
  }

  /** Whether gradients flow to this tensor. */
  public boolean requiresGrad() {
    sync();
    return (flags & REQUIRES_GRAD) != 0;
  }

  /** Asks for gradients of this tensor. */
  public Tensor requiresGrad_() {
    return requiresGrad_(true);
  }

  /**
   * Asks for gradients of this tensor, or stops asking.
   *
   * @throws IllegalArgumentException for integer and bool tensors
   * @throws IllegalStateException when turned off on a result of recorded operations; {@link
   *     #detach()} gives one
   */
  public Tensor requiresGrad_(boolean wanted) {
    if (wanted && !dtype.isFloating()) {
      throw new IllegalArgumentException(
          "requiresGrad_: only floating tensors can have gradients, this one is "
              + dtype
              + "; use toFloat()");
    }
    if (!wanted && !isLeaf()) {
      throw new IllegalStateException(
          "requiresGrad_: this tensor is the result of "
              + node.name()
              + ", so its gradient cannot be switched off; use detach()");
    }
    flags = wanted ? flags | REQUIRES_GRAD : flags & ~REQUIRES_GRAD;
    if (!wanted) {
      node = null;
    }
    return this;
  }

  /** Whether the user made this tensor, rather than a recorded operation. */
  public boolean isLeaf() {
    return gradFn() == null;
  }

  /** The graph node that made this tensor, or null for a leaf. */
  public Node gradFn() {
    sync();
    return node instanceof Accumulator ? null : node;
  }

  /** The gradient that backward has accumulated, or null. */
  public Tensor grad() {
    flags |= GRAD_TAKEN;
    return grad;
  }

  /** The gradient for the library's own use: whoever asks does not keep it. */
  Tensor peekGrad() {
    return grad;
  }

  /** Replaces the gradient; null removes it. The shape must be this tensor's. */
  public void setGrad(Tensor gradient) {
    if (gradient != null && !java.util.Arrays.equals(gradient.layout.sizes, layout.sizes)) {
      throw new IllegalArgumentException(
          "setGrad: a gradient of shape "
              + Dims.text(gradient.layout.sizes)
              + " does not fit a tensor of shape "
              + Dims.text(layout.sizes));
    }
    if (gradient != null) {
      Pointwise.sameDevice("setGrad", gradient, this);
    }
    grad = gradient == null ? null : gradient.escape();
    flags |= GRAD_TAKEN; // the caller has it
  }

  void adoptGrad(Tensor gradient) {
    grad = gradient;
    flags &= ~GRAD_TAKEN;
  }

  /**
   * Removes the gradient, and frees its memory at once unless the program has taken it with {@link
   * #grad()}.
   */
  public void zeroGrad() {
    Tensor g = grad;
    if (g != null) {
      grad = null;
      if ((flags & GRAD_TAKEN) == 0) {
        g.drop(State.REPLACED);
      }
      flags &= ~GRAD_TAKEN;
    }
  }

  /** Computes the gradients of this one-element tensor with respect to the leaves of its graph. */
  public void backward() {
    backward(null, false, false);
  }

  /**
   * As {@link #backward()}, for a tensor of any shape: {@code gradient} is the gradient with
   * respect to it.
   */
  public void backward(Tensor gradient) {
    backward(gradient, false, false);
  }

  /**
   * Computes gradients and adds them to the {@link #grad()} of the leaves.
   *
   * @param gradient the gradient with respect to this tensor; null means 1, for one element
   * @param retainGraph keep what the graph saved, so that backward can run again
   * @param createGraph record the gradients' own computation, for derivatives of higher order
   *     (retains the graph)
   * @throws IllegalStateException when the graph was freed by an earlier backward, or nothing here
   *     needs gradients
   */
  public void backward(Tensor gradient, boolean retainGraph, boolean createGraph) {
    Engine.backward(this, gradient, retainGraph || createGraph, createGraph);
  }

  /** Keeps the gradient of this non-leaf tensor in {@link #grad()} when backward comes by. */
  public Tensor retainGrad() {
    if (!requiresGrad()) {
      throw new IllegalStateException("retainGrad: this tensor does not require gradients");
    }
    if (!isLeaf() && (flags & RETAINS_GRAD) == 0) {
      flags |= RETAINS_GRAD;
      node.addHook(
          output,
          g -> {
            adoptGrad(grad == null ? g.detach().copy().escape() : grad.add(g).detach().escape());
            return null;
          });
    }
    return this;
  }

  /**
   * Calls {@code hook} with this tensor's gradient during backward; what it returns replaces the
   * gradient, null leaves it. Closing the result removes the hook.
   */
  public Hook registerHook(UnaryOperator<Tensor> hook) {
    if (!requiresGrad()) {
      throw new IllegalStateException("registerHook: this tensor does not require gradients");
    }
    return edge().addHook(output, hook);
  }

  /**
   * The same memory, outside the graph: no gradient flows through it. Writes to it are seen by the
   * graph.
   */
  public Tensor detach() {
    return share(layout);
  }

  /** As {@link #detach()}: the name that PyTorch programs use for a parameter's values. */
  public Tensor data() {
    return detach();
  }

  /**
   * Makes this leaf look at the memory of {@code values}, which may have another dtype or device:
   * what {@code parameter.data = values} does in PyTorch. Whoever holds this tensor sees the new
   * values; a graph recorded before keeps the old ones.
   *
   * @throws IllegalArgumentException for another shape, or a dtype that cannot have the gradients
   *     asked for
   * @throws IllegalStateException when a recorded operation made this tensor
   */
  public Tensor setData(Tensor values) {
    checkLive();
    values.checkLive();
    if (!isLeaf()) {
      throw new IllegalStateException(
          "setData: this tensor is the result of " + node.name() + "; use detach() first");
    }
    if (!java.util.Arrays.equals(values.layout.sizes, layout.sizes)) {
      throw new IllegalArgumentException(
          "setData: values of shape "
              + Dims.text(values.layout.sizes)
              + " do not fit a tensor of shape "
              + Dims.text(layout.sizes));
    }
    if (requiresGrad() && !values.dtype.isFloating()) {
      throw new IllegalArgumentException(
          "setData: this tensor requires gradients, which values of "
              + values.dtype
              + " cannot have; use toFloat()");
    }
    Storage before = storage;
    values.storage.retain();
    storage = values.storage;
    layout = values.layout;
    dtype = values.dtype;
    before.release();
    return this;
  }

  /**
   * Where a gradient for this tensor goes: its node, a leaf's accumulator, or null if none is
   * wanted.
   */
  Node edge() {
    sync();
    if (node == null && (flags & REQUIRES_GRAD) != 0) {
      synchronized (this) {
        if (node == null) {
          node = new Accumulator(this);
        }
      }
    }
    return node;
  }

  int output() {
    return output;
  }

  /** Makes this tensor the result of {@code by}. */
  void setHistory(Node by, int which) {
    node = by;
    output = which;
    flags |= REQUIRES_GRAD;
  }

  /** As {@link #setHistory}, for a tensor that had another before: its views must look anew. */
  void replaceHistory(Node by, int which) {
    setHistory(by, which);
    history++;
  }

  /** The tensor this one is a view of, or null. */
  Tensor viewBase() {
    return view == null ? null : view.base;
  }

  UnaryOperator<Tensor> viewReplay() {
    return view.replay;
  }

  /** If a write through another view gave the base a new history, takes this view's place in it. */
  private void sync() {
    View v = view;
    if (v == null || v.seen == v.base.history) {
      return;
    }
    v.seen = v.base.history;
    if (v.base.requiresGrad()) {
      try (var on = Autograd.enableGrad()) {
        Tensor again = v.replay.apply(v.base.handleForReplay());
        setHistory(again.node, again.output);
        node.rename("AsStridedBackward0");
      }
    }
  }

  /**
   * The base for a replay; a closed handle is no obstacle, as only its place in the graph counts.
   */
  private Tensor handleForReplay() {
    storage.retain();
    Tensor t = new Tensor(storage, layout, dtype, ESCAPED | REQUIRES_GRAD);
    t.node = edge();
    t.output = output;
    return t;
  }

  // ---- parameters, text

  /**
   * Marks a tensor as a module's parameter: it prints so, needs gradients, and no scope frees it.
   */
  public Tensor asParameter() {
    flags |= PARAMETER | ESCAPED;
    return requiresGrad_(true);
  }

  /** Whether this is a module's parameter. */
  public boolean isParameter() {
    return (flags & PARAMETER) != 0;
  }

  /** The values as PyTorch prints them; {@link PrintOptions} sets digits and widths. */
  @Override
  public String toString() {
    return TensorText.of(this);
  }
}
