package dev.flambeau.ops;

import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorImpl.share;

import dev.flambeau.Activation;
import dev.flambeau.Autograd;
import dev.flambeau.Tensor;
import dev.flambeau.internal.autograd.GradMode;
import dev.flambeau.internal.autograd.Recording;
import dev.flambeau.internal.kernels.Gemm;
import dev.flambeau.internal.kernels.Reduce;
import dev.flambeau.internal.kernels.Require;
import dev.flambeau.internal.kernels.UnaryOp;
import dev.flambeau.internal.tensor.Dims;
import dev.flambeau.internal.tensor.Layout;
import java.util.Arrays;

/** Products of vectors and matrices. Both sides have one dtype, floating or integer. */
public sealed interface MatrixOps permits Tensor {
  /**
   * The matrix product, by rank: vector with vector gives the dot product (0-d); matrix with vector
   * and vector with matrix give a vector; otherwise the last two dims are matrices and the others,
   * a batch, broadcast. As <a
   * href="https://pytorch.org/docs/stable/generated/torch.matmul.html">torch.matmul</a>.
   *
   * @throws IllegalArgumentException when the inner sizes or the batch dims do not fit, or the
   *     dtypes differ
   */
  default Tensor matmul(Tensor other) {
    Require.given("matmul", "other", other);
    Tensor a = (Tensor) this;
    int m = a.dim();
    int n = other.dim();
    if (m == 0 || n == 0) {
      throw new IllegalArgumentException(
          "matmul: both need at least one dimension, got "
              + Dims.text(sizes(a))
              + " and "
              + Dims.text(sizes(other))
              + "; use mul for 0-d tensors");
    }
    long inner = sizes(other)[Math.max(0, n - 2)];
    if (sizes(a)[m - 1] != inner) {
      throw new IllegalArgumentException(
          "matmul: cannot multiply "
              + Dims.text(sizes(a))
              + " by "
              + Dims.text(sizes(other))
              + "; the first's columns ("
              + sizes(a)[m - 1]
              + ") must equal the second's rows ("
              + inner
              + ")");
    }
    if (m == 1 && n == 1) {
      return a.dot(other);
    }
    if (m == 2 && n == 1) {
      return a.mv(other);
    }
    if (m == 1 && n == 2) {
      return a.unsqueeze(0).mm(other).squeeze(0);
    }
    if (m == 2 && n == 2) {
      Dims.check("matmul", sizes(a)[0], sizes(other)[1]);
      return a.mm(other);
    }
    return n <= 2 && m > 2 ? folded(a, other) : batched(a, other);
  }

  /** A batch times one matrix or vector: the batch's rows are rows of one long matrix. */
  private static Tensor folded(Tensor a, Tensor b) {
    long[] s = sizes(a);
    long[] out = s.clone();
    out[s.length - 1] = b.dim() == 1 ? 1 : sizes(b)[1];
    Dims.check("matmul", out);
    Tensor flat = a.reshape(Dims.product(s, 0, s.length - 1), s[s.length - 1]);
    if (b.dim() == 1) {
      return Views.unsafe(flat.mv(b), Arrays.copyOf(s, s.length - 1));
    }
    return Views.unsafe(flat.mm(b), out);
  }

  private static Tensor batched(Tensor a, Tensor b) {
    boolean vectorLeft = a.dim() == 1;
    boolean vectorRight = b.dim() == 1;
    Tensor x = vectorLeft ? a.unsqueeze(0) : a;
    Tensor z = vectorRight ? b.unsqueeze(1) : b;
    long[] batch = Gemm.batch("matmul", x, z);
    long m = x.size(-2);
    long n = z.size(-1);
    long k = x.size(-1);
    long count = Dims.numel("matmul", batch);
    Dims.check("matmul", join(batch, m, n));
    long[] left = Dims.check("matmul", join(batch, m, k));
    long[] right = Dims.check("matmul", join(batch, k, n));
    Tensor y = x.expand(left).reshape(count, m, k).bmm(z.expand(right).reshape(count, k, n));
    long[] out = vectorLeft ? join(batch, n) : vectorRight ? join(batch, m) : join(batch, m, n);
    return Views.unsafe(y, out);
  }

  private static long[] join(long[] head, long... tail) {
    long[] out = Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(tail, 0, out, head.length, tail.length);
    return out;
  }

  /** Matrix (m, k) times matrix (k, n). */
  default Tensor mm(Tensor other) {
    Require.given("mm", "other", other);
    Tensor a = (Tensor) this;
    Require.rank("mm", a, 2);
    Require.rank("mm", other, 2);
    return Recording.of("MmBackward0", Gemm.mm("mm", a, other, null))
        .saves(other.requiresGrad() ? a : null, a.requiresGrad() ? other : null)
        .input(
            a,
            (g, saved) -> leftGrad(g, saved.get(1), false),
            (g, saved) -> leftSlope(g, saved.get(1), false))
        .input(
            other,
            (g, saved) -> rightGrad(g, saved.get(0), false),
            (g, saved) -> rightSlope(g, saved.get(0), false))
        .result();
  }

  /**
   * The gradient of a product {@code a @ b} by a. {@code transposed}: in place of b there is its
   * transpose, as a linear layer's weight.
   */
  private static Tensor leftGrad(Tensor g, Tensor b, boolean transposed) {
    return Gemm.mm(g, false, b, !transposed);
  }

  /** The same in tensor ops. */
  private static Tensor leftSlope(Tensor g, Tensor b, boolean transposed) {
    return g.mm(transposed ? b : b.t());
  }

  /** The gradient of a product {@code a @ b} by b, or by its transpose. */
  private static Tensor rightGrad(Tensor g, Tensor a, boolean transposed) {
    return transposed ? Gemm.mm(g, true, a, false) : Gemm.mm(a, true, g, false);
  }

  /** The same in tensor ops. */
  private static Tensor rightSlope(Tensor g, Tensor a, boolean transposed) {
    return transposed ? g.t().mm(a) : a.t().mm(g);
  }

  /** Matrix (m, k) times vector (k,). */
  default Tensor mv(Tensor vector) {
    Require.given("mv", "vector", vector);
    Tensor a = (Tensor) this;
    Require.rank("mv", a, 2);
    Require.rank("mv", vector, 1);
    Tensor column =
        share(
            vector,
            Layout.strided(
                "mv",
                new long[] {vector.numel(), 1},
                new long[] {vector.stride(0), 1},
                vector.storageOffset()));
    Tensor y = Gemm.mm("mv", a, column, null);
    return Recording.of("MvBackward0", share(y, Layout.contiguous("mv", y.numel())))
        .saves(vector.requiresGrad() ? a : null, a.requiresGrad() ? vector : null)
        .input(a, (g, saved) -> g.unsqueeze(1).mul(saved.get(1)))
        .input(vector, (g, saved) -> saved.get(0).t().mv(g))
        .result();
  }

  /** Sum of the products of two vectors (n,): 0-d. */
  default Tensor dot(Tensor other) {
    Require.given("dot", "other", other);
    Tensor a = (Tensor) this;
    Require.rank("dot", a, 1);
    Require.rank("dot", other, 1);
    Require.sameShape("dot", a, other);
    Tensor row =
        share(
            a,
            Layout.strided(
                "dot", new long[] {1, a.numel()}, new long[] {1, a.stride(0)}, a.storageOffset()));
    Tensor column =
        share(
            other,
            Layout.strided(
                "dot",
                new long[] {other.numel(), 1},
                new long[] {other.stride(0), 1},
                other.storageOffset()));
    Tensor y = Gemm.mm("dot", row, column, null);
    return Recording.of("DotBackward0", share(y, Layout.SCALAR))
        .saves(other.requiresGrad() ? a : null, a.requiresGrad() ? other : null)
        .input(a, (g, saved) -> g.mul(saved.get(1)))
        .input(other, (g, saved) -> g.mul(saved.get(0)))
        .result();
  }

  /** A batch of matrices (batch, m, k) times another (batch, k, n). */
  default Tensor bmm(Tensor other) {
    Require.given("bmm", "other", other);
    Tensor a = (Tensor) this;
    Require.rank("bmm", a, 3);
    Require.rank("bmm", other, 3);
    return Recording.of("BmmBackward0", Gemm.bmm("bmm", a, other))
        .saves(other.requiresGrad() ? a : null, a.requiresGrad() ? other : null)
        .input(a, (g, saved) -> g.bmm(saved.get(1).transpose(1, 2)))
        .input(other, (g, saved) -> saved.get(0).transpose(1, 2).bmm(g))
        .result();
  }

  /** {@code this + a @ b}; this broadcasts to (m, n). */
  default Tensor addmm(Tensor a, Tensor b) {
    return addmm(a, b, 1, 1);
  }

  /** {@code beta * this + alpha * (a @ b)}; this broadcasts to (m, n). */
  default Tensor addmm(Tensor a, Tensor b, double beta, double alpha) {
    Require.given("addmm", "a", a);
    Require.given("addmm", "b", b);
    Tensor c = (Tensor) this;
    Require.rank("addmm", a, 2);
    Require.rank("addmm", b, 2);
    long[] sizes = {sizes(a)[0], sizes(b)[1]};
    if (!Arrays.equals(Dims.broadcast("addmm", sizes(c), sizes), sizes)) {
      throw new IllegalArgumentException(
          "addmm: shape "
              + Dims.text(sizes(c))
              + " does not broadcast to the product's "
              + Dims.text(sizes));
    }
    Tensor y;
    try (var off = Autograd.noGrad()) {
      if (alpha == 1
          && beta == 1
          && c.dim() == 1
          && c.numel() == sizes[1]
          && c.dtype() == a.dtype()) {
        y = Gemm.mm("addmm", a, b, c);
      } else {
        Tensor product = Gemm.mm("addmm", a, b, null);
        product = alpha == 1 ? product : scaled(product, "alpha", alpha);
        // beta 0 ignores this altogether, NaN included, as BLAS does.
        y = beta == 0 ? product : product.add(beta == 1 ? c : scaled(c, "beta", beta));
      }
    }
    return Recording.of("AddmmBackward0", y)
        .saves(b.requiresGrad() ? a : null, a.requiresGrad() ? b : null)
        .input(c, (g, saved) -> times(g, beta))
        .input(
            a,
            (g, saved) -> times(leftGrad(g, saved.get(1), false), alpha),
            (g, saved) -> times(leftSlope(g, saved.get(1), false), alpha))
        .input(
            b,
            (g, saved) -> times(rightGrad(g, saved.get(0), false), alpha),
            (g, saved) -> times(rightSlope(g, saved.get(0), false), alpha))
        .result();
  }

  private static Tensor times(Tensor x, double factor) {
    return factor == 1 ? x : x.mul(factor);
  }

  /** {@code factor * x}; integers stay integers. */
  private static Tensor scaled(Tensor x, String name, double factor) {
    if (x.dtype().isFloating()) {
      return x.mul(factor);
    }
    if (factor != Math.rint(factor)) {
      throw new IllegalArgumentException(
          "addmm: " + name + " must be whole for " + x.dtype() + ", got " + factor);
    }
    return x.mul((long) factor);
  }

  /** {@code this @ weight^T}; weight (out, in), the last dim of this is in. */
  default Tensor linear(Tensor weight) {
    return linear(weight, null);
  }

  /**
   * {@code this @ weight^T + bias}; weight (out, in), bias (out,) or null, the last dim of this is
   * in.
   */
  default Tensor linear(Tensor weight, Tensor bias) {
    return affine(weight, bias, null);
  }

  /**
   * The activation of {@link #linear(Tensor, Tensor)}, in the same kernel where that is possible:
   * not for the gradient of {@link Activation#GELU_TANH}, which needs the sums themselves.
   */
  default Tensor linear(Tensor weight, Tensor bias, Activation activation) {
    Require.given("linear", "weight", weight);
    Tensor x = (Tensor) this;
    if (activation == Activation.GELU_TANH) {
      Require.isFloating("linear", x);
    }
    boolean inKernel =
        bias != null
            && x.dtype().isFloating()
            && (!GradMode.needsGrad(x, weight, bias)
                || activation == Activation.RELU && x.dim() == 2)
            && (x.dim() == 2 || x.dim() > 2 && x.isContiguous());
    return inKernel
        ? affine(weight, bias, activation)
        : Unary.of(affine(weight, bias, null), UnaryOp.of(activation), 0, 0);
  }

  private Tensor affine(Tensor weight, Tensor bias, Activation activation) {
    Require.given("linear", "weight", weight);
    Tensor x = (Tensor) this;
    Require.rank("linear", weight, 2);
    if (x.dim() == 0
        || x.size(-1) != sizes(weight)[1]
        || bias != null && (bias.dim() != 1 || sizes(bias)[0] != sizes(weight)[0])) {
      throw new IllegalArgumentException(
          "linear: input "
              + Dims.text(sizes(x))
              + ", weight "
              + Dims.text(sizes(weight))
              + (bias == null ? "" : ", bias " + Dims.text(sizes(bias)))
              + "; the input's last size must be the weight's second, the bias's size the weight's"
              + " first");
    }
    if (bias != null && x.dim() == 2) {
      return affine(x, weight, bias, activation);
    }
    long[] out = sizes(x).clone();
    out[out.length - 1] = sizes(weight)[0];
    Dims.check("linear", out);
    if (bias == null) {
      return x.matmul(weight.t());
    }
    if (x.dim() > 2 && x.isContiguous()) {
      return affine(x.view(-1, sizes(weight)[1]), weight, bias, activation).view(out);
    }
    return x.matmul(weight.t()).add(bias);
  }

  /**
   * One kernel for the product, the bias and the activation. To the graph it is PyTorch's addmm,
   * and an op in place after it.
   */
  private static Tensor affine(Tensor x, Tensor weight, Tensor bias, Activation activation) {
    if (bias.dtype() != x.dtype()) {
      throw new IllegalArgumentException(
          "linear: input is " + x.dtype() + ", bias " + bias.dtype() + "; use to(dtype)");
    }
    Tensor y = Gemm.linear(x, weight, bias, activation);
    if (!GradMode.needsGrad(x, weight, bias)) {
      return y;
    }
    Tensor sums =
        Recording.of("AddmmBackward0", y)
            .saves(weight.requiresGrad() ? x : null, x.requiresGrad() ? weight : null)
            .input(bias, (g, saved) -> sumOfRows(g), (g, saved) -> g)
            .input(
                x,
                (g, saved) -> leftGrad(g, saved.get(1), true),
                (g, saved) -> leftSlope(g, saved.get(1), true))
            .input(
                weight,
                (g, saved) -> rightGrad(g, saved.get(0), true),
                (g, saved) -> rightSlope(g, saved.get(0), true))
            .result();
    return activation == null ? sums : Unary.record(sums, UnaryOp.of(activation), sums, 0, 0);
  }

  /** A bias's gradient: what the engine would sum too, here with fewer checks before the kernel. */
  private static Tensor sumOfRows(Tensor g) {
    return g.isContiguous() && g.numel() > 0 ? Reduce.rows(g) : g;
  }
}
