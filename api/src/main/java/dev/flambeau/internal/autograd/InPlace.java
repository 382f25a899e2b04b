package dev.flambeau.internal.autograd;

import static dev.flambeau.internal.kernels.DTypes.category;
import static dev.flambeau.internal.tensor.TensorHandle.beforeWrite;
import static dev.flambeau.internal.tensor.TensorHandle.layout;
import static dev.flambeau.internal.tensor.TensorHandle.partlyOverlap;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorHandle.written;
import static dev.flambeau.internal.tensor.TensorImpl.emptyRowMajor;
import static dev.flambeau.internal.tensor.TensorImpl.impl;

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
   * @throws IllegalArgumentException when the result does not fit into {@code x}, or elements of
   *     {@code x} share memory
   */
  public static Tensor write(
      String op, Tensor x, boolean othersNeedGrad, UnaryOperator<Tensor> compute) {
    refuseOverlap(op, x);
    return writeAny(op, x, othersNeedGrad, compute);
  }

  /** As {@link #write}, of one value for all elements, which may share memory. */
  public static Tensor fill(String op, Tensor x, UnaryOperator<Tensor> compute) {
    return writeAny(op, x, false, compute);
  }

  /** Writes the values of {@code source}, broadcast, converted and from any device. */
  public static Tensor copy(String op, Tensor target, Tensor source) {
    long[] sizes = Dims.broadcast(op, sizes(target), sizes(source));
    if (!Arrays.equals(sizes, sizes(target))) {
      throw new IllegalArgumentException(
          op
              + ": shape "
              + Dims.text(sizes(source))
              + " does not broadcast to "
              + Dims.text(sizes(target)));
    }
    return write(
        op,
        target,
        GradMode.needsGrad(source),
        x -> {
          Tensor s = source.to(target.device());
          if (x == target && !partlyOverlap(x, s)) {
            Copy.into(op, s, x);
            written(x, op);
            return x;
          }
          Tensor y = emptyRowMajor(x, x.dtype());
          Copy.into(op, s, y);
          return Recording.of("CopyBackwards", y)
              .input(x, (g, saved) -> g.zerosLike())
              .input(s, (g, saved) -> g)
              .result();
        });
  }

  private static Tensor writeAny(
      String op, Tensor x, boolean othersNeedGrad, UnaryOperator<Tensor> compute) {
    boolean records = GradMode.get().enabled;
    boolean graph = false;
    if (records) {
      refuseApart(op, x, othersNeedGrad);
      refuseLeaf(op, x);
      graph = othersNeedGrad || x.requiresGrad();
    }
    Tensor base = graph ? impl(x).viewBase() : null;
    ViewGradients place = base == null ? null : new ViewGradients(op, base, x);
    beforeWrite(op, x); // when nothing above has refused the write
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
      if (place == null) {
        impl(x).replaceHistory(impl(r).edge(), impl(r).output());
      } else {
        place.rebase(base, r);
      }
    }
    return x;
  }

  private static void refuseOverlap(String op, Tensor x) {
    if (layout(x).overlaps()) {
      throw new IllegalArgumentException(
          op
              + ": elements of a tensor of shape "
              + Dims.text(sizes(x))
              + " with strides "
              + Arrays.toString(x.stride())
              + " share memory, so that each would be written several times; use copy() first");
    }
  }

  private static void refuseApart(String op, Tensor x, boolean othersNeedGrad) {
    if (impl(x).isViewApart()
        && (othersNeedGrad || x.requiresGrad() || impl(x).viewBase().requiresGrad())) {
      throw new IllegalStateException(
          op
              + ": a view that was made under noGrad, or in a Function's forward, cannot be changed in"
              + " place while gradients are recorded, as the graph does not know it; make the view"
              + " outside, change a copy(), or change it under Autograd.noGrad()");
    }
  }

  static void refuseLeaf(String op, Tensor x) {
    Tensor base = impl(x).viewBase();
    boolean ofLeaf = base != null && base.isLeaf();
    if (x.requiresGrad() || ofLeaf && base.requiresGrad()) {
      if (x.isLeaf() || ofLeaf) {
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
}
