package dev.flambeau;

import java.util.Arrays;

/**
 * How the matrix kernel is called: strides instead of copies wherever a matrix has them. No
 * autograd.
 */
final class Gemm {
  private Gemm() {}

  /** {@code a @ b (+ bias)} for a (m, k) and b (k, n); bias (n,) or null. */
  static Tensor mm(String op, Tensor a, Tensor b, Tensor bias) {
    check(op, a, b);
    if (bias != null) {
      Pointwise.sameDevice(op, a, bias);
    }
    if (a.sizes()[1] != b.sizes()[0]) {
      throw new IllegalArgumentException(
          op
              + ": cannot multiply "
              + Dims.text(a.sizes())
              + " by "
              + Dims.text(b.sizes())
              + "; the first's columns ("
              + a.sizes()[1]
              + ") must equal the second's rows ("
              + b.sizes()[0]
              + ")");
    }
    return product(op, a, 0, b, 0, bias, null);
  }

  /** {@code a @ b}, each side transposed if so marked; the sizes fit. */
  static Tensor mm(Tensor a, boolean transposeA, Tensor b, boolean transposeB) {
    check("mm", a, b);
    return product("mm", a, transposeA ? 1 : 0, b, transposeB ? 1 : 0, null, null);
  }

  /** {@code x @ weight^T + bias}, and {@code activation} unless it is null; the sizes fit. */
  static Tensor linear(Tensor x, Tensor weight, Tensor bias, Activation activation) {
    check("linear", x, weight);
    Pointwise.sameDevice("linear", x, bias);
    return product("linear", x, 0, weight, 1, bias, activation);
  }

  /** Rows are dim 0, or 1 for a matrix that is transposed: to the kernel only other strides. */
  private static Tensor product(
      String op, Tensor a, int aRows, Tensor b, int bRows, Tensor bias, Activation activation) {
    Layout layout = Layout.matrix(a.sizes()[aRows], b.sizes()[1 - bRows]);
    Tensor y = Tensor.empty(a.context(), a.dtype(), layout);
    run(op, 1, a, 0, aRows, 1 - aRows, b, 0, bRows, 1 - bRows, bias, activation, y);
    return y;
  }

  /** {@code a @ b} for each of a batch; a (batch, m, k), b (batch, k, n). */
  static Tensor bmm(String op, Tensor a, Tensor b) {
    check(op, a, b);
    long[] s = a.sizes();
    long[] r = b.sizes();
    if (s[0] != r[0] || s[2] != r[1]) {
      throw new IllegalArgumentException(
          op
              + ": cannot multiply "
              + Dims.text(s)
              + " by "
              + Dims.text(r)
              + "; expected (batch, m, k) and (batch, k, n)");
    }
    Tensor y = a.fresh(a.dtype(), s[0], s[1], r[2]);
    run(op, s[0], a, a.layout().strides[0], 1, 2, b, b.layout().strides[0], 1, 2, null, null, y);
    return y;
  }

  private static void run(
      String op,
      long batch,
      Tensor a,
      long aBatch,
      int aRow,
      int aColumn,
      Tensor b,
      long bBatch,
      int bRow,
      int bColumn,
      Tensor bias,
      Activation activation,
      Tensor y) {
    if (y.numel() == 0) {
      return;
    }
    long m = a.sizes()[aRow];
    long k = a.sizes()[aColumn];
    long n = b.sizes()[bColumn];
    if (k == 0) { // a sum over nothing
      if (bias == null) {
        Pointwise.fill(y, y.dtype().encode(0L));
      } else {
        Copy.into(op, bias, y);
      }
      if (activation != null) {
        Pointwise.unaryInto(activation.op, y, y, 0, 0);
      }
      return;
    }
    DeviceContext c = y.context();
    long[] as = a.layout().strides;
    long[] bs = b.layout().strides;
    Tensor flatBias = bias == null ? null : Copy.contiguous(bias);
    int status =
        c.kernels.matmul(
            y.dtype().code(),
            activation == null ? 0 : activation.op.code,
            batch,
            m,
            n,
            k,
            a.address(),
            aBatch,
            as[aRow],
            as[aColumn],
            b.address(),
            bBatch,
            bs[bRow],
            bs[bColumn],
            flatBias == null ? 0 : flatBias.address(),
            y.address(),
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
  static long[] batch(String op, Tensor a, Tensor b) {
    return Dims.broadcast(
        op + " (batch dims)",
        Arrays.copyOf(a.sizes(), a.dim() - 2),
        Arrays.copyOf(b.sizes(), b.dim() - 2));
  }
}
