package dev.flambeau;

import dev.flambeau.spi.Kernels;
import java.util.Arrays;

/**
 * How reductions are called, and what they give for nothing. The calls record nothing; {@link
 * #sumTo} and {@link #unreduced} are ordinary ops.
 */
final class Reduce {
  private Reduce() {}

  /**
   * Reduces the dims of the mask. {@code empty}: the result over no elements; NaN with floats, null
   * to refuse.
   */
  static Tensor over(
      String op, int code, Tensor x, boolean[] mask, boolean keepdim, DType result, Double empty) {
    long[] sizes = Dims.reduced(x.sizes(), mask, keepdim);
    Tensor y = x.fresh(result, sizes);
    if (y.numel() == 0) {
      return y;
    }
    if (x.numel() == 0) {
      if (empty == null) {
        throw new IllegalArgumentException(
            op
                + ": nothing to reduce: shape "
                + Dims.text(x.sizes())
                + " has no elements along the reduced dims");
      }
      Pointwise.fill(y, result.encode(empty));
      return y;
    }
    AxisView v = AxisView.of(x, mask);
    DeviceContext c = x.context();
    int status =
        c.kernels.reduce(
            code, x.dtype().code(), v.outer(), v.len(), v.inner(), v.x().address(), y.address());
    c.check(op, status, v.x(), y, x);
    return y;
  }

  /** Values and indices of extremes along one dim, or only indices. */
  static MaxMin indexed(
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
                + Dims.text(x.sizes())
                + " has size 0, so it has no extreme");
      }
    }
    long[] sizes = Dims.reduced(x.sizes(), mask, keepdim);
    Tensor values = wantValues ? x.fresh(x.dtype(), sizes) : null;
    Tensor indices = x.fresh(DType.INT64, sizes);
    if (indices.numel() > 0) {
      AxisView v = AxisView.of(x, d);
      DeviceContext c = x.context();
      int status =
          c.kernels.reduceIndex(
              code,
              x.dtype().code(),
              v.outer(),
              v.len(),
              v.inner(),
              v.x().address(),
              wantValues ? values.address() : 0,
              indices.address());
      c.check(op, status, v.x(), indices, x, values);
    }
    return new MaxMin(values, indices);
  }

  /** The sum of a matrix's rows, as a bias needs it. */
  static Tensor rows(Tensor matrix) {
    long m = matrix.sizes()[0];
    long n = matrix.sizes()[1];
    Tensor y = matrix.fresh(matrix.dtype(), n);
    DeviceContext c = matrix.context();
    int type = matrix.dtype().code();
    int status = c.kernels.reduce(Kernels.REDUCE_SUM, type, 1, m, n, matrix.address(), y.address());
    c.check("sum", status, matrix, y);
    return y;
  }

  /** Summed over the dims in which {@code g} was broadcast from {@code sizes}. */
  static Tensor sumTo(Tensor g, long[] sizes) {
    int shift = g.dim() - sizes.length;
    int[] dims = new int[g.dim()];
    int n = 0;
    boolean within = false; // whether a dim that stays (as 1) is summed
    for (int i = 0; i < g.dim(); i++) {
      if (i < shift || sizes[i - shift] == 1 && g.sizes()[i] != 1) {
        dims[n++] = i;
        within |= i >= shift;
      }
    }
    Tensor y = n == 0 ? g : g.sum(Arrays.copyOf(dims, n), within);
    if (!Arrays.equals(y.sizes(), sizes)) {
      // Leading dims of size 1 go; or the gradient is smaller than the input and broadcasts to it.
      y = y.numel() == Dims.numel(sizes) ? y.reshape(sizes) : y.expand(sizes);
    }
    return y;
  }

  /**
   * A reduced tensor (or its gradient) with the reduced dims back as 1, so that it broadcasts to
   * {@code sizes}.
   */
  static Tensor unreduced(Tensor y, long[] sizes, boolean[] mask, boolean keepdim) {
    return keepdim ? y : y.reshape(Dims.reduced(sizes, mask, true));
  }

  /** Variances and, if wanted, means. */
  static VarMean moments(
      String op, Tensor x, boolean[] mask, boolean keepdim, double correction, boolean wantMean) {
    long[] sizes = Dims.reduced(x.sizes(), mask, keepdim);
    Tensor var = x.fresh(x.dtype(), sizes);
    Tensor mean = wantMean ? x.fresh(x.dtype(), sizes) : null;
    if (var.numel() > 0 && x.numel() > 0) {
      AxisView v = AxisView.of(x, mask);
      DeviceContext c = x.context();
      int status =
          c.kernels.moments(
              x.dtype().code(),
              v.outer(),
              v.len(),
              v.inner(),
              v.x().address(),
              wantMean ? mean.address() : 0,
              var.address(),
              correction);
      c.check(op, status, v.x(), var, mean, x);
    } else { // of nothing
      Pointwise.fill(var, x.dtype().encode(Double.NaN));
      if (wantMean) {
        Pointwise.fill(mean, x.dtype().encode(Double.NaN));
      }
    }
    return new VarMean(var, mean);
  }

  /** How many elements are reduced into one. */
  static long count(long[] sizes, boolean[] mask) {
    long n = 1;
    for (int i = 0; i < sizes.length; i++) {
      n *= mask[i] ? sizes[i] : 1;
    }
    return n;
  }
}
