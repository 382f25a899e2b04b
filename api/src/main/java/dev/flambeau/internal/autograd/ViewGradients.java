package dev.flambeau.internal.autograd;

import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.layout;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorHandle.storage;
import static dev.flambeau.internal.tensor.TensorImpl.impl;
import static dev.flambeau.internal.tensor.TensorImpl.share;

import dev.flambeau.Tensor;
import dev.flambeau.internal.kernels.Copy;
import dev.flambeau.internal.kernels.Pointwise;
import dev.flambeau.internal.kernels.Reduce;
import dev.flambeau.internal.tensor.Dims;
import dev.flambeau.internal.tensor.Layout;
import dev.flambeau.internal.tensor.TensorImpl;

/**
 * What the gradients of a view and of its base have to do with each other, by where both lie in one
 * memory: however the view was made, its elements are those of the base at the same places.
 */
public final class ViewGradients {
  private static final String STRIDED = "AsStridedBackward0";

  private final Layout base;
  private final Layout view; // within memory that begins with the base

  /** What {@code op} needs to know of a view before it writes into it. */
  ViewGradients(String op, Tensor base, Tensor view) {
    if (!contains(base, view)) {
      throw new IllegalStateException(
          op
              + ": a view of shape "
              + Dims.text(sizes(view))
              + " has other memory than the tensor it was made from, which was given other memory"
              + " since; make the view anew");
    }
    if (layout(base).overlaps()) {
      throw new IllegalStateException(
          op
              + ": a view of a tensor of shape "
              + Dims.text(sizes(base))
              + " whose elements share memory cannot be changed in place; use copy() first");
    }
    this.base = layout(base);
    this.view = layout(view).from(layout(base).offset);
  }

  /** Whether the view still lies in the memory that its base reaches over. */
  public static boolean contains(Tensor base, Tensor view) {
    long from = layout(view).offset - layout(base).offset;
    boolean within = from >= 0 && from + layout(view).reach() <= layout(base).reach();
    return storage(base) == storage(view)
        && base.dtype() == view.dtype()
        && (within || view.numel() == 0); // which may stand behind the last element
  }

  /** Gives a view the place in the graph that it has in that of its base. */
  public static void follow(Tensor view, Tensor base) {
    ViewGradients of = new ViewGradients("view", base, view);
    Recording.of(STRIDED, view).input(base, (g, saved) -> of.put(g)).result();
  }

  /** Makes {@code r}'s history, of a value that was written into the view, part of the base's. */
  void rebase(Tensor base, Tensor r) {
    Recording.of("CopySlices", base)
        .input(base, (g, saved) -> clear(g))
        .input(r, (g, saved) -> take(g))
        .result();
    impl(base).replaceHistory(impl(base).edge(), impl(base).output());
  }

  /** Of a gradient of the base, the elements that the view has. */
  private Tensor take(Tensor g) {
    Tensor y = inMemory(g, false);
    return Recording.of(STRIDED, share(y, view.from(-layout(y).offset)))
        .input(g, (h, saved) -> put(h))
        .result();
  }

  /** A gradient of the base with 0 for the elements that the view has. */
  private Tensor clear(Tensor g) {
    Tensor y = inMemory(g, true);
    zero(share(y, view));
    return Recording.of("CopySlices", y).input(g, (h, saved) -> clear(h)).result();
  }

  /** A gradient of the view where the base has those elements, 0 elsewhere. */
  private Tensor put(Tensor g) {
    Layout once = view.withoutRepeats();
    Tensor sum = Reduce.sumTo(g.detach(), once.sizes);
    Tensor y = memory(g);
    zero(y);
    Copy.into("backward", sum, share(y, once));
    return Recording.of("AsStridedScatterBackward0", share(y, base.from(base.offset)))
        .input(g, (h, saved) -> take(h))
        .result();
  }

  /** Memory for what the base reaches over, of {@code g}'s dtype. */
  private Tensor memory(Tensor g) {
    return TensorImpl.empty(context(g), g.dtype(), Layout.contiguous("backward", base.reach()));
  }

  /** The gradient of the base, lying as the base does; {@code own}: in memory of its own. */
  private Tensor inMemory(Tensor g, boolean own) {
    if (!own && base.isDense() && layout(g).sameOrder(base)) {
      return g;
    }
    Tensor y = memory(g);
    Tensor as = share(y, base.from(base.offset));
    Copy.into("backward", g, as);
    return as;
  }

  private static void zero(Tensor x) {
    if (layout(x).isDense()) {
      Pointwise.fill(x, 0);
    } else {
      Tensor zero = TensorImpl.newEmpty("backward", x, x.dtype());
      Pointwise.fill(zero, 0);
      Copy.into("backward", zero, x);
    }
  }
}
