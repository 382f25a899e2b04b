package dev.flambeau;

import java.util.Arrays;

/** Joining tensors along a dim. */
final class Joining {
  private Joining() {}

  static Tensor cat(Tensor[] tensors, int dim) {
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
    long[] sizes = first.sizes().clone();
    if (sizes.length == 0) {
      throw new IllegalArgumentException("cat: 0-d tensors cannot be joined; use stack");
    }
    long length = 0;
    for (int i = 0; i < tensors.length; i++) {
      if (isNothing(tensors[i])) {
        continue;
      }
      long[] s = tensors[i].sizes();
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
                + Dims.text(first.sizes())
                + "; all sizes except that of dim "
                + d
                + " must be the same");
      }
      length += s[d];
    }
    sizes[d] = isNothing(first) ? 0 : length;
    Tensor y = first.fresh(type, sizes);
    Recording r = Autograd.record("CatBackward0", y);
    long at = 0;
    for (Tensor t : tensors) {
      if (isNothing(t)) {
        r.input(t, (g, saved) -> g.fresh(g.dtype(), new long[] {0}));
        continue;
      }
      long n = t.sizes()[d];
      long from = at;
      Copy.into("cat", t, part(y, d, from, n));
      r.input(t, (g, saved) -> g.narrow(d, from, n));
      at += n;
    }
    return r.result();
  }

  static Tensor stack(Tensor[] tensors, int dim) {
    if (tensors.length == 0) {
      throw new IllegalArgumentException("stack: needs at least one tensor");
    }
    Tensor first = tensors[0];
    int d = Dims.wrap("stack", dim, first.dim() + 1);
    DType type = first.dtype();
    for (int i = 0; i < tensors.length; i++) {
      Pointwise.sameDevice("stack", first, tensors[i]);
      type = DType.promote(type, tensors[i].dtype());
      if (!Arrays.equals(first.sizes(), tensors[i].sizes())) {
        throw new IllegalArgumentException(
            "stack: tensor "
                + i
                + " has shape "
                + Dims.text(tensors[i].sizes())
                + ", the first "
                + Dims.text(first.sizes())
                + "; all must be the same");
      }
    }
    long[] sizes = new long[first.dim() + 1];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = i == d ? tensors.length : first.sizes()[i < d ? i : i - 1];
    }
    Tensor y = first.fresh(type, sizes);
    Recording r = Autograd.record("StackBackward0", y);
    for (int i = 0; i < tensors.length; i++) {
      int at = i;
      long[] strides = y.layout().strides;
      boolean[] gone = new boolean[sizes.length];
      gone[d] = true;
      Layout slot =
          new Layout(
              Dims.reduced(sizes, gone, false),
              Dims.reduced(strides, gone, false),
              at * strides[d]);
      Copy.into("stack", tensors[i], y.share(slot));
      r.input(tensors[i], (g, saved) -> g.select(d, at));
    }
    return r.result();
  }

  private static boolean isNothing(Tensor t) {
    return t.dim() == 1 && t.numel() == 0;
  }

  private static Tensor part(Tensor y, int d, long from, long n) {
    long[] sizes = y.sizes().clone();
    sizes[d] = n;
    return y.share(new Layout(sizes, y.layout().strides, from * y.layout().strides[d]));
  }
}
