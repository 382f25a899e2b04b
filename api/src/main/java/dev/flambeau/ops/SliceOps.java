package dev.flambeau.ops;

import static dev.flambeau.internal.tensor.TensorHandle.layout;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorImpl.emptyLike;
import static dev.flambeau.internal.tensor.TensorImpl.newEmpty;
import static dev.flambeau.internal.tensor.TensorImpl.share;

import dev.flambeau.Tensor;
import dev.flambeau.internal.autograd.Recording;
import dev.flambeau.internal.kernels.Copy;
import dev.flambeau.internal.tensor.Dims;
import dev.flambeau.internal.tensor.Layout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Parts of a tensor along a dim. All but {@link #flip} are views: they share memory with this
 * tensor, so a change of one is a change of the other. Parts by an index expression are in {@link
 * IndexOps}.
 */
public sealed interface SliceOps permits Tensor {
  /**
   * {@code length} elements of a dim, from {@code start}, which counts from the end if negative.
   */
  default Tensor narrow(int dim, long start, long length) {
    Tensor x = (Tensor) this;
    int d = Dims.wrap("narrow", dim, x.dim());
    if (x.dim() == 0) {
      throw new IllegalArgumentException("narrow: a 0-d tensor has no dims");
    }
    long n = sizes(x)[d];
    long from = start < 0 ? start + n : start;
    if (from < 0 || length < 0 || length > n - from) {
      throw new IndexOutOfBoundsException(
          "narrow: "
              + length
              + " elements from "
              + start
              + " do not lie in dim "
              + d
              + " of size "
              + n);
    }
    return x.slice(dim, from, from + length, 1);
  }

  /**
   * Elements {@code start}, {@code start + step}, ... before {@code end} of a dim; negative ends
   * count from the end.
   */
  default Tensor slice(int dim, long start, long end, long step) {
    return sliced("SliceBackward0", dim, start, end, step);
  }

  private Tensor sliced(String node, int dim, long start, long end, long step) {
    Tensor x = (Tensor) this;
    int d = Dims.wrap("slice", dim, x.dim());
    if (x.dim() == 0 || step < 1) {
      throw new IllegalArgumentException(
          "slice: "
              + (step < 1
                  ? "the step must be at least 1, got " + step
                  : "a 0-d tensor has no dims"));
    }
    long n = sizes(x)[d];
    long from = clip(start, n);
    long to = Math.max(clip(end, n), from);
    long[] sizes = sizes(x).clone();
    long[] strides = x.stride();
    sizes[d] = to == from ? 0 : (to - from - 1) / step + 1;
    long offset = x.storageOffset() + from * strides[d];
    // A step beyond the dim leaves one element at most, and no product of it may wrap.
    strides[d] *= step > n ? Math.min(step, Dims.LIMIT / Math.max(1, strides[d])) : step;
    long[] before = sizes(x);
    return Views.of(
        x,
        node,
        Layout.strided("slice", sizes, strides, offset),
        g -> embed(g, before, t -> t.slice(d, from, to, step)));
  }

  private static long clip(long i, long n) {
    long j = i < 0 ? i + n : i;
    return Math.max(0, Math.min(j, n));
  }

  /** One element of a dim, which the result no longer has; negative indices count from the end. */
  default Tensor select(int dim, long index) {
    Tensor x = (Tensor) this;
    int d = Dims.wrap("select", dim, x.dim());
    if (x.dim() == 0) {
      throw new IndexOutOfBoundsException("select: a 0-d tensor has no dims to index; use item()");
    }
    long n = sizes(x)[d];
    if (index < -n || index >= n) {
      throw new IndexOutOfBoundsException(
          "select: index " + index + " is out of range for dim " + d + " of size " + n);
    }
    long i = index < 0 ? index + n : index;
    boolean[] gone = new boolean[x.dim()];
    gone[d] = true;
    Layout layout =
        Layout.strided(
            "select",
            Dims.reduced(sizes(x), gone, false),
            Dims.reduced(layout(x).strides, gone, false),
            x.storageOffset() + i * layout(x).strides[d]);
    long[] before = sizes(x);
    return Views.of(x, "SelectBackward0", layout, g -> embed(g, before, t -> t.select(d, i)));
  }

  /** Zeros with the gradient at the elements of the view. */
  private static Tensor embed(Tensor g, long[] sizes, UnaryOperator<Tensor> view) {
    Tensor out = newEmpty("slice backward", g, g.dtype(), sizes).zero_();
    view.apply(out).copy_(g);
    return out;
  }

  /** The order of the elements reversed along dims; a copy. */
  default Tensor flip(int... dims) {
    Tensor x = (Tensor) this;
    boolean[] mask = new boolean[x.dim()];
    if (dims.length > 0) {
      mask = Dims.mask("flip", dims, x.dim());
    }
    long[] strides = x.stride();
    long offset = x.storageOffset();
    if (x.numel() > 0) {
      for (int d = 0; d < strides.length; d++) {
        if (mask[d]) {
          offset += (sizes(x)[d] - 1) * strides[d];
          strides[d] = -strides[d];
        }
      }
    }
    Tensor y = emptyLike(x, x.dtype());
    Copy.into("flip", share(x, Layout.strided("flip", sizes(x), strides, offset)), y);
    return Recording.of("FlipBackward0", y).input(x, (g, saved) -> g.flip(dims)).result();
  }

  /** Pieces of {@code size} along a dim, the last one smaller if need be; views. */
  default List<Tensor> split(long size, int dim) {
    Tensor x = (Tensor) this;
    int d = Dims.wrap("split", dim, x.dim());
    if (size < 1 || x.dim() == 0) {
      throw new IllegalArgumentException(
          "split: needs a size of at least 1 and a tensor with dims, got "
              + size
              + " and shape "
              + Dims.text(sizes(x)));
    }
    List<Tensor> parts = new ArrayList<>();
    long n = sizes(x)[d];
    for (long i = 0; i == 0 || i < n; i += size) {
      parts.add(sliced("SplitBackward0", d, i, Math.min(i + size, n), 1));
    }
    return parts;
  }

  /** At most {@code count} equal pieces along a dim; views. */
  default List<Tensor> chunk(int count, int dim) {
    Tensor x = (Tensor) this;
    int d = Dims.wrap("chunk", dim, x.dim());
    if (count < 1 || x.dim() == 0) {
      throw new IllegalArgumentException(
          "chunk: needs at least 1 piece and a tensor with dims, got "
              + count
              + " and shape "
              + Dims.text(sizes(x)));
    }
    return split(Math.max(1, (sizes(x)[d] + count - 1) / count), d);
  }

  /** The elements of a dim, one tensor each, which no longer has the dim; views. */
  default List<Tensor> unbind(int dim) {
    Tensor x = (Tensor) this;
    int d = Dims.wrap("unbind", dim, x.dim());
    if (x.dim() == 0) {
      throw new IndexOutOfBoundsException("unbind: a 0-d tensor has no dims");
    }
    List<Tensor> parts = new ArrayList<>();
    for (long i = 0; i < sizes(x)[d]; i++) {
      Tensor part = x.select(d, i);
      parts.add(Recording.rename(part, "UnbindBackward0"));
    }
    return parts;
  }
}
