package dev.flambeau;

import java.util.Arrays;

/** Negative log likelihood: forward and its gradient. */
final class NllLoss {
  private NllLoss() {}

  /**
   * Targets must be class indices of the scores' shape without its classes, weights one a class.
   */
  static void check(String op, Tensor x, int dim, Tensor target, Tensor weight) {
    Pointwise.sameDevice(op, x, target);
    if (weight != null) {
      Pointwise.sameDevice(op, x, weight);
    }
    long[] s = x.sizes();
    boolean[] gone = new boolean[s.length];
    gone[dim] = true;
    long[] expected = Dims.reduced(s, gone, false);
    if (target.dtype() != DType.INT64 || !Arrays.equals(target.sizes(), expected)) {
      throw new IllegalArgumentException(
          op
              + ": for input of shape "
              + Dims.text(s)
              + " the target must be "
              + DType.INT64
              + " of shape "
              + Dims.text(expected)
              + ", got "
              + target.dtype()
              + " of shape "
              + Dims.text(target.sizes()));
    }
    if (weight != null
        && (!Arrays.equals(weight.sizes(), new long[] {s[dim]}) || weight.dtype() != x.dtype())) {
      throw new IllegalArgumentException(
          op
              + ": the weight must be "
              + x.dtype()
              + " of shape ("
              + s[dim]
              + ",), got "
              + weight.dtype()
              + " of shape "
              + Dims.text(weight.sizes()));
    }
  }

  static Tensor forward(
      Tensor x, int dim, Tensor target, Tensor weight, long ignoreIndex, Reduction reduction) {
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
            (g, saved) -> kernel(g, sizes, dim, saved.as(Kept::new), ignoreIndex, reduction),
            (g, saved) -> composed(g, sizes, dim, saved.as(Kept::new), ignoreIndex, reduction))
        .result();
  }

  /** What is saved. */
  private record Kept(Tensor target, Tensor weight, Tensor total) {}

  /** PyTorch has kernels for (N, C) and (N, C, H, W), and reshapes other ranks to the latter. */
  static String node(int rank, Reduction reduction) {
    if (rank <= 2) {
      return "NllLossBackward0";
    }
    return rank == 4 || reduction != Reduction.NONE ? "NllLoss2DBackward0" : "ViewBackward0";
  }

  private static Tensor kernel(
      Tensor g, long[] sizes, int dim, Kept kept, long ignoreIndex, Reduction reduction) {
    Tensor t = Copy.contiguous(kept.target);
    Tensor w = kept.weight == null ? null : Copy.contiguous(kept.weight);
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
            kept.total.address(),
            gx.address(),
            ignoreIndex);
    c.check("nllLoss backward", status, gc, t, kept.total, gx, w);
    return gx;
  }

  /**
   * The same in tensor ops: minus the weight at the target, times the gradient (over the total
   * weight for a mean).
   */
  private static Tensor composed(
      Tensor g, long[] sizes, int dim, Kept kept, long ignoreIndex, Reduction reduction) {
    Tensor share = shares(g, kept.target, kept.weight, kept.total, ignoreIndex, reduction);
    Tensor index = indices(kept.target, ignoreIndex).unsqueeze(dim);
    return g.fresh(g.dtype(), sizes).zero_().scatter(dim, index, share.neg().unsqueeze(dim));
  }

  /** The targets, with class 0 for those that are ignored. */
  static Tensor indices(Tensor target, long ignoreIndex) {
    return target.maskedFill(target.eq(ignoreIndex), 0);
  }

  /**
   * What each target's weight (null: 1) counts in the loss times its gradient, which is nothing
   * where it is ignored: also when all are, and the total is 0.
   */
  static Tensor shares(
      Tensor g, Tensor target, Tensor weight, Tensor total, long ignoreIndex, Reduction reduction) {
    Tensor counts = target.ne(ignoreIndex);
    Tensor w = counts.to(g.dtype());
    if (weight != null) {
      Tensor classes = indices(target, ignoreIndex).flatten();
      w = w.mul(weight.indexSelect(0, classes).reshape(w.sizes()));
    }
    Tensor share = w.mul(reduction == Reduction.MEAN ? g.div(total) : g);
    return Tensor.where(counts, share, share.zerosLike());
  }
}
