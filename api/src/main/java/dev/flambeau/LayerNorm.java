package dev.flambeau;

/** Layer normalization over rows: forward and its gradients. */
final class LayerNorm {
  private LayerNorm() {}

  /** {@code shape}: the sizes of the last dims, which those of the parameters are too. */
  static Tensor forward(Tensor x, long[] shape, Tensor weight, Tensor bias, double eps) {
    long columns = Dims.numel(shape);
    long rows = columns == 0 ? 0 : x.numel() / columns;
    Tensor in = Copy.contiguous(x);
    Tensor w = weight == null ? null : Copy.contiguous(weight);
    Tensor b = bias == null ? null : Copy.contiguous(bias);
    Tensor y = x.fresh(x.dtype(), x.sizes());
    Tensor mean = x.fresh(x.dtype(), rows);
    Tensor rstd = x.fresh(x.dtype(), rows);
    if (y.numel() > 0) {
      DeviceContext c = x.context();
      int status =
          c.kernels.layerNorm(
              x.dtype().code(),
              rows,
              columns,
              in.address(),
              w == null ? 0 : w.address(),
              b == null ? 0 : b.address(),
              y.address(),
              mean.address(),
              rstd.address(),
              eps);
      c.check("layerNorm", status, in, w, b, y, new Tensor[] {mean, rstd});
    }
    return Autograd.record("NativeLayerNormBackward0", y)
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
    Tensor gx = wanted[0] ? x.fresh(x.dtype(), x.sizes()) : null;
    Tensor gweight = wanted[1] ? x.fresh(x.dtype(), shape) : null;
    Tensor gbias = wanted[2] ? x.fresh(x.dtype(), shape) : null;
    Tensor[] all = {gx, gweight, gbias};
    if (x.numel() == 0) {
      for (Tensor t : all) {
        if (t != null) {
          t.zero_();
        }
      }
      return all;
    }
    long columns = Dims.numel(shape);
    DeviceContext c = x.context();
    int status =
        c.kernels.layerNormGrad(
            x.dtype().code(),
            x.numel() / columns,
            columns,
            gc.address(),
            x.address(),
            kept.mean.address(),
            kept.rstd.address(),
            weight == null ? 0 : weight.address(),
            gx == null ? 0 : gx.address(),
            gweight == null ? 0 : gweight.address(),
            gbias == null ? 0 : gbias.address());
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
          ? g.mul(normalized(kept.x.reshape(rows, columns), eps).reshape(kept.x.sizes()))
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
    return rstd.mul(inner).reshape(kept.x.sizes());
  }

  private static Tensor rstd(Tensor flat, double eps) {
    return flat.var(new int[] {1}, 0, true).add(eps).rsqrt();
  }

  private static Tensor normalized(Tensor flat, double eps) {
    return flat.sub(flat.mean(new int[] {1}, true)).mul(rstd(flat, eps));
  }
}
