package dev.flambeau.ops;

import static dev.flambeau.internal.tensor.TensorHandle.layout;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;

import dev.flambeau.Shape;
import dev.flambeau.Tensor;
import dev.flambeau.internal.kernels.Require;
import dev.flambeau.internal.tensor.Dims;
import dev.flambeau.internal.tensor.Layout;
import java.util.Arrays;

/**
 * New shapes for the same elements. Most results are views: they share memory with this tensor, so
 * a change of one is a change of the other. Parts of it are in {@link SliceOps}, copies in {@link
 * CopyOps}.
 */
public sealed interface ShapeOps permits Tensor {
  /**
   * The elements in row-major order in another shape; one size may be -1, and is then computed from
   * the others. A view where the strides allow it, else a copy.
   */
  default Tensor reshape(long... sizes) {
    Tensor x = (Tensor) this;
    long[] target = resolve("reshape", x, sizes);
    long[] strides = layout(x).viewStrides(target);
    if (strides == null) {
      return Views.unsafe(x.contiguous(), target);
    }
    return seen(x.isContiguous() ? "ViewBackward0" : "ReshapeAliasBackward0", target, strides);
  }

  /** The elements in the shape of a {@link Shape}, as {@link #reshape(long...)}. */
  default Tensor reshape(Shape shape) {
    return reshape(shape.toArray());
  }

  /**
   * The elements in another shape, always a view; one size may be -1, and is then computed from the
   * others.
   *
   * @throws IllegalArgumentException when the strides do not allow a view
   */
  default Tensor view(long... sizes) {
    return view("view", sizes);
  }

  private Tensor view(String op, long[] sizes) {
    Tensor x = (Tensor) this;
    long[] target = resolve(op, x, sizes);
    long[] strides = layout(x).viewStrides(target);
    if (strides == null) {
      throw new IllegalArgumentException(
          op
              + ": a tensor of shape "
              + Dims.text(sizes(x))
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
    long[] sizesBefore = sizes(x);
    return Views.of(
        x,
        node,
        Layout.strided("view", target, strides, x.storageOffset()),
        g -> g.reshape(sizesBefore));
  }

  /** A view in the shape of another tensor, as {@link #view(long...)}. */
  default Tensor viewAs(Tensor other) {
    Require.given("viewAs", "other", other);
    return view("viewAs", sizes(other));
  }

  /** The sizes with -1 worked out. */
  private static long[] resolve(String op, Tensor x, long[] sizes) {
    long[] out = sizes.clone();
    int unknown = -1;
    for (int i = 0; i < out.length; i++) {
      if (out[i] == -1 && unknown < 0) {
        unknown = i;
        out[i] = 1;
      } else if (out[i] < 0) {
        throw new IllegalArgumentException(
            op
                + ": "
                + Dims.text(sizes)
                + " is no shape; at most one size may be -1, the others not negative");
      }
    }
    long known = Dims.numel(op, out);
    boolean open = unknown >= 0 && known == 0; // any size would do
    if (unknown >= 0 && known != 0) {
      out[unknown] = x.numel() / known;
      known *= out[unknown];
    }
    if (open || known != x.numel()) {
      throw new IllegalArgumentException(
          op
              + ": shape "
              + Dims.text(sizes)
              + " does not fit the "
              + x.numel()
              + " elements of shape "
              + Dims.text(sizes(x)));
    }
    return out;
  }

  /** A vector of all elements: all dims joined. A view where {@link #reshape} gives one. */
  default Tensor flatten() {
    return flatten(0, -1);
  }

  /** Joins dim {@code start} and all later ones into one, as {@link #reshape}. */
  default Tensor flatten(int start) {
    return flatten(start, -1);
  }

  /** Joins dims {@code start} to {@code end} (included) into one, as {@link #reshape}. */
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
    long[] s = sizes(x);
    long[] out = new long[s.length - (b - a)];
    System.arraycopy(s, 0, out, 0, a);
    out[a] = Dims.product(s, a, b + 1);
    System.arraycopy(s, b + 1, out, a + 1, s.length - b - 1);
    return x.reshape(out);
  }

  /** A view without the dims of size 1. */
  default Tensor squeeze() {
    Tensor x = (Tensor) this;
    boolean[] gone = new boolean[x.dim()];
    for (int i = 0; i < gone.length; i++) {
      gone[i] = sizes(x)[i] == 1;
    }
    return without("SqueezeBackward0", gone);
  }

  /** A view without dim {@code dim} if its size is 1, else with it. */
  default Tensor squeeze(int dim) {
    Tensor x = (Tensor) this;
    int d = Dims.wrap("squeeze", dim, x.dim());
    boolean[] gone = new boolean[x.dim()];
    if (x.dim() > 0) {
      gone[d] = sizes(x)[d] == 1;
    }
    return without("SqueezeBackward1", gone);
  }

  private Tensor without(String node, boolean[] gone) {
    Tensor x = (Tensor) this;
    long[] sizes = Dims.reduced(sizes(x), gone, false);
    long[] strides = Dims.reduced(layout(x).strides, gone, false);
    long[] before = sizes(x);
    return Views.of(
        x,
        node,
        Layout.strided("squeeze", sizes, strides, x.storageOffset()),
        g -> g.reshape(before));
  }

  /** A view with a new dim of size 1 before {@code dim}; -1 puts it last. */
  default Tensor unsqueeze(int dim) {
    Tensor x = (Tensor) this;
    int d = Dims.wrap("unsqueeze", dim, x.dim() + 1);
    long[] sizes = insert(sizes(x), d, 1);
    long step = d < x.dim() ? sizes(x)[d] * layout(x).strides[d] : 1;
    long[] strides = insert(layout(x).strides, d, step);
    return Views.of(
        x,
        "UnsqueezeBackward0",
        Layout.strided("unsqueeze", sizes, strides, x.storageOffset()),
        g -> g.squeeze(d));
  }

  private static long[] insert(long[] a, int at, long value) {
    long[] out = new long[a.length + 1];
    System.arraycopy(a, 0, out, 0, at);
    out[at] = value;
    System.arraycopy(a, at, out, at + 1, a.length - at);
    return out;
  }

  /** A view with two dims exchanged. */
  default Tensor transpose(int dim0, int dim1) {
    Tensor x = (Tensor) this;
    int a = Dims.wrap("transpose", dim0, x.dim());
    int b = Dims.wrap("transpose", dim1, x.dim());
    return swap("TransposeBackward0", a, b);
  }

  /**
   * A view of a matrix with rows and columns exchanged; vectors and 0-d tensors stay as they are.
   */
  default Tensor t() {
    Tensor x = (Tensor) this;
    if (x.dim() > 2) {
      throw new IllegalArgumentException(
          "t: needs at most 2 dimensions, got shape "
              + Dims.text(sizes(x))
              + "; use mT() or transpose");
    }
    return swap("TBackward0", 0, x.dim() - 1);
  }

  /** A view with the last two dims exchanged: each matrix of a batch transposed. */
  default Tensor mT() {
    int rank = ((Tensor) this).dim();
    return swap("TransposeBackward0", Dims.wrap("mT", -2, rank), Dims.wrap("mT", -1, rank));
  }

  private Tensor swap(String node, int a, int b) {
    Tensor x = (Tensor) this;
    long[] sizes = sizes(x).clone();
    long[] strides = x.stride();
    if (sizes.length > 0) {
      sizes[a] = sizes(x)[b];
      sizes[b] = sizes(x)[a];
      strides[a] = layout(x).strides[b];
      strides[b] = layout(x).strides[a];
    }
    boolean matrix = node.equals("TBackward0");
    return Views.of(
        x,
        node,
        Layout.strided("transpose", sizes, strides, x.storageOffset()),
        g -> matrix ? g.t() : g.transpose(a, b));
  }

  /** A view with the dims in another order; each is named once. */
  default Tensor permute(int... dims) {
    Tensor x = (Tensor) this;
    if (dims.length != x.dim()) {
      throw new IllegalArgumentException(
          "permute: "
              + Arrays.toString(dims)
              + " must name all "
              + x.dim()
              + " dims of shape "
              + Dims.text(sizes(x)));
    }
    Dims.mask("permute", dims, x.dim());
    int n = dims.length;
    long[] sizes = new long[n];
    long[] strides = new long[n];
    int[] back = new int[n];
    for (int i = 0; i < n; i++) {
      int d = Dims.wrap("permute", dims[i], n);
      sizes[i] = sizes(x)[d];
      strides[i] = layout(x).strides[d];
      back[d] = i;
    }
    return Views.of(
        x,
        "PermuteBackward0",
        Layout.strided("permute", sizes, strides, x.storageOffset()),
        g -> g.permute(back));
  }

  /**
   * A view with dims of size 1 repeated to the given sizes; -1 keeps a size, and new dims come
   * first.
   */
  default Tensor expand(long... sizes) {
    return expand("expand", sizes);
  }

  private Tensor expand(String op, long[] sizes) {
    Tensor x = (Tensor) this;
    long[] out = sizes.clone();
    int shift = sizes.length - x.dim();
    boolean fits = shift >= 0;
    for (int i = 0; fits && i < out.length; i++) {
      if (i >= shift) {
        long have = sizes(x)[i - shift];
        out[i] = out[i] == -1 ? have : out[i];
        fits = have == out[i] || have == 1;
      }
      fits &= out[i] >= 0;
    }
    if (!fits) {
      throw new IllegalArgumentException(
          op
              + ": shape "
              + Dims.text(sizes(x))
              + " does not expand to "
              + Dims.text(sizes)
              + "; only sizes of 1 repeat, and new dims come first");
    }
    return Views.of(
        x,
        "ExpandBackward0",
        Layout.strided(op, out, layout(x).broadcastStrides(out), x.storageOffset()),
        g -> g);
  }

  /** A view expanded to another tensor's shape, as {@link #expand}. */
  default Tensor expandAs(Tensor other) {
    Require.given("expandAs", "other", other);
    return expand("expandAs", sizes(other));
  }
}
