package dev.flambeau.internal.kernels;

import static dev.flambeau.internal.kernels.DTypes.code;
import static dev.flambeau.internal.kernels.DTypes.encode;
import static dev.flambeau.internal.tensor.TensorHandle.address;
import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.layout;
import static dev.flambeau.internal.tensor.TensorHandle.outputAddress;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorImpl.newEmpty;

import dev.flambeau.Activation;
import dev.flambeau.DType;
import dev.flambeau.Tensor;
import dev.flambeau.internal.tensor.DeviceContext;
import dev.flambeau.internal.tensor.Dims;
import dev.flambeau.internal.tensor.Layout;
import dev.flambeau.internal.tensor.TensorHandle;
import dev.flambeau.internal.tensor.TensorImpl;
import java.util.Arrays;

/**
 * How the matrix kernel is called: strides instead of copies wherever a matrix has them. No
 * autograd.
 */
public final class Gemm {
  private Gemm() {}

  /** {@code a @ b (+ bias)} for a (m, k) and b (k, n); bias (n,) or null. */
  public static Tensor mm(String op, Tensor a, Tensor b, Tensor bias) {
    check(op, a, b);
    if (bias != null) {
      Pointwise.sameDevice(op, a, bias);
    }
    if (sizes(a)[1] != sizes(b)[0]) {
      throw new IllegalArgumentException(
          op
              + ": cannot multiply "
              + Dims.text(sizes(a))
              + " by "
              + Dims.text(sizes(b))
              + "; the first's columns ("
              + sizes(a)[1]
              + ") must equal the second's rows ("
              + sizes(b)[0]
              + ")");
    }
    return product(op, a, false, b, false, bias, null);
  }

  /** {@code a @ b}, each side transposed if so marked; the sizes fit. */
  public static Tensor mm(Tensor a, boolean transposeA, Tensor b, boolean transposeB) {
    check("mm", a, b);
    return product("mm", a, transposeA, b, transposeB, null, null);
  }

  /** {@code x @ weight^T + bias}, and {@code activation} unless it is null; the sizes fit. */
  public static Tensor linear(Tensor x, Tensor weight, Tensor bias, Activation activation) {
    check("linear", x, weight);
    Pointwise.sameDevice("linear", x, bias);
    return product("linear", x, false, weight, true, bias, activation);
  }

  private static Tensor product(
      String op,
      Tensor a,
      boolean transposeA,
      Tensor b,
      boolean transposeB,
      Tensor bias,
      Activation activation) {
    long m = sizes(a)[transposeA ? 1 : 0];
    long n = sizes(b)[transposeB ? 0 : 1];
    Tensor y = TensorImpl.empty(context(a), a.dtype(), Layout.matrix(op, m, n));
    run(op, a, transposeA, b, transposeB, bias, activation, y);
    return y;
  }

  /** {@code a @ b} for each of a batch; a (batch, m, k), b (batch, k, n). */
  public static Tensor bmm(String op, Tensor a, Tensor b) {
    check(op, a, b);
    long[] s = sizes(a);
    long[] r = sizes(b);
    if (s[0] != r[0] || s[2] != r[1]) {
      throw new IllegalArgumentException(
          op
              + ": cannot multiply "
              + Dims.text(s)
              + " by "
              + Dims.text(r)
              + "; expected (batch, m, k) and (batch, k, n)");
    }
    Tensor y = newEmpty(op, a, a.dtype(), s[0], s[1], r[2]);
    run(op, a, false, b, false, null, null, y);
    return y;
  }

  /**
   * One side of a product, a matrix or a batch of them, as the kernel sees it: transposing one only
   * changes strides.
   */
  private record Side(Layout layout, int rowDim, int columnDim) {
    static Side of(Tensor t, boolean transposed) {
      int last = t.dim() - 1;
      return new Side(
          TensorHandle.layout(t), transposed ? last : last - 1, transposed ? last - 1 : last);
    }

    /** How many matrices there are. */
    long count() {
      return layout.sizes.length == 2 ? 1 : layout.sizes[0];
    }

    long rows() {
      return layout.sizes[rowDim];
    }

    long columns() {
      return layout.sizes[columnDim];
    }

    /** From a matrix to the next, in elements. */
    long batchStride() {
      return layout.sizes.length == 2 ? 0 : layout.strides[0];
    }

    /** From a row to the next. */
    long rowStride() {
      return layout.strides[rowDim];
    }

    /** From a column to the next. */
    long columnStride() {
      return layout.strides[columnDim];
    }
  }

  private static void run(
      String op,
      Tensor a,
      boolean transposeA,
      Tensor b,
      boolean transposeB,
      Tensor bias,
      Activation activation,
      Tensor y) {
    if (y.numel() == 0) {
      return;
    }
    Side left = Side.of(a, transposeA);
    Side right = Side.of(b, transposeB);
    long m = left.rows();
    long k = left.columns();
    long n = right.columns();
    if (k == 0) { // a sum over nothing
      if (bias == null) {
        Pointwise.fill(y, encode(y.dtype(), 0L));
      } else {
        Copy.into(op, bias, y);
      }
      if (activation != null) {
        Pointwise.unaryInto(UnaryOp.of(activation), y, y, 0, 0);
      }
      return;
    }
    DeviceContext c = context(y);
    Tensor flatBias = bias == null ? null : Copy.contiguous(bias);
    int status =
        c.kernels.matmul(
            code(y.dtype()),
            activation == null ? 0 : UnaryOp.of(activation).code,
            left.count(),
            m,
            n,
            k,
            address(a),
            left.batchStride(),
            left.rowStride(),
            left.columnStride(),
            address(b),
            right.batchStride(),
            right.rowStride(),
            right.columnStride(),
            flatBias == null ? 0 : address(flatBias),
            outputAddress(y),
            m * n,
            n);
    c.check(op, status, a, b, y, flatBias);
  }

  private static void check(String op, Tensor a, Tensor b) {
    Pointwise.sameDevice(op, a, b);
    if (a.dtype() != b.dtype()) {
      throw new IllegalArgumentException(
          op
              + ": both must have one dtype, got "
              + a.dtype()
              + " and "
              + b.dtype()
              + "; convert one with to(dtype)");
    }
    if (a.dtype() == DType.BOOL) {
      throw new IllegalArgumentException(
          op + ": not defined for " + DType.BOOL + "; use toFloat() or toLong()");
    }
  }

  /** The sizes of a batch that both sides broadcast to. */
  public static long[] batch(String op, Tensor a, Tensor b) {
    return Dims.broadcast(
        op + " (batch dims)",
        Arrays.copyOf(sizes(a), a.dim() - 2),
        Arrays.copyOf(sizes(b), b.dim() - 2));
  }
}
