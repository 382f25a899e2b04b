package dev.flambeau;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * New shapes for the same elements. Most results are views: they share memory with this tensor, so
 * a change of one is a change of the other. Joining and repeating are in {@link JoinOps}.
 */
public sealed interface ShapeOps extends JoinOps permits Tensor {
  /**
   * This shape anew; one size may be -1 and is worked out. A view where strides allow it, else a
   * copy.
   */
  default Tensor reshape(long... sizes) {
    Tensor x = (Tensor) this;
    long[] target = resolve("reshape", x, sizes);
    long[] strides = x.layout().viewStrides(target);
    if (strides == null) {
      return x.contiguous().unsafeView(target);
    }
    return seen(x.isContiguous() ? "ViewBackward0" : "ReshapeAliasBackward0", target, strides);
  }

  /** As {@link #reshape(long...)}. */
  default Tensor reshape(Shape shape) {
    return reshape(shape.toArray());
  }

  /**
   * This shape anew, always a view; one size may be -1.
   *
   * @throws IllegalArgumentException when the strides do not allow a view
   */
  default Tensor view(long... sizes) {
    Tensor x = (Tensor) this;
    long[] target = resolve("view", x, sizes);
    long[] strides = x.layout().viewStrides(target);
    if (strides == null) {
      throw new IllegalArgumentException(
          "view: a tensor of shape "
              + Dims.text(x.sizes())
              + " with strides "
              + Arrays.toString(x.stride())
              + " cannot be seen as "
              + Dims.text(target)
              + " without a copy; use reshape");
    }
    return seen("ViewBackward0", target, strides);
  }

  private Tensor seen(String node, long[] target, long[] strides) {
    Tensor x = (Tensor) this;
    long[] sizesBefore = x.sizes();
    return view(
        node,
        new Layout(target, strides, x.storageOffset()),
        t -> t.reshape(target),
        g -> g.reshape(sizesBefore));
  }

  /** This in the shape of another tensor, as {@link #view(long...)}. */
  default Tensor viewAs(Tensor other) {
    return view(other.sizes());
  }

  /** The sizes with -1 worked out. */
  private static long[] resolve(String op, Tensor x, long[] sizes) {
    long[] out = sizes.clone();
    int unknown = -1;
    long known = 1;
    for (int i = 0; i < out.length; i++) {
      if (out[i] == -1 && unknown < 0) {
        unknown = i;
      } else if (out[i] < 0) {
        throw new IllegalArgumentException(
            op
                + ": "
                + Dims.text(sizes)
                + " is no shape; at most one size may be -1, the others not negative");
      } else {
        known *= out[i];
      }
    }
    if (unknown >= 0 && known != 0) {
      out[unknown] = x.numel() / known;
      known *= out[unknown];
    }
    if (unknown >= 0 && known == 0 && Dims.numel(sizes) == 0 || known != x.numel()) {
      throw new IllegalArgumentException(
          op
              + ": shape "
              + Dims.text(sizes)
              + " does not fit the "
              + x.numel()
              + " elements of shape "
              + Dims.text(x.sizes()));
    }
    return out;
  }

  /** All dims in one. */
  default Tensor flatten() {
    return flatten(0, -1);
  }

  /** Dims {@code start} and all later ones in one. */
  default Tensor flatten(int start) {
    return flatten(start, -1);
  }

  /** Dims {@code start} to {@code end} (included) in one. */
  default Tensor flatten(int start, int end) {
    Tensor x = (Tensor) this;
    int a = Dims.wrap("flatten", start, x.dim());
    int b = Dims.wrap("flatten", end, x.dim());
    if (a > b) {
      throw new IllegalArgumentException("flatten: dim " + start + " comes after dim " + end);
    }
    if (x.dim() == 0) {
      return x.reshape(1);
    }
    if (a == b) {
      return x;
    }
    long[] s = x.sizes();
    long[] out = new long[s.length - (b - a)];
    System.arraycopy(s, 0, out, 0, a);
    out[a] = Dims.product(s, a, b + 1);
    System.arraycopy(s, b + 1, out, a + 1, s.length - b - 1);
    return x.reshape(out);
  }

  /** Without the dims of size 1. */
  default Tensor squeeze() {
    Tensor x = (Tensor) this;
    boolean[] gone = new boolean[x.dim()];
    for (int i = 0; i < gone.length; i++) {
      gone[i] = x.sizes()[i] == 1;
    }
    return without("SqueezeBackward0", gone, Tensor::squeeze);
  }

  /** Without dim {@code dim} if its size is 1. */
  default Tensor squeeze(int dim) {
    Tensor x = (Tensor) this;
    int d = Dims.wrap("squeeze", dim, x.dim());
    boolean[] gone = new boolean[x.dim()];
    if (x.dim() > 0) {
      gone[d] = x.sizes()[d] == 1;
    }
    return without("SqueezeBackward1", gone, t -> t.squeeze(dim));
  }

  private Tensor without(String node, boolean[] gone, UnaryOperator<Tensor> replay) {
    Tensor x = (Tensor) this;
    long[] sizes = Dims.reduced(x.sizes(), gone, false);
    long[] strides = Dims.reduced(x.layout().strides, gone, false);
    long[] before = x.sizes();
    return view(
        node, new Layout(sizes, strides, x.storageOffset()), replay, g -> g.reshape(before));
  }

  /** With a new dim of size 1 before {@code dim}. */
  default Tensor unsqueeze(int dim) {
    Tensor x = (Tensor) this;
    int d = Dims.wrap("unsqueeze", dim, x.dim() + 1);
    long[] sizes = insert(x.sizes(), d, 1);
    long step = d < x.dim() ? x.sizes()[d] * x.layout().strides[d] : 1;
    long[] strides = insert(x.layout().strides, d, step);
    return view(
        "UnsqueezeBackward0",
        new Layout(sizes, strides, x.storageOffset()),
        t -> t.unsqueeze(dim),
        g -> g.squeeze(d));
  }

  private static long[] insert(long[] a, int at, long value) {
    long[] out = new long[a.length + 1];
    System.arraycopy(a, 0, out, 0, at);
    out[at] = value;
    System.arraycopy(a, at, out, at + 1, a.length - at);
    return out;
  }

  /** With two dims exchanged. */
  default Tensor transpose(int dim0, int dim1) {
    Tensor x = (Tensor) this;
    int a = Dims.wrap("transpose", dim0, x.dim());
    int b = Dims.wrap("transpose", dim1, x.dim());
    return swap("TransposeBackward0", a, b);
  }

  /** A matrix with rows and columns exchanged; vectors stay. */
  default Tensor t() {
    Tensor x = (Tensor) this;
    if (x.dim() > 2) {
      throw new IllegalArgumentException(
          "t: needs at most 2 dimensions, got shape "
              + Dims.text(x.sizes())
              + "; use mT() or transpose");
    }
    return swap("TBackward0", 0, x.dim() - 1);
  }

  /** The last two dims exchanged. */
  default Tensor mT() {
    return transpose(-2, -1);
  }

  private Tensor swap(String node, int a, int b) {
    Tensor x = (Tensor) this;
    long[] sizes = x.sizes().clone();
    long[] strides = x.stride();
    if (sizes.length > 0) {
      sizes[a] = x.sizes()[b];
      sizes[b] = x.sizes()[a];
      strides[a] = x.layout().strides[b];
      strides[b] = x.layout().strides[a];
    }
    boolean matrix = node.equals("TBackward0");
    return view(
        node,
        new Layout(sizes, strides, x.storageOffset()),
        t -> matrix ? t.t() : t.transpose(a, b),
        g -> matrix ? g.t() : g.transpose(a, b));
  }

  /** The dims in another order; each is named once. */
  default Tensor permute(int... dims) {
    Tensor x = (Tensor) this;
    if (dims.length != x.dim()) {
      throw new IllegalArgumentException(
          "permute: "
              + Arrays.toString(dims)
              + " must name all "
              + x.dim()
              + " dims of shape "
              + Dims.text(x.sizes()));
    }
    Dims.mask("permute", dims, x.dim());
    int n = dims.length;
    long[] sizes = new long[n];
    long[] strides = new long[n];
    int[] back = new int[n];
    for (int i = 0; i < n; i++) {
      int d = Dims.wrap("permute", dims[i], n);
      sizes[i] = x.sizes()[d];
      strides[i] = x.layout().strides[d];
      back[d] = i;
    }
    int[] order = dims.clone();
    return view(
        "PermuteBackward0",
        new Layout(sizes, strides, x.storageOffset()),
        t -> t.permute(order),
        g -> g.permute(back));
  }

  /**
   * Dims of size 1 repeated to the given sizes, without a copy; -1 keeps a size; new dims come
   * first.
   */
  default Tensor expand(long... sizes) {
    Tensor x = (Tensor) this;
    long[] out = sizes.clone();
    int shift = sizes.length - x.dim();
    boolean fits = shift >= 0;
    for (int i = 0; fits && i < out.length; i++) {
      if (i >= shift) {
        long have = x.sizes()[i - shift];
        out[i] = out[i] == -1 ? have : out[i];
        fits = have == out[i] || have == 1;
      }
      fits &= out[i] >= 0;
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "expand: shape "
              + Dims.text(x.sizes())
              + " does not expand to "
              + Dims.text(sizes)
              + "; only sizes of 1 repeat, and new dims come first");
    }
    return view(
        "ExpandBackward0",
        new Layout(out, x.layout().broadcastStrides(out), x.storageOffset()),
        t -> t.expand(out),
        g -> g);
  }

  /** Expanded to another tensor's shape. */
  default Tensor expandAs(Tensor other) {
    return expand(other.sizes());
  }

  /** {@code length} elements of a dim, from {@code start}. */
  default Tensor narrow(int dim, long start, long length) {
    Tensor x = (Tensor) this;
    int d = Dims.wrap("narrow", dim, x.dim());
    if (x.dim() == 0) {
      throw new IllegalArgumentException("narrow: a 0-d tensor has no dims");
    }
    long n = x.sizes()[d];
    long from = start < 0 ? start + n : start;
    if (from < 0 || length < 0 || from + length > n) {
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
    long n = x.sizes()[d];
    long from = clip(start, n);
    long to = Math.max(clip(end, n), from);
    long[] sizes = x.sizes().clone();
    long[] strides = x.stride();
    sizes[d] = (to - from + step - 1) / step;
    long offset = x.storageOffset() + from * strides[d];
    strides[d] *= step;
    long[] before = x.sizes();
    return view(
        node,
        new Layout(sizes, strides, offset),
        t -> t.slice(dim, from, to, step),
        g -> embed(g, before, t -> t.slice(d, from, to, step)));
  }

  private static long clip(long i, long n) {
    long j = i < 0 ? i + n : i;
    return Math.max(0, Math.min(j, n));
  }

  /** One element of a dim; the dim goes. Negative indices count from the end. */
  default Tensor select(int dim, long index) {
    Tensor x = (Tensor) this;
    int d = Dims.wrap("select", dim, x.dim());
    if (x.dim() == 0) {
      throw new IndexOutOfBoundsException("select: a 0-d tensor has no dims to index; use item()");
    }
    long n = x.sizes()[d];
    if (index < -n || index >= n) {
      throw new IndexOutOfBoundsException(
          "select: index " + index + " is out of range for dim " + d + " of size " + n);
    }
    long i = index < 0 ? index + n : index;
    boolean[] gone = new boolean[x.dim()];
    gone[d] = true;
    Layout layout =
        new Layout(
            Dims.reduced(x.sizes(), gone, false),
            Dims.reduced(x.layout().strides, gone, false),
            x.storageOffset() + i * x.layout().strides[d]);
    long[] before = x.sizes();
    return view(
        "SelectBackward0",
        layout,
        t -> t.select(dim, index),
        g -> embed(g, before, t -> t.select(d, i)));
  }

  /** Zeros with the gradient where the view looked. */
  private static Tensor embed(Tensor g, long[] sizes, UnaryOperator<Tensor> view) {
    Tensor out = g.fresh(g.dtype(), sizes).zero_();
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
          offset += (x.sizes()[d] - 1) * strides[d];
          strides[d] = -strides[d];
        }
      }
    }
    Tensor y = Copy.rowMajor(x.share(new Layout(x.sizes(), strides, offset)));
    return Autograd.record("FlipBackward0", y).input(x, (g, saved) -> g.flip(dims)).result();
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
              + Dims.text(x.sizes()));
    }
    List<Tensor> parts = new ArrayList<>();
    long n = x.sizes()[d];
    for (long i = 0; i == 0 || i < n; i += size) {
      parts.add(((ShapeOps) x).sliced("SplitBackward0", d, i, Math.min(i + size, n), 1));
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
              + Dims.text(x.sizes()));
    }
    return split(Math.max(1, (x.sizes()[d] + count - 1) / count), d);
  }

  /** The elements of a dim, each without it; views. */
  default List<Tensor> unbind(int dim) {
    Tensor x = (Tensor) this;
    int d = Dims.wrap("unbind", dim, x.dim());
    if (x.dim() == 0) {
      throw new IndexOutOfBoundsException("unbind: a 0-d tensor has no dims");
    }
    List<Tensor> parts = new ArrayList<>();
    for (long i = 0; i < x.sizes()[d]; i++) {
      Tensor part = x.select(d, i);
      if (part.gradFn() != null) {
        part.gradFn().rename("UnbindBackward0");
      }
      parts.add(part);
    }
    return parts;
  }

  /**
   * A view with another layout, recorded: {@code replay} makes it from any such tensor, {@code
   * back} is its gradient.
   */
  private Tensor view(
      String node, Layout layout, UnaryOperator<Tensor> replay, UnaryOperator<Tensor> back) {
    Tensor x = (Tensor) this;
    Tensor y = x.share(layout);
    if (Autograd.needsGrad(x)) {
      Autograd.record(node, y).input(x, (g, saved) -> back.apply(g)).result();
    }
    return y.asViewOf(x, replay);
  }
}
