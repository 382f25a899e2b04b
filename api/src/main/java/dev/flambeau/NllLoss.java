package dev.flambeau;

/** Negative log likelihood: forward and its gradient. */
final class NllLoss {
  private NllLoss() {}

  static Tensor forward(
      Tensor x, int dim, Tensor target, Tensor weight, long ignoreIndex, Reduction reduction) {
    Pointwise.sameDevice("nllLoss", x, target);
    if (weight != null) {
      Pointwise.sameDevice("nllLoss", x, weight);
    }
    AxisView v = AxisView.of(x, dim);
    Tensor t = Copy.contiguous(target);
    Tensor w = weight == null ? null : Copy.contiguous(weight);
    Tensor y = x.fresh(x.dtype(), reduction == Reduction.NONE ? target.sizes() : new long[0]);
    Tensor total = x.fresh(x.dtype());
    if (target.numel() > 0 && x.numel() > 0) {
      DeviceContext c = x.context();
      int status =
          c.kernels.nllLoss(
              reduction.code,
              x.dtype().code(),
              v.outer(),
              v.len(),
              v.inner(),
              v.x().address(),
              t.address(),
              w == null ? 0 : w.address(),
              y.address(),
              total.address(),
              ignoreIndex);
      c.check("nllLoss", status, v.x(), t, y, total, new Tensor[] {w, x});
    } else {
      Pointwise.fill(total, x.dtype().encode(0.0));
      Pointwise.fill(y, x.dtype().encode(reduction == Reduction.MEAN ? Double.NaN : 0));
    }
    long[] sizes = x.sizes();
    return Autograd.record(node(sizes.length, reduction), y)
        .saves(target, weight, total)
        .input(
            x,
            (g, saved) ->
                Autograd.isGradEnabled()
                    ? composed(g, sizes, dim, saved, ignoreIndex, reduction)
                    : kernel(g, sizes, dim, saved, ignoreIndex, reduction))
        .result();
  }

  /** PyTorch has kernels for (N, C) and (N, C, H, W), and reshapes other ranks to the latter. */
  private static String node(int rank, Reduction reduction) {
    if (rank <= 2) {
      return "NllLossBackward0";
    }
    return rank == 4 || reduction != Reduction.NONE ? "NllLoss2DBackward0" : "ViewBackward0";
  }

  private static Tensor kernel(
      Tensor g, long[] sizes, int dim, Saved saved, long ignoreIndex, Reduction reduction) {
    Tensor t = Copy.contiguous(saved.get(0));
    Tensor w = saved.get(1) == null ? null : Copy.contiguous(saved.get(1));
    Tensor total = saved.get(2);
    Tensor gc = Copy.contiguous(g);
    Tensor gx = g.fresh(g.dtype(), sizes);
    if (gx.numel() == 0) {
      return gx;
    }
    DeviceContext c = gx.context();
    int status =
        c.kernels.nllLossGrad(
            reduction.code,
            g.dtype().code(),
            Dims.product(sizes, 0, dim),
            sizes[dim],
            Dims.product(sizes, dim + 1, sizes.length),
            gc.address(),
            t.address(),
            w == null ? 0 : w.address(),
            total.address(),
            gx.address(),
            ignoreIndex);
    c.check("nllLoss backward", status, gc, t, total, gx, w);
    return gx;
  }

  /**
   * The same in tensor ops: minus the weight at the target, times the gradient (over the total
   * weight for a mean).
   */
  private static Tensor composed(
      Tensor g, long[] sizes, int dim, Saved saved, long ignoreIndex, Reduction reduction) {
    Tensor t = saved.get(0);
    Tensor counts = t.ne(ignoreIndex);
    Tensor index = Tensor.where(counts, t, t.zerosLike()).unsqueeze(dim);
    Tensor w = counts.to(g.dtype());
    if (saved.get(1) != null) {
      w = w.mul(saved.get(1).indexSelect(0, index.flatten()).reshape(w.sizes()));
    }
    Tensor scale = reduction == Reduction.MEAN ? g.div(saved.get(2)) : g;
    // Nothing counted makes the total 0, and the ignored stay 0 all the same.
    Tensor share = w.mul(scale);
    Tensor values = Tensor.where(counts, share, share.zerosLike()).neg().unsqueeze(dim);
    return g.fresh(g.dtype(), sizes).zero_().scatter(dim, index, values);
  }
}
