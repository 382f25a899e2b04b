package dev.flambeau.ops;

import static dev.flambeau.internal.kernels.DTypes.code;
import static dev.flambeau.internal.tensor.TensorHandle.address;
import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.outputAddress;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorImpl.emptyRowMajor;
import static dev.flambeau.internal.tensor.TensorImpl.newEmpty;

import dev.flambeau.Tensor;
import dev.flambeau.internal.autograd.Recording;
import dev.flambeau.internal.kernels.Copy;
import dev.flambeau.internal.tensor.DeviceContext;
import dev.flambeau.internal.tensor.Dims;

/** Layer normalization over rows: forward and its gradients. */
final class LayerNorm {
  private LayerNorm() {}

  /** {@code shape}: the sizes of the last dims, which those of the parameters are too. */
  static Tensor forward(Tensor x, long[] shape, Tensor weight, Tensor bias, double eps) {
    long columns = Dims.product(shape, 0, shape.length);
    long rows = columns == 0 ? 0 : x.numel() / columns;
    Tensor in = Copy.contiguous(x);
    Tensor w = weight == null ? null : Copy.contiguous(weight);
    Tensor b = bias == null ? null : Copy.contiguous(bias);
    Tensor y = emptyRowMajor(x, x.dtype());
    Tensor mean = newEmpty("layerNorm", x, x.dtype(), rows);
    Tensor rstd = newEmpty("layerNorm", x, x.dtype(), rows);
    if (y.numel() > 0) {
      DeviceContext c = context(x);
      int status =
          c.kernels.layerNorm(
              code(x.dtype()),
              rows,
              columns,
              address(in),
              w == null ? 0 : address(w),
              b == null ? 0 : address(b),
              outputAddress(y),
              outputAddress(mean),
              outputAddress(rstd),
              eps);
      c.check("layerNorm", status, in, w, b, y, new Tensor[] {mean, rstd});
    }
    return Recording.of("NativeLayerNormBackward0", y)
        .saves(x, mean, rstd, weight)
        .inputs(x, weight, bias)
        .gradient(
            (g, saved, wanted) -> kernel(g[0], saved.as(Kept::new), shape, wanted),
            (g, saved, wanted) -> composed(g[0], saved.as(Kept::new), rows, columns, eps, wanted))
        .result();
  }

  /** What is saved. */
  private record Kept(Tensor x, Tensor mean, Tensor rstd, Tensor weight) {}

  /** The gradients of x, weight and bias: one call for those that are wanted. */
  private static Tensor[] kernel(Tensor g, Kept kept, long[] shape, boolean[] wanted) {
    Tensor x = Copy.contiguous(kept.x);
    Tensor gc = Copy.contiguous(g);
    Tensor weight = kept.weight == null ? null : Copy.contiguous(kept.weight);
    Tensor gx = wanted[0] ? emptyRowMajor(x, x.dtype()) : null;
    Tensor gweight = wanted[1] ? newEmpty("layerNorm backward", x, x.dtype(), shape) : null;
    Tensor gbias = wanted[2] ? newEmpty("layerNorm backward", x, x.dtype(), shape) : null;
    Tensor[] all = {gx, gweight, gbias};
    if (x.numel() == 0) {
      for (Tensor t : all) {
        if (t != null) {
          t.zero_();
        }
      }
      return all;
    }
    long columns = Dims.product(shape, 0, shape.length);
    DeviceContext c = context(x);
    int status =
        c.kernels.layerNormGrad(
            code(x.dtype()),
            x.numel() / columns,
            columns,
            address(gc),
            address(x),
            address(kept.mean),
            address(kept.rstd),
            weight == null ? 0 : address(weight),
            gx == null ? 0 : outputAddress(gx),
            gweight == null ? 0 : outputAddress(gweight),
            gbias == null ? 0 : outputAddress(gbias));
    c.check(
        "layerNorm backward",
        status,
        gc,
        x,
        weight,
        gx,
        new Object[] {kept.mean, kept.rstd, gweight, gbias});
    return all;
  }

  /**
   * The same in tensor ops. Of x: {@code rstd (h - mean(h) - xhat mean(h xhat))} with {@code h = g
   * weight}.
   */
  private static Tensor[] composed(
      Tensor g, Kept kept, long rows, long columns, double eps, boolean[] wanted) {
    return new Tensor[] {
      wanted[0] ? inputSlope(g, kept, rows, columns, eps) : null,
      wanted[1]
          ? g.mul(normalized(kept.x.reshape(rows, columns), eps).reshape(sizes(kept.x)))
          : null,
      g
    };
  }

  private static Tensor inputSlope(Tensor g, Kept kept, long rows, long columns, double eps) {
    Tensor h = (kept.weight == null ? g : g.mul(kept.weight)).reshape(rows, columns);
    Tensor flat = kept.x.reshape(rows, columns);
    Tensor rstd = rstd(flat, eps);
    Tensor xhat = normalized(flat, eps);
    int[] last = {1};
    Tensor inner = h.sub(h.mean(last, true)).sub(xhat.mul(h.mul(xhat).mean(last, true)));
    return rstd.mul(inner).reshape(sizes(kept.x));
  }

  private static Tensor rstd(Tensor flat, double eps) {
    return flat.var(new int[] {1}, 0, true).add(eps).rsqrt();
  }

  private static Tensor normalized(Tensor flat, double eps) {
    return flat.sub(flat.mean(new int[] {1}, true)).mul(rstd(flat, eps));
  }
}
