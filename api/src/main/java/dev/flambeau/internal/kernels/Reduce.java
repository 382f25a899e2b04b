package dev.flambeau.internal.kernels;

import static dev.flambeau.internal.kernels.DTypes.code;
import static dev.flambeau.internal.kernels.DTypes.encode;
import static dev.flambeau.internal.tensor.TensorHandle.address;
import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.outputAddress;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorImpl.newEmpty;

import dev.flambeau.DType;
import dev.flambeau.MaxMin;
import dev.flambeau.Tensor;
import dev.flambeau.VarMean;
import dev.flambeau.internal.tensor.DeviceContext;
import dev.flambeau.internal.tensor.Dims;
import dev.flambeau.spi.Kernels;
import java.util.Arrays;

/**
 * How reductions are called, and what they give over no elements. The calls record nothing; {@link
 * #sumTo} and {@link #unreduced} are ordinary ops.
 */
public final class Reduce {
  private Reduce() {}

  /**
   * Reduces the dims of the mask. {@code empty}: the result over no elements; NaN with floats, null
   * to refuse.
   */
  public static Tensor over(
      String op, int code, Tensor x, boolean[] mask, boolean keepdim, DType result, Double empty) {
    long[] sizes = Dims.reduced(sizes(x), mask, keepdim);
    Tensor y = newEmpty(op, x, result, sizes);
    if (y.numel() == 0) {
      return y;
    }
    if (x.numel() == 0) {
      if (empty == null) {
        throw new IllegalArgumentException(
            op
                + ": nothing to reduce: shape "
                + Dims.text(sizes(x))
                + " has no elements along the reduced dims");
      }
      Pointwise.fill(y, encode(result, empty));
      return y;
    }
    AxisView v = AxisView.of(x, mask);
    DeviceContext c = context(x);
    int status =
        c.kernels.reduce(
            code, code(x.dtype()), v.outer(), v.len(), v.inner(), address(v.x()), outputAddress(y));
    c.check(op, status, v.x(), y, x);
    return y;
  }

  /** Values and indices of extremes along one dim, or only indices. */
  public static MaxMin indexed(
      String op, int code, Tensor x, int dim, boolean keepdim, boolean wantValues) {
    int d = Dims.wrap(op, dim, x.dim());
    boolean[] mask = new boolean[x.dim()];
    if (x.dim() > 0) {
      mask[d] = true;
      if (x.size(d) == 0) {
        throw new IndexOutOfBoundsException(
            op
                + ": dim "
                + d
                + " of shape "
                + Dims.text(sizes(x))
                + " has size 0, so it has no extreme");
      }
    }
    long[] sizes = Dims.reduced(sizes(x), mask, keepdim);
    Tensor values = wantValues ? newEmpty(op, x, x.dtype(), sizes) : null;
    Tensor indices = newEmpty(op, x, DType.INT64, sizes);
    if (indices.numel() > 0) {
      AxisView v = AxisView.of(x, d);
      DeviceContext c = context(x);
      int status =
          c.kernels.reduceIndex(
              code,
              code(x.dtype()),
              v.outer(),
              v.len(),
              v.inner(),
              address(v.x()),
              wantValues ? outputAddress(values) : 0,
              outputAddress(indices));
      c.check(op, status, v.x(), indices, x, values);
    }
    return new MaxMin(values, indices);
  }

  /** The sum of a matrix's rows, as a bias needs it. */
  public static Tensor rows(Tensor matrix) {
    long m = sizes(matrix)[0];
    long n = sizes(matrix)[1];
    Tensor y = newEmpty("sum", matrix, matrix.dtype(), n);
    DeviceContext c = context(matrix);
    int type = code(matrix.dtype());
    int status =
        c.kernels.reduce(Kernels.REDUCE_SUM, type, 1, m, n, address(matrix), outputAddress(y));
    c.check("sum", status, matrix, y);
    return y;
  }

  /** Summed over the dims in which {@code g} was broadcast from {@code sizes}. */
  public static Tensor sumTo(Tensor g, long[] sizes) {
    int shift = g.dim() - sizes.length;
    int[] dims = new int[g.dim()];
    int n = 0;
    boolean within = false; // whether a dim that stays (as 1) is summed
    for (int i = 0; i < g.dim(); i++) {
      if (i < shift || sizes[i - shift] == 1 && sizes(g)[i] != 1) {
        dims[n++] = i;
        within |= i >= shift;
      }
    }
    Tensor y = n == 0 ? g : g.sum(Arrays.copyOf(dims, n), within);
    if (!Arrays.equals(sizes(y), sizes)) {
      // Leading dims of size 1 go; or the gradient is smaller than the input and broadcasts to it.
      y = y.numel() == Dims.product(sizes, 0, sizes.length) ? y.reshape(sizes) : y.expand(sizes);
    }
    return y;
  }

  /**
   * A reduced tensor (or its gradient) with the reduced dims back as 1, so that it broadcasts to
   * {@code sizes}.
   */
  public static Tensor unreduced(Tensor y, long[] sizes, boolean[] mask, boolean keepdim) {
    return keepdim ? y : y.reshape(Dims.reduced(sizes, mask, true));
  }

  /** Variances and, if wanted, means. */
  public static VarMean moments(
      String op, Tensor x, boolean[] mask, boolean keepdim, double correction, boolean wantMean) {
    long[] sizes = Dims.reduced(sizes(x), mask, keepdim);
    Tensor var = newEmpty(op, x, x.dtype(), sizes);
    Tensor mean = wantMean ? newEmpty(op, x, x.dtype(), sizes) : null;
    if (var.numel() > 0 && x.numel() > 0) {
      AxisView v = AxisView.of(x, mask);
      DeviceContext c = context(x);
      int status =
          c.kernels.moments(
              code(x.dtype()),
              v.outer(),
              v.len(),
              v.inner(),
              address(v.x()),
              wantMean ? outputAddress(mean) : 0,
              outputAddress(var),
              correction);
      c.check(op, status, v.x(), var, mean, x);
    } else { // of nothing
      Pointwise.fill(var, encode(x.dtype(), Double.NaN));
      if (wantMean) {
        Pointwise.fill(mean, encode(x.dtype(), Double.NaN));
      }
    }
    return new VarMean(var, mean);
  }

  /** How many elements are reduced into one. */
  public static long count(long[] sizes, boolean[] mask) {
    long n = 1;
    for (int i = 0; i < sizes.length; i++) {
      n *= mask[i] ? sizes[i] : 1;
    }
    return n;
  }
}
