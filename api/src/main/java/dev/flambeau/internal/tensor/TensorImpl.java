package dev.flambeau.internal.tensor;

import dev.flambeau.DType;
import dev.flambeau.Hook;
import dev.flambeau.Node;
import dev.flambeau.PrintOptions;
import dev.flambeau.Tensor;
import dev.flambeau.internal.autograd.Accumulator;
import dev.flambeau.internal.autograd.Engine;
import dev.flambeau.internal.autograd.GradMode;
import dev.flambeau.internal.autograd.GraphNode;
import dev.flambeau.internal.autograd.UserGradient;
import dev.flambeau.internal.autograd.ViewGradients;
import dev.flambeau.internal.kernels.Require;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/**
 * The one implementation of {@link Tensor}: to the memory of {@link TensorHandle} it adds the place
 * in the graph.
 */
public final class TensorImpl extends TensorHandle {
  // Autograd. A leaf's node is its accumulator, made when first recorded.
  private GraphNode node;
  private int output; // which output of the node this is
  private Tensor grad;
  private View view; // null for what is no view
  private int history; // how often a write has replaced this tensor's node

  /** What a view is a view of; where its elements lie in the base's memory, its layout says. */
  private static final class View {
    final TensorImpl base;

    /** Whether it was made outside the graph although its base is part of one. */
    final boolean apart;

    /** The history of the base that the view's place in the graph belongs to. */
    volatile int seen;

    View(TensorImpl base, boolean apart) {
      this.base = base;
      this.apart = apart;
      this.seen = base.history;
    }
  }

  /** Takes over one count of the storage's holders. */
  TensorImpl(Storage storage, Layout layout, DType dtype) {
    this(storage, layout, dtype, 0);
    Scopes.get().track(this);
  }

  /** The same, in no scope. */
  private TensorImpl(Storage storage, Layout layout, DType dtype, int flags) {
    super(storage, layout, dtype, flags);
  }

  // ---- making tensors

  /** What the engine may do with any tensor. */
  public static TensorImpl impl(Tensor x) {
    return (TensorImpl) x;
  }

  /** New memory on a device; contents undefined. */
  public static Tensor empty(DeviceContext context, DType dtype, Layout layout) {
    Scopes scopes = Scopes.get();
    Storage s = Storage.allocate(scopes.blocks, context, layout.numel * dtype.bytes());
    TensorImpl y = new TensorImpl(s, layout, dtype, 0);
    scopes.track(y);
    return y;
  }

  /** New memory for sizes that {@code op} found, on {@code x}'s device; contents undefined. */
  public static Tensor newEmpty(String op, Tensor x, DType type, long... sizes) {
    return empty(context(x), type, Layout.contiguous(op, sizes));
  }

  /** New memory for {@code x}'s elements in row-major order. */
  public static Tensor emptyRowMajor(Tensor x, DType type) {
    return empty(context(x), type, layout(x).rowMajor());
  }

  /** New memory for {@code x}'s elements, dense, in the same memory order where possible. */
  public static Tensor emptyLike(Tensor x, DType type) {
    return empty(context(x), type, layout(x).fresh());
  }

  /** Another handle on {@code x}'s memory, in which the layout lies, in no graph. */
  public static Tensor share(Tensor x, Layout as) {
    TensorImpl h = (TensorImpl) x;
    Storage s = h.hold();
    DType type = h.dtype; // once: another thread may give the handle other memory
    try {
      as.checkWithin(s.bytes, type.bytes());
    } catch (IllegalArgumentException e) {
      s.release();
      throw e;
    }
    return new TensorImpl(s, as, type);
  }

  /**
   * Another handle on {@code x}'s memory, whose elements are of another dtype of the same width.
   */
  static Tensor reinterpret(Tensor x, DType as) {
    Place p = ((TensorImpl) x).place();
    return new TensorImpl(p.storage(), p.layout(), as);
  }

  /** Another handle on the same memory with the same place in the graph, outside all scopes. */
  public Tensor alias() {
    Place p = place();
    int kept = ESCAPED | flags & REQUIRES_GRAD;
    TensorImpl t = new TensorImpl(p.storage(), p.layout(), p.dtype(), kept);
    t.node = edge();
    t.output = output;
    return t;
  }

  /** The same of a copy of the values. */
  public Tensor aliasOfCopy() {
    try (var off = GradMode.set(false)) {
      TensorImpl t = impl(copy().escape());
      t.flags |= flags & REQUIRES_GRAD;
      t.node = edge();
      t.output = output;
      return t;
    }
  }

  /**
   * Notes that this handle on {@code source}'s memory is a view of it. {@code recorded}: it has its
   * place in {@code source}'s graph, if there is one.
   */
  public Tensor asViewOf(Tensor source, boolean recorded) {
    TensorImpl from = impl(source);
    View of = from.view;
    view = of == null ? new View(from, !recorded) : new View(of.base, of.apart || !recorded);
    return this;
  }

  // ---- autograd

  @Override
  public boolean requiresGrad() {
    sync();
    return (flags & REQUIRES_GRAD) != 0;
  }

  @Override
  public Tensor requiresGrad_() {
    return requiresGrad_(true);
  }

  @Override
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

  @Override
  public boolean isLeaf() {
    return gradFn() == null;
  }

  @Override
  public Node gradFn() {
    sync();
    return node instanceof Accumulator ? null : node;
  }

  @Override
  public synchronized Tensor grad() {
    Tensor g = grad;
    if (g != null) {
      mark(impl(g), GRAD_TAKEN);
    }
    return g;
  }

  /**
   * The gradient for the library's own use: unlike with {@link #grad()} it does not count as taken
   * by the program.
   */
  public Tensor peekGrad() {
    return grad;
  }

  @Override
  public synchronized void setGrad(Tensor gradient) {
    if (gradient != null) {
      UserGradient.checkGrad(this, gradient);
      mark(impl(gradient.escape()), GRAD_TAKEN | GRAD_GIVEN);
    }
    grad = gradient;
  }

  /** Whether the program set the gradient: then it is not changed in place. */
  public boolean hasGivenGrad() {
    return grad != null && (impl(grad).flags & GRAD_GIVEN) != 0;
  }

  /** Takes over a gradient that the program has not seen. The caller has locked this tensor. */
  public void adoptGrad(Tensor gradient) {
    grad = gradient;
  }

  @Override
  public void zeroGrad() {
    Tensor g = grad;
    if (g != null) {
      grad = null;
      if ((impl(g).flags & GRAD_TAKEN) == 0) {
        impl(g).drop(State.REPLACED);
      }
    }
  }

  private static void mark(TensorImpl gradient, int as) {
    if ((gradient.flags & as) != as) { // once: the program's own threads may set others then
      gradient.flags |= as;
    }
  }

  @Override
  public void backward() {
    backward(null, false, false);
  }

  @Override
  public void backward(Tensor gradient) {
    backward(gradient, false, false);
  }

  @Override
  public void backward(Tensor gradient, boolean retainGraph, boolean createGraph) {
    Engine.backward(this, gradient, retainGraph || createGraph, createGraph);
  }

  @Override
  public Tensor retainGrad() {
    if (!requiresGrad()) {
      throw new IllegalStateException("retainGrad: this tensor does not require gradients");
    }
    if (!isLeaf() && (flags & RETAINS_GRAD) == 0) {
      flags |= RETAINS_GRAD;
      node.addHook(output, new Retained(this));
    }
    return this;
  }

  /**
   * The hook that keeps the gradient of a tensor within the graph. Unlike others it follows the
   * tensor when a write gives it another place there.
   */
  private record Retained(TensorImpl of) implements UnaryOperator<Tensor> {
    @Override
    public Tensor apply(Tensor g) {
      of.retain(g);
      return null;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Retained r && r.of == of;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(of);
    }
  }

  /** {@code g} is the hook's own; under createGraph it is part of the graph. */
  private synchronized void retain(Tensor g) {
    adoptGrad((grad == null ? g.contiguous() : grad.add(g)).escape());
    if (grad != g) {
      impl(g).drop(State.REPLACED);
    }
  }

  @Override
  public Hook registerHook(UnaryOperator<Tensor> hook) {
    if (!requiresGrad()) {
      throw new IllegalStateException("registerHook: this tensor does not require gradients");
    }
    if (hook == null) {
      throw new IllegalArgumentException("registerHook: the hook is null");
    }
    return edge().addHook(output, hook);
  }

  @Override
  public Tensor detach() {
    return share(this, layout);
  }

  @Override
  public Tensor data() {
    return detach();
  }

  @Override
  public Tensor setData(Tensor values) {
    checkLive();
    TensorImpl source = impl(Require.given("setData", "values", values));
    source.checkLive();
    if (!isLeaf()) {
      throw new IllegalStateException(
          "setData: this tensor is the result of " + node.name() + "; use detach() first");
    }
    if (!Arrays.equals(sizes(values), layout.sizes)) {
      throw new IllegalArgumentException(
          "setData: values of shape "
              + Dims.text(sizes(values))
              + " do not fit a tensor of shape "
              + Dims.text(layout.sizes));
    }
    if (requiresGrad() && !values.dtype().isFloating()) {
      throw new IllegalArgumentException(
          "setData: this tensor requires gradients, which values of "
              + values.dtype()
              + " cannot have; use toFloat()");
    }
    replace("setData", source.place());
    return this;
  }

  /**
   * Where a gradient for this tensor goes: its node, a leaf's accumulator, or null if none is
   * wanted.
   */
  public GraphNode edge() {
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

  public int output() {
    return output;
  }

  /** Makes this tensor the result of {@code by}. */
  public void setHistory(GraphNode by, int which) {
    if ((flags & RETAINS_GRAD) != 0) {
      Retained hook = new Retained(this);
      node.removeHook(hook);
      by.addHook(which, hook);
    }
    node = by;
    output = which;
    flags |= REQUIRES_GRAD;
  }

  /** As {@link #setHistory}, for a tensor that had another before: its views follow it. */
  public void replaceHistory(GraphNode by, int which) {
    setHistory(by, which);
    history++;
  }

  /** Says that a view became the result of a step that its base does not know of. */
  public void setApart() {
    view = new View(view.base, true);
  }

  /** The tensor this one is a view of, or null. */
  public Tensor viewBase() {
    return view == null ? null : view.base;
  }

  /** Whether this is a view that was made outside the graph of its base. */
  public boolean isViewApart() {
    return view != null && view.apart;
  }

  /** If a write through another view gave the base a new history, takes this view's place in it. */
  private void sync() {
    View v = view;
    if (v != null && v.seen != v.base.history) {
      follow(v);
    }
  }

  private void follow(View v) {
    synchronized (v) { // a tensor may be read by several threads at once
      int now = v.base.history;
      if (v.seen == now) {
        return;
      }
      // A base that was given other memory since has nothing to do with this view any more.
      if (v.base.requiresGrad() && ViewGradients.contains(v.base, this)) {
        if (v.apart) {
          if (GradMode.get().enabled) {
            throw new IllegalStateException(
                "a view of shape "
                    + Dims.text(layout.sizes)
                    + " that was made under noGrad, or handed on by a Function, cannot be used while"
                    + " gradients are recorded, since the tensor it is a view of was changed in place; make the view anew");
          }
          return;
        }
        try (var on = GradMode.set(true)) {
          ViewGradients.follow(this, v.base);
        }
      }
      v.seen = now; // last: who reads it finds the place in the graph whole
    }
  }

  // ---- parameters, text

  @Override
  public Tensor asParameter() {
    flags |= PARAMETER | ESCAPED;
    return requiresGrad_(true);
  }

  @Override
  public boolean isParameter() {
    return (flags & PARAMETER) != 0;
  }

  /** The values as PyTorch prints them; {@link PrintOptions} sets digits and widths. */
  @Override
  public String toString() {
    return TensorText.of(this);
  }
}
