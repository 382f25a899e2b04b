package dev.flambeau.ops;

import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorImpl.newEmpty;

import dev.flambeau.Autograd;
import dev.flambeau.DType;
import dev.flambeau.MaxMin;
import dev.flambeau.Tensor;
import dev.flambeau.VarMean;
import dev.flambeau.internal.autograd.GradMode;
import dev.flambeau.internal.autograd.Recording;
import dev.flambeau.internal.kernels.Reduce;
import dev.flambeau.internal.kernels.Require;
import dev.flambeau.internal.tensor.Dims;
import dev.flambeau.spi.Kernels;

/**
 * Reductions along dims. Negative dims count from the end; a dim that the tensor does not have is
 * an {@link IndexOutOfBoundsException}. Over no elements a sum is 0, a product 1 and a mean NaN; an
 * extreme is refused. Softmax and normalization are in {@link NormalizeOps}.
 */
public sealed interface AxisOps permits Tensor {
  // ---- sums

  /** Sum of all elements; integers and bool give int64. */
  default Tensor sum() {
    return sum("SumBackward0", new int[0], false);
  }

  /**
   * Sum over dims, which the result no longer has; without any, over all. Integers and bool give
   * int64.
   */
  default Tensor sum(int... dims) {
    return sum(dims, false);
  }

  /** Sum over dims, as {@link #sum(int...)}, which {@code keepdim} keeps with size 1. */
  default Tensor sum(int[] dims, boolean keepdim) {
    return sum("SumBackward1", dims, keepdim);
  }

  private Tensor sum(String node, int[] dims, boolean keepdim) {
    Tensor x = (Tensor) this;
    boolean[] mask = Dims.mask("sum", dims, x.dim());
    DType type = x.dtype().isFloating() ? x.dtype() : DType.INT64;
    Tensor y = Reduce.over("sum", Kernels.REDUCE_SUM, x, mask, keepdim, type, 0.0);
    long[] sizes = sizes(x);
    return Recording.of(node, y)
        .input(x, (g, saved) -> Reduce.unreduced(g, sizes, mask, keepdim).expand(sizes))
        .result();
  }

  /** Mean of all elements. Floating types. */
  default Tensor mean() {
    return mean("MeanBackward0", new int[0], false);
  }

  /** Mean over dims, which the result no longer has; without any, over all. Floating types. */
  default Tensor mean(int... dims) {
    return mean(dims, false);
  }

  /** Mean over dims, as {@link #mean(int...)}, which {@code keepdim} keeps with size 1. */
  default Tensor mean(int[] dims, boolean keepdim) {
    return mean("MeanBackward1", dims, keepdim);
  }

  private Tensor mean(String node, int[] dims, boolean keepdim) {
    Tensor x = Require.isFloating("mean", (Tensor) this);
    boolean[] mask = Dims.mask("mean", dims, x.dim());
    Tensor y = Reduce.over("mean", Kernels.REDUCE_MEAN, x, mask, keepdim, x.dtype(), Double.NaN);
    long[] sizes = sizes(x);
    return Recording.of(node, y).input(x, (g, saved) -> meanGrad(g, sizes, mask, keepdim)).result();
  }

  private static Tensor meanGrad(Tensor g, long[] sizes, boolean[] mask, boolean keepdim) {
    Tensor gk = Reduce.unreduced(g, sizes, mask, keepdim);
    return gk.div((double) Reduce.count(sizes, mask)).expand(sizes);
  }

  /** Product of all elements; integers and bool give int64. */
  default Tensor prod() {
    Tensor x = (Tensor) this;
    DType type = x.dtype().isFloating() ? x.dtype() : DType.INT64;
    boolean[] mask = Dims.mask("prod", new int[0], x.dim());
    Tensor y = Reduce.over("prod", Kernels.REDUCE_PROD, x, mask, false, type, 1.0);
    return Recording.of("ProdBackward0", y)
        .saves(x)
        .input(x, (g, saved) -> prodGrad(g, saved.get(0)))
        .result();
  }

  /**
   * The product of the others: {@code y / x}, but where an element is 0 the quotient says nothing.
   */
  private static Tensor prodGrad(Tensor g, Tensor x) {
    Tensor zero = x.eq(0);
    long zeros = zero.sum().itemLong();
    if (zeros == 0) {
      return g.mul(x.prod()).div(x);
    }
    if (GradMode.needsGrad(x)) {
      return g.mul(productsOfOthers(x));
    }
    Tensor others = Tensor.where(zero, x.onesLike(), x).prod();
    return zeros == 1 ? Tensor.where(zero, g.mul(others), x.zerosLike()) : x.zerosLike();
  }

  /** One product for each element: only for second derivatives where an element is 0. */
  private static Tensor productsOfOthers(Tensor x) {
    Tensor flat = x.flatten();
    Tensor places = Tensor.arange(flat.numel()).to(x.device());
    Tensor[] products = new Tensor[Math.toIntExact(flat.numel())];
    for (int i = 0; i < products.length; i++) {
      products[i] = Tensor.where(places.eq((long) i), flat.detach().onesLike(), flat).prod();
    }
    return Tensor.stack(products, 0).reshape(sizes(x));
  }

  /**
   * Variance of all elements: squared distances from the mean over {@code n - 1}. Floating types.
   */
  default Tensor var() {
    return var(new int[0], 1, false);
  }

  /**
   * Variance over a dim, which the result no longer has, with {@code n - 1} for divisor. Floating
   * types.
   */
  default Tensor var(int dim) {
    return var(new int[] {dim}, 1, false);
  }

  /**
   * Variance over dims with {@code n - correction} for divisor; {@code keepdim} keeps the dims with
   * size 1. Correction 1 is Bessel's, 0 gives the population's variance. Floating types.
   */
  default Tensor var(int[] dims, double correction, boolean keepdim) {
    Tensor x = Require.isFloating("var", (Tensor) this);
    boolean[] mask = Dims.mask("var", dims, x.dim());
    Tensor y = Reduce.moments("var", x, mask, keepdim, correction, false).var();
    return Recording.of("VarBackward0", y)
        .saves(x)
        .input(x, (g, saved) -> varGrad(g, saved.get(0), dims, mask, keepdim, correction))
        .result();
  }

  private static Tensor varGrad(
      Tensor g, Tensor x, int[] dims, boolean[] mask, boolean keepdim, double correction) {
    Tensor gk = Reduce.unreduced(g, sizes(x), mask, keepdim);
    double n = Reduce.count(sizes(x), mask) - correction;
    return gk.mul(2 / Math.max(n, 0)).mul(x.sub(x.mean(dims, true)));
  }

  /** Variance, with {@code n - 1} for divisor, and mean of all elements. Floating types. */
  default VarMean varMean() {
    return varMean(new int[0], 1, false);
  }

  /**
   * Variance, with {@code n - 1} for divisor, and mean over a dim, which the results no longer
   * have. Floating types.
   */
  default VarMean varMean(int dim) {
    return varMean(new int[] {dim}, 1, false);
  }

  /** {@link #var(int[], double, boolean)} and {@link #mean(int[], boolean)} by one kernel. */
  default VarMean varMean(int[] dims, double correction, boolean keepdim) {
    Tensor x = Require.isFloating("varMean", (Tensor) this);
    boolean[] mask = Dims.mask("varMean", dims, x.dim());
    VarMean y = Reduce.moments("varMean", x, mask, keepdim, correction, true);
    Recording.of("VarMeanBackward0", y.var(), y.mean())
        .saves(x)
        .inputs(x)
        .gradient(
            (g, saved, wanted) -> {
              Tensor in = saved.get(0);
              Tensor ofVar =
                  g[0] == null ? null : varGrad(g[0], in, dims, mask, keepdim, correction);
              Tensor ofMean = g[1] == null ? null : meanGrad(g[1], sizes(in), mask, keepdim);
              return new Tensor[] {
                ofVar == null ? ofMean : ofMean == null ? ofVar : ofVar.add(ofMean)
              };
            })
        .result();
    return y;
  }

  /** Standard deviation of all elements: the root of {@link #var()}. Floating types. */
  default Tensor std() {
    return std(new int[0], 1, false);
  }

  /**
   * Standard deviation over a dim, which the result no longer has: the root of {@link #var(int)}.
   * Floating types.
   */
  default Tensor std(int dim) {
    return std(new int[] {dim}, 1, false);
  }

  /**
   * Standard deviation over dims: the root of {@link #var(int[], double, boolean)}. Floating types.
   */
  default Tensor std(int[] dims, double correction, boolean keepdim) {
    Tensor x = Require.isFloating("std", (Tensor) this);
    boolean[] mask = Dims.mask("std", dims, x.dim());
    Tensor y;
    try (var off = Autograd.noGrad()) {
      y = Reduce.moments("std", x, mask, keepdim, correction, false).var().sqrt();
    }
    return Recording.of("StdBackward0", y)
        .saves(x, y)
        .input(
            x,
            (g, saved) -> {
              Tensor in = saved.get(0);
              Tensor s = Reduce.unreduced(saved.get(1), sizes(in), mask, keepdim);
              Tensor gk = Reduce.unreduced(g, sizes(in), mask, keepdim);
              double n = Math.max(Reduce.count(sizes(in), mask) - correction, 0);
              return gk.div(s.mul(n)).maskedFill(s.eq(0), 0).mul(in.sub(in.mean(dims, true)));
            })
        .result();
  }

  /** The 2-norm of all elements. Floating types. */
  default Tensor norm() {
    Tensor x = Require.isFloating("norm", (Tensor) this);
    Tensor y;
    try (var off = Autograd.noGrad()) {
      y = x.square().sum().sqrt();
    }
    return Recording.of("LinalgVectorNormBackward0", y)
        .saves(x, y)
        .input(
            x,
            (g, saved) -> {
              Tensor n = saved.get(1);
              return saved.get(0).mul(g.div(n).maskedFill(n.eq(0), 0));
            })
        .result();
  }

  // ---- extremes

  /** The greatest element; NaN wins. Equal ones share the gradient. */
  default Tensor max() {
    return extreme("MaxBackward1", "max", Kernels.REDUCE_AMAX, new int[0], false);
  }

  /** The smallest element; NaN wins. Equal ones share the gradient. */
  default Tensor min() {
    return extreme("MinBackward1", "min", Kernels.REDUCE_AMIN, new int[0], false);
  }

  /**
   * Greatest elements over dims, which the result no longer has; without any, of all. NaN wins;
   * equal elements share the gradient.
   */
  default Tensor amax(int... dims) {
    return amax(dims, false);
  }

  /**
   * Greatest elements over dims, as {@link #amax(int...)}; {@code keepdim} keeps the dims with size
   * 1.
   */
  default Tensor amax(int[] dims, boolean keepdim) {
    return extreme("AmaxBackward0", "amax", Kernels.REDUCE_AMAX, dims, keepdim);
  }

  /**
   * Smallest elements over dims, which the result no longer has; without any, of all. NaN wins;
   * equal elements share the gradient.
   */
  default Tensor amin(int... dims) {
    return amin(dims, false);
  }

  /**
   * Smallest elements over dims, as {@link #amin(int...)}; {@code keepdim} keeps the dims with size
   * 1.
   */
  default Tensor amin(int[] dims, boolean keepdim) {
    return extreme("AminBackward0", "amin", Kernels.REDUCE_AMIN, dims, keepdim);
  }

  private Tensor extreme(String node, String op, int code, int[] dims, boolean keepdim) {
    Tensor x = (Tensor) this;
    boolean[] mask = Dims.mask(op, dims, x.dim());
    Tensor y = Reduce.over(op, code, x, mask, keepdim, x.dtype(), null);
    return Recording.of(node, y)
        .saves(x, y)
        .input(
            x,
            (g, saved) -> {
              Tensor in = saved.get(0);
              Tensor top = Reduce.unreduced(saved.get(1), sizes(in), mask, keepdim);
              // NaN equals nothing, itself included: where the extreme is NaN, the NaNs take the
              // gradient.
              Tensor won = in.eq(top).logicalOr(in.isnan().logicalAnd(top.isnan())).to(in.dtype());
              Tensor gk = Reduce.unreduced(g, sizes(in), mask, keepdim);
              return won.mul(gk.div(won.sum(dims, true)));
            })
        .result();
  }

  /**
   * Greatest elements along a dim, which the results no longer have, and where the first of each
   * is.
   */
  default MaxMin max(int dim) {
    return max(dim, false);
  }

  /**
   * Greatest elements along a dim, which {@code keepdim} keeps with size 1, and where the first of
   * each is; gradients go there alone. NaN wins.
   */
  default MaxMin max(int dim, boolean keepdim) {
    return indexed("MaxBackward0", "max", Kernels.INDEX_MAX, dim, keepdim);
  }

  /**
   * Smallest elements along a dim, which the results no longer have, and where the first of each
   * is.
   */
  default MaxMin min(int dim) {
    return min(dim, false);
  }

  /**
   * Smallest elements along a dim, which {@code keepdim} keeps with size 1, and where the first of
   * each is; gradients go there alone. NaN wins.
   */
  default MaxMin min(int dim, boolean keepdim) {
    return indexed("MinBackward0", "min", Kernels.INDEX_MIN, dim, keepdim);
  }

  private MaxMin indexed(String node, String op, int code, int dim, boolean keepdim) {
    Tensor x = (Tensor) this;
    MaxMin r = Reduce.indexed(op, code, x, dim, keepdim, true);
    long[] sizes = sizes(x);
    Tensor y =
        Recording.of(node, r.values())
            .saves(r.indices())
            .input(
                x,
                (g, saved) -> {
                  Tensor i = saved.get(0);
                  if (sizes.length == 0) {
                    return g;
                  }
                  Tensor gk = keepdim ? g : g.unsqueeze(dim < 0 ? dim + sizes.length : dim);
                  Tensor ik = keepdim ? i : i.unsqueeze(dim < 0 ? dim + sizes.length : dim);
                  return newEmpty(op + " backward", g, g.dtype(), sizes)
                      .zero_()
                      .scatter(dim, ik, gk);
                })
            .result();
    return new MaxMin(y, r.indices());
  }

  /** Place of the greatest of all elements in row-major order, the first if several: int64, 0-d. */
  default Tensor argmax() {
    return ((Tensor) this).detach().flatten().argmax(0);
  }

  /**
   * Place of the greatest element along a dim, which the result no longer has; the first if
   * several. int64.
   */
  default Tensor argmax(int dim) {
    return argmax(dim, false);
  }

  /** Place of the greatest element along a dim, which {@code keepdim} keeps with size 1. */
  default Tensor argmax(int dim, boolean keepdim) {
    Tensor x = Require.notBool("argmax", (Tensor) this);
    return Reduce.indexed("argmax", Kernels.INDEX_MAX, x, dim, keepdim, false).indices();
  }

  /** Place of the smallest of all elements in row-major order, the first if several: int64, 0-d. */
  default Tensor argmin() {
    return ((Tensor) this).detach().flatten().argmin(0);
  }

  /**
   * Place of the smallest element along a dim, which the result no longer has; the first if
   * several. int64.
   */
  default Tensor argmin(int dim) {
    return argmin(dim, false);
  }

  /** Place of the smallest element along a dim, which {@code keepdim} keeps with size 1. */
  default Tensor argmin(int dim, boolean keepdim) {
    Tensor x = Require.notBool("argmin", (Tensor) this);
    return Reduce.indexed("argmin", Kernels.INDEX_MIN, x, dim, keepdim, false).indices();
  }

  // ---- logic

  /** Whether any element differs from 0: bool, 0-d; of uint8, uint8. */
  default Tensor any() {
    return logic("any", Kernels.REDUCE_ANY, new int[0], false, 0.0);
  }

  /** Whether any element along a dim, which the result no longer has, differs from 0. */
  default Tensor any(int dim) {
    return any(dim, false);
  }

  /** Whether any element along a dim, which {@code keepdim} keeps with size 1, differs from 0. */
  default Tensor any(int dim, boolean keepdim) {
    return logic("any", Kernels.REDUCE_ANY, new int[] {dim}, keepdim, 0.0);
  }

  /** Whether all elements differ from 0: bool, 0-d; of uint8, uint8. */
  default Tensor all() {
    return logic("all", Kernels.REDUCE_ALL, new int[0], false, 1.0);
  }

  /** Whether all elements along a dim, which the result no longer has, differ from 0. */
  default Tensor all(int dim) {
    return all(dim, false);
  }

  /** Whether all elements along a dim, which {@code keepdim} keeps with size 1, differ from 0. */
  default Tensor all(int dim, boolean keepdim) {
    return logic("all", Kernels.REDUCE_ALL, new int[] {dim}, keepdim, 1.0);
  }

  private Tensor logic(String op, int code, int[] dims, boolean keepdim, double empty) {
    Tensor x = (Tensor) this;
    Tensor y = Reduce.over(op, code, x, Dims.mask(op, dims, x.dim()), keepdim, DType.BOOL, empty);
    // As in PyTorch, where uint8 was the type of masks before there was bool.
    return x.dtype() == DType.UINT8 ? y.toByte() : y;
  }
}
