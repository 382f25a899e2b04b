package dev.flambeau.internal.kernels;

import static dev.flambeau.internal.kernels.DTypes.code;
import static dev.flambeau.internal.tensor.TensorHandle.address;
import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.layout;
import static dev.flambeau.internal.tensor.TensorHandle.outputAddress;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorImpl.emptyRowMajor;
import static dev.flambeau.internal.tensor.TensorImpl.newEmpty;
import static dev.flambeau.internal.tensor.TensorImpl.share;

import dev.flambeau.Tensor;
import dev.flambeau.internal.tensor.DeviceContext;
import dev.flambeau.internal.tensor.Dims;
import dev.flambeau.internal.tensor.Layout;
import java.util.Arrays;

/**
 * How the index kernels are called: shapes checked, sources cut to the indices' extent. No
 * autograd.
 */
public final class IndexKernels {
  private IndexKernels() {}

  /** Indices have the tensor's rank, and nowhere but along {@code d} more than its sizes. */
  public static void checkIndex(String op, Tensor x, int d, Tensor index) {
    Require.index(op, index);
    Pointwise.sameDevice(op, x, index);
    boolean fits = Math.max(x.dim(), 1) == Math.max(index.dim(), 1);
    for (int i = 0; fits && i < Math.min(index.dim(), x.dim()); i++) {
      fits = i == d || sizes(index)[i] <= sizes(x)[i];
    }
    if (!fits && index.numel() > 0) {
      throw new IllegalArgumentException(
          op
              + ": the index has shape "
              + Dims.text(sizes(index))
              + ", the tensor "
              + Dims.text(sizes(x))
              + "; they must have one rank, and the index no greater sizes except along dim "
              + d);
    }
  }

  public static Tensor gather(Tensor x, int d, Tensor index) {
    Tensor y = emptyRowMajor(index, x.dtype());
    if (y.numel() == 0) {
      return y;
    }
    inRange("gather", x, d, index);
    AxisView v = AxisView.of(cut(x, d, index), d);
    Tensor i = Copy.contiguous(index);
    long count = index.dim() == 0 ? 1 : sizes(index)[d];
    DeviceContext c = context(x);
    int status =
        c.kernels.gather(
            code(x.dtype()),
            v.outer(),
            v.len(),
            count,
            v.inner(),
            address(v.x()),
            address(i),
            outputAddress(y));
    c.check("gather", status, v.x(), i, y, x);
    return y;
  }

  public static Tensor scatter(String op, int add, Tensor x, int d, Tensor index, Tensor source) {
    checkIndex(op, x, d, index);
    Pointwise.sameDevice(op, x, source);
    if (source.dtype() != x.dtype()) {
      throw new IllegalArgumentException(
          op
              + ": the source is "
              + source.dtype()
              + ", the tensor "
              + x.dtype()
              + "; convert one with to(dtype)");
    }
    boolean fits = source.dim() == index.dim();
    for (int k = 0; fits && k < index.dim(); k++) {
      fits = sizes(index)[k] <= sizes(source)[k];
    }
    if (!fits) {
      throw new IllegalArgumentException(
          op
              + ": the source has shape "
              + Dims.text(sizes(source))
              + ", the index "
              + Dims.text(sizes(index))
              + "; the source must cover the index");
    }
    Tensor y = Copy.rowMajor(x);
    if (index.numel() == 0) {
      return y;
    }
    inRange(op, x, d, index);
    Tensor part = cut(y, d, index);
    Tensor target = Copy.contiguous(part);
    Tensor s = source;
    for (int k = 0; k < index.dim(); k++) {
      s = narrowed(s, k, sizes(index)[k]);
    }
    s = Copy.contiguous(s);
    Tensor i = Copy.contiguous(index);
    AxisView v = AxisView.of(target, d);
    long count = index.dim() == 0 ? 1 : sizes(index)[d];
    DeviceContext c = context(x);
    int status =
        c.kernels.scatter(
            add,
            code(x.dtype()),
            v.outer(),
            v.len(),
            count,
            v.inner(),
            address(i),
            address(s),
            outputAddress(target));
    c.check(op, status, i, s, target, y);
    if (target != part) {
      Copy.into(op, target, part);
    }
    return y;
  }

  public static Tensor indexSelect(Tensor x, int d, Tensor index) {
    checkVector("indexSelect", x, index);
    long[] sizes = sizes(x).clone();
    if (sizes.length > 0) {
      sizes[d] = index.numel();
    }
    inRange("indexSelect", x, d, index);
    Tensor y = newEmpty("indexSelect", x, x.dtype(), sizes);
    if (y.numel() > 0) {
      AxisView v = AxisView.of(x, d);
      Tensor i = Copy.contiguous(index);
      DeviceContext c = context(x);
      int status =
          c.kernels.indexSelect(
              code(x.dtype()),
              v.outer(),
              v.len(),
              i.numel(),
              v.inner(),
              address(v.x()),
              address(i),
              outputAddress(y));
      c.check("indexSelect", status, v.x(), i, y, x);
    }
    return y;
  }

  public static Tensor indexAdd(Tensor x, int d, Tensor index, Tensor source) {
    checkVector("indexAdd", x, index);
    Pointwise.sameDevice("indexAdd", x, source);
    long[] expected = sizes(x).clone();
    if (expected.length > 0) {
      expected[d] = index.numel();
    }
    if (!Arrays.equals(expected, sizes(source)) || source.dtype() != x.dtype()) {
      throw new IllegalArgumentException(
          "indexAdd: the source must be "
              + x.dtype()
              + " of shape "
              + Dims.text(expected)
              + ", got "
              + source.dtype()
              + " of shape "
              + Dims.text(sizes(source)));
    }
    inRange("indexAdd", x, d, index);
    Tensor y = Copy.rowMajor(x);
    if (source.numel() > 0) {
      AxisView v = AxisView.of(y, d);
      Tensor i = Copy.contiguous(index);
      Tensor s = Copy.contiguous(source);
      DeviceContext c = context(x);
      int status =
          c.kernels.indexAdd(
              code(x.dtype()),
              v.outer(),
              v.len(),
              i.numel(),
              v.inner(),
              address(i),
              address(s),
              outputAddress(y));
      c.check("indexAdd", status, i, s, y);
    }
    return y;
  }

  /** Checks indices into a tensor without elements, as there is no kernel call that would. */
  private static void inRange(String op, Tensor x, int d, Tensor index) {
    if (x.numel() > 0 || index.numel() == 0) {
      return;
    }
    long size = sizes(x)[d];
    long low = index.min().itemLong();
    long high = index.max().itemLong();
    if (low < 0 || high >= size) {
      throw new IndexOutOfBoundsException(
          op
              + ": index "
              + (low < 0 ? low : high)
              + " is out of range for dim "
              + d
              + " of size "
              + size);
    }
  }

  private static void checkVector(String op, Tensor x, Tensor index) {
    Require.index(op, index);
    Pointwise.sameDevice(op, x, index);
    if (index.dim() > 1) {
      throw new IllegalArgumentException(
          op + ": the index must have one dimension, got shape " + Dims.text(sizes(index)));
    }
  }

  /** The part of {@code x} that an index of smaller extent reaches; a view. */
  private static Tensor cut(Tensor x, int d, Tensor index) {
    Tensor y = x;
    for (int k = 0; k < Math.min(index.dim(), x.dim()); k++) {
      y = k == d ? y : narrowed(y, k, sizes(index)[k]);
    }
    return y;
  }

  private static Tensor narrowed(Tensor x, int k, long size) {
    if (sizes(x)[k] == size) {
      return x;
    }
    long[] sizes = sizes(x).clone();
    sizes[k] = size;
    Layout corner = Layout.strided("gather", sizes, layout(x).strides, x.storageOffset());
    return share(x, corner);
  }

  /**
   * A gradient in the corner of zeros of another shape, when the source was larger than the index.
   */
  public static Tensor padTo(Tensor g, long[] sizes) {
    if (Arrays.equals(sizes(g), sizes)) {
      return g;
    }
    Tensor out = newEmpty("scatter backward", g, g.dtype(), sizes).zero_();
    Tensor corner = out;
    for (int k = 0; k < sizes.length; k++) {
      corner = corner.slice(k, 0, sizes(g)[k], 1);
    }
    corner.copy_(g);
    return out;
  }
}
