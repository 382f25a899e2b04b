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

  /**
   * The base of a view, and how the view is made of it; {@code seen} is the history of the base
   * that the view's place in the graph belongs to.
   */
  private static final class View {
    final TensorImpl base;
    final UnaryOperator<Tensor> replay;
    int seen;

    View(TensorImpl base, UnaryOperator<Tensor> replay) {
      this.base = base;
      this.replay = replay;
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

  /** New memory for {@code sizes}, on {@code x}'s device; contents undefined. */
  public static Tensor newEmpty(Tensor x, DType type, long... sizes) {
    return empty(context(x), type, Layout.contiguous(sizes));
  }

  /** New memory for {@code x}'s elements, dense, in the same memory order where possible. */
  public static Tensor emptyLike(Tensor x, DType type) {
    return empty(context(x), type, layout(x).fresh());
  }

  /** Another handle on {@code x}'s memory, in no graph. */
  public static Tensor share(Tensor x, Layout as) {
    TensorImpl h = (TensorImpl) x;
    h.checkLive();
    h.storage.retain();
    return new TensorImpl(h.storage, as, h.dtype);
  }

  /** Another handle on the same memory with the same place in the graph, outside all scopes. */
  public Tensor alias() {
    checkLive();
    storage.retain();
    TensorImpl t = new TensorImpl(storage, layout, dtype, ESCAPED | flags & REQUIRES_GRAD);
    t.node = edge();
    t.output = output;
    return t;
  }

  /**
   * A view of this tensor, for autograd: {@code replay} must do to any tensor of this shape what
   * made {@code result}.
   */
  public Tensor asViewOf(Tensor source, UnaryOperator<Tensor> replay) {
    TensorImpl from = impl(source);
    View of = from.view;
    if (of == null) {
      view = new View(from, replay);
    } else {
      UnaryOperator<Tensor> first = of.replay; // not all of it: gradients would hold the base
      view = new View(of.base, x -> replay.apply(first.apply(x)));
    }
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
      node.addHook(
          output,
          g -> {
            adoptGrad(grad == null ? g.detach().copy().escape() : grad.add(g).detach().escape());
            return null;
          });
    }
    return this;
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
    TensorImpl source = impl(values);
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
    Storage before = storage;
    source.storage.retain();
    storage = source.storage;
    layout = source.layout;
    dtype = source.dtype;
    before.release();
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
    node = by;
    output = which;
    flags |= REQUIRES_GRAD;
  }

  /** As {@link #setHistory}, for a tensor that had another before: its views must be replayed. */
  public void replaceHistory(GraphNode by, int which) {
    setHistory(by, which);
    history++;
  }

  /** The tensor this one is a view of, or null. */
  public Tensor viewBase() {
    return view == null ? null : view.base;
  }

  public UnaryOperator<Tensor> viewReplay() {
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
      try (var on = GradMode.set(true)) {
        TensorImpl again = impl(v.replay.apply(v.base.handleForReplay()));
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
    TensorImpl t = new TensorImpl(storage, layout, dtype, ESCAPED | REQUIRES_GRAD);
    t.node = edge();
    t.output = output;
    return t;
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
