package dev.flambeau.internal.tensor;

import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.layout;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorImpl.newEmpty;
import static dev.flambeau.internal.tensor.TensorImpl.share;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import dev.flambeau.internal.autograd.Recording;
import dev.flambeau.internal.kernels.Copy;
import dev.flambeau.internal.kernels.Pointwise;
import dev.flambeau.internal.kernels.Require;
import java.util.Arrays;

/** One tensor from several: joined along a dim, or chosen element by element. */
public final class Joining {
  private Joining() {}

  public static Tensor cat(Tensor[] tensors, int dim) {
    Require.given("cat", "tensors", tensors);
    if (tensors.length == 0) {
      throw new IllegalArgumentException("cat: needs at least one tensor");
    }
    // PyTorch lets vectors without elements pass as nothing, whatever the rank of the others.
    Tensor first = tensors[0];
    DType type = first.dtype();
    for (Tensor t : tensors) {
      if (first.dim() == 1 && first.numel() == 0) {
        first = t;
      }
      Pointwise.sameDevice("cat", first, t);
      type = DType.promote(type, t.dtype());
    }
    int d = Dims.wrap("cat", dim, first.dim());
    long[] sizes = sizes(first).clone();
    if (sizes.length == 0) {
      throw new IllegalArgumentException("cat: 0-d tensors cannot be joined; use stack");
    }
    long length = 0;
    for (int i = 0; i < tensors.length; i++) {
      if (isNothing(tensors[i])) {
        continue;
      }
      long[] s = sizes(tensors[i]);
      boolean fits = s.length == sizes.length;
      for (int k = 0; fits && k < s.length; k++) {
        fits = k == d || s[k] == sizes[k];
      }
      if (!fits) {
        throw new IllegalArgumentException(
            "cat: tensor "
                + i
                + " has shape "
                + Dims.text(s)
                + ", the first "
                + Dims.text(sizes(first))
                + "; all sizes except that of dim "
                + d
                + " must be the same");
      }
      length += s[d];
      sizes[d] = length;
      if (length > Dims.LIMIT) { // before the sum can wrap
        Dims.check("cat", sizes);
      }
    }
    sizes[d] = isNothing(first) ? 0 : length;
    Tensor y = newEmpty("cat", first, type, sizes);
    Recording r = Recording.of("CatBackward0", y);
    long at = 0;
    for (Tensor t : tensors) {
      if (isNothing(t)) {
        r.input(t, (g, saved) -> newEmpty("cat backward", g, g.dtype(), 0));
        continue;
      }
      long n = sizes(t)[d];
      long from = at;
      Copy.into("cat", t, part(y, d, from, n));
      r.input(t, (g, saved) -> g.narrow(d, from, n));
      at += n;
    }
    return r.result();
  }

  public static Tensor stack(Tensor[] tensors, int dim) {
    Require.given("stack", "tensors", tensors);
    if (tensors.length == 0) {
      throw new IllegalArgumentException("stack: needs at least one tensor");
    }
    Tensor first = tensors[0];
    int d = Dims.wrap("stack", dim, first.dim() + 1);
    DType type = first.dtype();
    for (int i = 0; i < tensors.length; i++) {
      Pointwise.sameDevice("stack", first, tensors[i]);
      type = DType.promote(type, tensors[i].dtype());
      if (!Arrays.equals(sizes(first), sizes(tensors[i]))) {
        throw new IllegalArgumentException(
            "stack: tensor "
                + i
                + " has shape "
                + Dims.text(sizes(tensors[i]))
                + ", the first "
                + Dims.text(sizes(first))
                + "; all must be the same");
      }
    }
    long[] sizes = new long[first.dim() + 1];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = i == d ? tensors.length : sizes(first)[i < d ? i : i - 1];
    }
    Tensor y = newEmpty("stack", first, type, sizes);
    Recording r = Recording.of("StackBackward0", y);
    for (int i = 0; i < tensors.length; i++) {
      int at = i;
      long[] strides = layout(y).strides;
      boolean[] gone = new boolean[sizes.length];
      gone[d] = true;
      Layout slot =
          Layout.strided(
              "stack",
              Dims.reduced(sizes, gone, false),
              Dims.reduced(strides, gone, false),
              at * strides[d]);
      Copy.into("stack", tensors[i], share(y, slot));
      r.input(tensors[i], (g, saved) -> g.select(d, at));
    }
    return r.result();
  }

  /** {@code condition ? a : b}, element by element. */
  public static Tensor where(Tensor condition, Tensor a, Tensor b) {
    Require.given("where", "condition", condition);
    Require.given("where", "a", a);
    Require.given("where", "b", b);
    Require.requireBool("where", condition);
    if (context(condition) != context(a) || context(a) != context(b)) {
      Tensor[] t = Pointwise.together(condition, a, b);
      if (t[0] != condition || t[1] != a || t[2] != b) {
        return where(t[0], t[1], t[2]);
      }
    }
    DType type = Pointwise.meet("where", a, b);
    Pointwise.sameDevice("where", condition, a);
    return Recording.of("WhereBackward0", Pointwise.where(condition, a, b, type))
        .saves(condition)
        .input(a, (g, saved) -> where(saved.get(0), g, g.zerosLike()))
        .input(b, (g, saved) -> where(saved.get(0), g.zerosLike(), g))
        .result();
  }

  private static boolean isNothing(Tensor t) {
    return t.dim() == 1 && t.numel() == 0;
  }

  private static Tensor part(Tensor y, int d, long from, long n) {
    long[] sizes = sizes(y).clone();
    sizes[d] = n;
    long[] strides = layout(y).strides;
    return share(y, Layout.strided("cat", sizes, strides, from * strides[d]));
  }
}
