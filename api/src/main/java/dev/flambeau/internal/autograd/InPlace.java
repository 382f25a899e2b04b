package dev.flambeau.internal.autograd;

import static dev.flambeau.internal.kernels.DTypes.category;
import static dev.flambeau.internal.tensor.TensorHandle.layout;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorHandle.storage;
import static dev.flambeau.internal.tensor.TensorHandle.written;
import static dev.flambeau.internal.tensor.TensorImpl.impl;
import static dev.flambeau.internal.tensor.TensorImpl.share;

import dev.flambeau.Tensor;
import dev.flambeau.internal.kernels.Copy;
import dev.flambeau.internal.tensor.Dims;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/** How a change of a tensor in place is recorded. */
public final class InPlace {
  private InPlace() {}

  /**
   * Writes the result of an op back into {@code x}, and gives {@code x} the result's place in the
   * graph. {@code compute} gets a tensor with {@code x}'s value and history, which is {@code x}
   * itself when nothing is recorded.
   *
   * @throws IllegalStateException for a leaf that requires gradients, or a view of one
   * @throws IllegalArgumentException when the result does not fit into {@code x}
   */
  public static Tensor write(
      String op, Tensor x, boolean othersNeedGrad, UnaryOperator<Tensor> compute) {
    storage(x).requireWritable(op);
    boolean records = GradMode.get().enabled;
    boolean graph = records && (othersNeedGrad || x.requiresGrad());
    if (records) {
      refuseLeaf(op, x);
    }
    // Recorded: the op may save its input, which this write is about to change, so it works on a
    // copy.
    Tensor old = graph ? snapshot(x) : x;
    Tensor r = compute.apply(old);
    fits(op, x, r);
    if (r != x) {
      Copy.into(op, r, x);
      written(x, op);
    }
    if (graph && impl(r).edge() != null) {
      rebase(x, r);
    }
    return x;
  }

  static void refuseLeaf(String op, Tensor x) {
    if (x.requiresGrad()) {
      Tensor base = impl(x).viewBase();
      if (x.isLeaf() || base != null && base.isLeaf() && base.requiresGrad()) {
        throw new IllegalStateException(
            op
                + ": a leaf that requires gradients"
                + (base == null ? "" : " (through a view of it)")
                + " cannot be changed in place while gradients are recorded; do it under Autograd.noGrad()");
      }
    }
  }

  private static void fits(String op, Tensor x, Tensor r) {
    if (!Arrays.equals(sizes(x), sizes(r))) {
      throw new IllegalArgumentException(
          op
              + ": the result has shape "
              + Dims.text(sizes(r))
              + ", which does not fit into a tensor of shape "
              + Dims.text(sizes(x)));
    }
    if (category(r.dtype()).compareTo(category(x.dtype())) > 0) {
      throw new IllegalArgumentException(
          op
              + ": the result is "
              + r.dtype()
              + ", which cannot be written into a tensor of "
              + x.dtype());
    }
  }

  /** A copy of the values with the same place in the graph. */
  private static Tensor snapshot(Tensor x) {
    Tensor copy;
    try (var off = GradMode.set(false)) {
      copy = x.copy();
    }
    GraphNode edge = impl(x).edge();
    if (edge != null) {
      impl(copy).setHistory(edge, impl(x).output());
    }
    return copy;
  }

  /**
   * Makes {@code r}'s history that of {@code x}, or, if {@code x} is a view, part of its base's.
   */
  private static void rebase(Tensor x, Tensor r) {
    Tensor base = impl(x).viewBase();
    if (base == null) {
      impl(x).replaceHistory(impl(r).edge(), impl(r).output());
      return;
    }
    UnaryOperator<Tensor> view = impl(x).viewReplay();
    Tensor written = share(base, layout(base));
    Recording node = Recording.of("CopySlices", written);
    node.input(
            base,
            (g, saved) -> {
              Tensor rest = g.copy();
              view.apply(rest).zero_();
              return rest;
            })
        .input(r, (g, saved) -> view.apply(g).copy())
        .result();
    impl(base).replaceHistory(impl(written).edge(), 0);
  }
}
