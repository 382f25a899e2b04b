package dev.flambeau.ops;

import static dev.flambeau.internal.kernels.DTypes.code;
import static dev.flambeau.internal.kernels.DTypes.encode;
import static dev.flambeau.internal.tensor.TensorHandle.address;
import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.outputAddress;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorImpl.newEmpty;

import dev.flambeau.DType;
import dev.flambeau.Reduction;
import dev.flambeau.Tensor;
import dev.flambeau.internal.autograd.Recording;
import dev.flambeau.internal.kernels.AxisView;
import dev.flambeau.internal.kernels.Copy;
import dev.flambeau.internal.kernels.Pointwise;
import dev.flambeau.internal.tensor.DeviceContext;
import dev.flambeau.internal.tensor.Dims;
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
    long[] s = sizes(x);
    boolean[] gone = new boolean[s.length];
    gone[dim] = true;
    long[] expected = Dims.reduced(s, gone, false);
    if (target.dtype() != DType.INT64 || !Arrays.equals(sizes(target), expected)) {
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
              + Dims.text(sizes(target)));
    }
    if (weight != null
        && (!Arrays.equals(sizes(weight), new long[] {s[dim]}) || weight.dtype() != x.dtype())) {
      throw new IllegalArgumentException(
          op
              + ": the weight must be "
              + x.dtype()
              + " of shape ("
              + s[dim]
              + ",), got "
              + weight.dtype()
              + " of shape "
              + Dims.text(sizes(weight)));
    }
  }

  /** Without classes no target is a class, unless it is ignored. */
  static void refuseWithoutClasses(String op, Tensor x, int dim, Tensor target, long ignoreIndex) {
    if (sizes(x)[dim] == 0 && target.numel() > 0 && target.ne(ignoreIndex).any().itemBoolean()) {
      throw new IndexOutOfBoundsException(
          op
              + ": a target is out of range; the input of shape "
              + Dims.text(sizes(x))
              + " has no classes");
    }
  }

  static Tensor forward(
      Tensor x, int dim, Tensor target, Tensor weight, long ignoreIndex, Reduction reduction) {
    AxisView v = AxisView.of(x, dim);
    Tensor t = Copy.contiguous(target);
    Tensor w = weight == null ? null : Copy.contiguous(weight);
    String op = "nllLoss";
    Tensor y =
        newEmpty(op, x, x.dtype(), reduction == Reduction.NONE ? sizes(target) : new long[0]);
    Tensor total = newEmpty(op, x, x.dtype());
    if (target.numel() > 0 && x.numel() > 0) {
      DeviceContext c = context(x);
      int status =
          c.kernels.nllLoss(
              Losses.reductionCode(reduction),
              code(x.dtype()),
              v.outer(),
              v.len(),
              v.inner(),
              address(v.x()),
              address(t),
              w == null ? 0 : address(w),
              outputAddress(y),
              outputAddress(total),
              ignoreIndex);
      c.check(op, status, v.x(), t, y, total, new Tensor[] {w, x});
    } else {
      refuseWithoutClasses(op, x, dim, target, ignoreIndex);
      Pointwise.fill(total, encode(x.dtype(), 0.0));
      Pointwise.fill(y, encode(x.dtype(), reduction == Reduction.MEAN ? Double.NaN : 0));
    }
    long[] sizes = sizes(x);
    return Recording.of(node(sizes.length, reduction), y)
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
    Tensor gx = newEmpty("nllLoss backward", g, g.dtype(), sizes);
    if (gx.numel() == 0) {
      return gx;
    }
    DeviceContext c = context(gx);
    int status =
        c.kernels.nllLossGrad(
            Losses.reductionCode(reduction),
            code(g.dtype()),
            Dims.product(sizes, 0, dim),
            sizes[dim],
            Dims.product(sizes, dim + 1, sizes.length),
            address(gc),
            address(t),
            w == null ? 0 : address(w),
            address(kept.total),
            outputAddress(gx),
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
    return newEmpty("nllLoss backward", g, g.dtype(), sizes)
        .zero_()
        .scatter(dim, index, share.neg().unsqueeze(dim));
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
      w = w.mul(weight.indexSelect(0, classes).reshape(sizes(w)));
    }
    Tensor share = w.mul(reduction == Reduction.MEAN ? g.div(total) : g);
    return Tensor.where(counts, share, share.zerosLike());
  }
}
