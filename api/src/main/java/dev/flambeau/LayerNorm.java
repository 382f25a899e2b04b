package dev.flambeau;

/** Layer normalization over rows: forward, and a gradient per input. */
final class LayerNorm {
  private LayerNorm() {}

  static Tensor forward(Tensor x, long columns, Tensor weight, Tensor bias, double eps) {
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
    Recording r =
        Autograd.record("NativeLayerNormBackward0", y)
            .saves(x, mean, rstd, weight)
            .input(
                x,
                (g, s) ->
                    recorded()
                        ? inputSlope(g, s, rows, columns, eps)
                        : kernel(g, s, rows, columns, 0));
    if (weight != null) {
      r.input(
          weight,
          (g, s) ->
              recorded() ? weightSlope(g, s, rows, columns, eps) : kernel(g, s, rows, columns, 1));
    }
    if (bias != null) {
      r.input(bias, (g, s) -> recorded() ? g : kernel(g, s, rows, columns, 2));
    }
    return r.result();
  }

  private static boolean recorded() {
    return Autograd.isGradEnabled();
  }

  /** One of the three gradients (of x, weight, bias) from the kernel. */
  private static Tensor kernel(Tensor g, Saved saved, long rows, long columns, int which) {
    Tensor x = Copy.contiguous(saved.get(0));
    Tensor gc = Copy.contiguous(g);
    Tensor mean = saved.get(1);
    Tensor rstd = saved.get(2);
    Tensor weight = saved.get(3) == null ? null : Copy.contiguous(saved.get(3));
    Tensor out = x.fresh(x.dtype(), which == 0 ? x.sizes() : new long[] {columns});
    if (x.numel() == 0) {
      return out.zero_();
    }
    DeviceContext c = x.context();
    long address = out.address();
    int status =
        c.kernels.layerNormGrad(
            x.dtype().code(),
            rows,
            columns,
            gc.address(),
            x.address(),
            mean.address(),
            rstd.address(),
            weight == null ? 0 : weight.address(),
            which == 0 ? address : 0,
            which == 1 ? address : 0,
            which == 2 ? address : 0);
    c.check("layerNorm backward", status, gc, x, weight, out, new Tensor[] {mean, rstd});
    // The parameters have the shape of the last dims, of which the kernel knows only the product.
    return which == 0 ? out : out.reshape(lastDims(x.sizes(), columns));
  }

  private static long[] lastDims(long[] sizes, long columns) {
    int from = sizes.length;
    for (long n = 1; n < columns || from == sizes.length; n *= sizes[from]) {
      from--;
    }
    return java.util.Arrays.copyOfRange(sizes, from, sizes.length);
  }

  /** {@code rstd (h - mean(h) - xhat mean(h xhat))} with {@code h = g weight}, in tensor ops. */
  private static Tensor inputSlope(Tensor g, Saved saved, long rows, long columns, double eps) {
    Tensor x = saved.get(0);
    Tensor h = (saved.get(3) == null ? g : g.mul(saved.get(3))).reshape(rows, columns);
    Tensor flat = x.reshape(rows, columns);
    Tensor rstd = rstd(flat, eps);
    Tensor xhat = normalized(flat, eps);
    int[] last = {1};
    Tensor inner = h.sub(h.mean(last, true)).sub(xhat.mul(h.mul(xhat).mean(last, true)));
    return rstd.mul(inner).reshape(x.sizes());
  }

  private static Tensor weightSlope(Tensor g, Saved saved, long rows, long columns, double eps) {
    Tensor x = saved.get(0);
    return g.mul(normalized(x.reshape(rows, columns), eps).reshape(x.sizes()));
  }

  private static Tensor rstd(Tensor flat, double eps) {
    return flat.var(new int[] {1}, 0, true).add(eps).rsqrt();
  }

  private static Tensor normalized(Tensor flat, double eps) {
    return flat.sub(flat.mean(new int[] {1}, true)).mul(rstd(flat, eps));
  }
}
