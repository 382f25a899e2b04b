package dev.flambeau.internal.kernels;

import static dev.flambeau.internal.tensor.TensorHandle.layout;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorImpl.share;

import dev.flambeau.Tensor;
import dev.flambeau.internal.tensor.Dims;
import dev.flambeau.internal.tensor.Layout;

/**
 * A tensor brought to the form (outer, len, inner) of kernels that work along an axis: element (o,
 * k, i) is at {@code (o * len + k) * inner + i}. {@code x} is the tensor itself or a copy in the
 * right order.
 */
public record AxisView(Tensor x, long outer, long len, long inner) {
  /** Along one dim. The tensor is made row-major. */
  public static AxisView of(Tensor t, int dim) {
    Tensor x = Copy.contiguous(t);
    long[] s = sizes(x);
    if (s.length == 0) {
      return new AxisView(x, 1, 1, 1);
    }
    return new AxisView(x, Dims.product(s, 0, dim), s[dim], Dims.product(s, dim + 1, s.length));
  }

  /**
   * Along several dims at once, for reductions that do not mind the order within the reduced
   * elements.
   */
  static AxisView of(Tensor t, boolean[] reduced) {
    int rank = reduced.length;
    int first = 0;
    while (first < rank && !reduced[first]) {
      first++;
    }
    int end = first;
    while (end < rank && reduced[end]) {
      end++;
    }
    boolean together = true;
    for (int i = end; i < rank; i++) {
      together &= !reduced[i];
    }
    long[] s = sizes(t);
    if (together && first == 0 && end == rank) {
      return new AxisView(layout(t).isDense() ? t : Copy.rowMajor(t), 1, t.numel(), 1);
    }
    if (together) {
      Tensor x = Copy.contiguous(t);
      return new AxisView(
          x, Dims.product(s, 0, first), Dims.product(s, first, end), Dims.product(s, end, rank));
    }
    // The reduced dims go last, in a copy.
    long[] sizes = new long[rank];
    long[] strides = new long[rank];
    int n = 0;
    long outer = 1;
    for (int pass = 0; pass < 2; pass++) {
      for (int i = 0; i < rank; i++) {
        if (reduced[i] == (pass == 1)) {
          sizes[n] = s[i];
          strides[n++] = layout(t).strides[i];
          outer *= pass == 0 ? s[i] : 1;
        }
      }
    }
    Layout ordered = Layout.strided("reduce", sizes, strides, layout(t).offset);
    Tensor x = Copy.contiguous(share(t, ordered));
    return new AxisView(x, outer, outer == 0 ? 0 : t.numel() / outer, 1);
  }
}
