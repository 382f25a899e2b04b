package dev.flambeau.ops;

import static dev.flambeau.internal.kernels.DTypes.code;
import static dev.flambeau.internal.tensor.TensorHandle.address;
import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.outputAddress;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorImpl.emptyRowMajor;

import dev.flambeau.Tensor;
import dev.flambeau.internal.autograd.GradMode;
import dev.flambeau.internal.autograd.Recording;
import dev.flambeau.internal.kernels.AxisView;
import dev.flambeau.internal.kernels.Copy;
import dev.flambeau.internal.kernels.Pointwise;
import dev.flambeau.internal.kernels.Reduce;
import dev.flambeau.internal.kernels.Require;
import dev.flambeau.internal.tensor.DeviceContext;
import dev.flambeau.internal.tensor.Dims;
import dev.flambeau.spi.Kernels;
import java.util.Arrays;

/**
 * Normalization along dims: softmax, its logarithm, the logarithm of a sum of exponentials, layer
 * normalization.
 */
public sealed interface NormalizeOps permits Tensor {
  /**
   * {@code log(sum(exp(x)))} along a dim, which the result no longer has; without overflow.
   * Floating types.
   */
  default Tensor logsumexp(int dim) {
    return logsumexp(dim, false);
  }

  /**
   * {@code log(sum(exp(x)))} along a dim, which {@code keepdim} keeps with size 1; without
   * overflow. Floating types.
   */
  default Tensor logsumexp(int dim, boolean keepdim) {
    Tensor x = Require.isFloating("logsumexp", (Tensor) this);
    boolean[] mask = Dims.mask("logsumexp", new int[] {dim}, x.dim());
    Tensor y =
        Reduce.over(
            "logsumexp",
            Kernels.REDUCE_LOGSUMEXP,
            x,
            mask,
            keepdim,
            x.dtype(),
            Double.NEGATIVE_INFINITY);
    return Recording.of("LogsumexpBackward0", y)
        .saves(x, y)
        .input(
            x,
            (g, saved) -> {
              Tensor in = saved.get(0);
              Tensor top = Reduce.unreduced(saved.get(1), sizes(in), mask, keepdim);
              return Reduce.unreduced(g, sizes(in), mask, keepdim).mul(in.sub(top).exp());
            })
        .result();
  }

  /**
   * Softmax along {@code dim}: each line becomes positive and sums to 1. Shape kept; floating types
   * only.
   */
  default Tensor softmax(int dim) {
    return softmax("softmax", "SoftmaxBackward0", 0, dim);
  }

  /**
   * {@code log(softmax(x))} along {@code dim}, computed without cancellation. Floating types only.
   */
  default Tensor logSoftmax(int dim) {
    return softmax("logSoftmax", "LogSoftmaxBackward0", 1, dim);
  }

  private Tensor softmax(String op, String node, int log, int dim) {
    Tensor x = Require.isFloating(op, (Tensor) this);
    int d = Dims.wrap(op, dim, x.dim());
    Tensor y = emptyRowMajor(x, x.dtype());
    if (y.numel() > 0) {
      AxisView v = AxisView.of(x, d);
      DeviceContext c = context(x);
      int status =
          c.kernels.softmax(
              log,
              code(x.dtype()),
              v.outer(),
              v.len(),
              v.inner(),
              address(v.x()),
              outputAddress(y));
      c.check(op, status, v.x(), y, x);
    }
    if (!GradMode.needsGrad(x)) {
      return y;
    }
    return Recording.of(node, y)
        .saves(y)
        .input(
            x,
            (g, saved) -> softmaxGrad(op, log, g, saved.get(0), d),
            (g, saved) -> softmaxSlope(log, g, saved.get(0), d))
        .result();
  }

  /**
   * Softmax: {@code y (g - sum(g y))}; log-softmax: {@code g - exp(y) sum(g)}; sums along the dim.
   */
  private static Tensor softmaxSlope(int log, Tensor g, Tensor y, int d) {
    int[] dims = {d};
    return log == 1
        ? g.sub(y.exp().mul(g.sum(dims, true)))
        : y.mul(g.sub(g.mul(y).sum(dims, true)));
  }

  /** The same by the kernel. */
  private static Tensor softmaxGrad(String op, int log, Tensor g, Tensor y, int d) {
    Tensor gx = emptyRowMajor(y, y.dtype());
    if (gx.numel() > 0) {
      AxisView v = AxisView.of(y, d);
      Tensor gc = Copy.contiguous(g);
      DeviceContext c = context(y);
      int status =
          c.kernels.softmaxGrad(
              log,
              code(y.dtype()),
              v.outer(),
              v.len(),
              v.inner(),
              address(gc),
              address(v.x()),
              outputAddress(gx));
      c.check(op, status, gc, v.x(), gx);
    }
    return gx;
  }

  /**
   * Layer normalization (Ba et al. 2016) over the last dims: {@code (x - mean) / sqrt(variance +
   * eps) * weight + bias}, with the biased variance.
   *
   * @param normalizedShape sizes of the last dims
   * @param weight of that shape, or null for 1
   * @param bias of that shape, or null for 0
   */
  default Tensor layerNorm(long[] normalizedShape, Tensor weight, Tensor bias, double eps) {
    Tensor x = Require.isFloating("layerNorm", (Tensor) this);
    int k = normalizedShape.length;
    long[] s = sizes(x);
    if (k == 0
        || k > s.length
        || !Arrays.equals(normalizedShape, Arrays.copyOfRange(s, s.length - k, s.length))) {
      throw new IllegalArgumentException(
          "layerNorm: the last dims of "
              + Dims.text(s)
              + " must be the normalized shape "
              + Dims.text(normalizedShape));
    }
    for (Tensor t : new Tensor[] {weight, bias}) {
      if (t != null) {
        Pointwise.sameDevice("layerNorm", x, t);
      }
      if (t != null && (!Arrays.equals(sizes(t), normalizedShape) || t.dtype() != x.dtype())) {
        throw new IllegalArgumentException(
            "layerNorm: weight and bias must be "
                + x.dtype()
                + " of shape "
                + Dims.text(normalizedShape)
                + ", got "
                + t.dtype()
                + " of shape "
                + Dims.text(sizes(t)));
      }
    }
    return LayerNorm.forward(x, normalizedShape.clone(), weight, bias, eps);
  }
}
