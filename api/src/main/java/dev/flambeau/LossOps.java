package dev.flambeau;

import dev.flambeau.spi.Kernels;
import java.util.Arrays;

/** Losses: distances of predictions from targets, element by element or by class. */
public sealed interface LossOps permits Tensor {
  /** Mean squared error, {@code (x - target)^2}. */
  default Tensor mseLoss(Tensor target, Reduction reduction) {
    return Losses.pointwise(
        "mseLoss",
        "MseLossBackward0",
        Kernels.LOSS_MSE,
        (Tensor) this,
        target,
        reduction,
        (x, t) -> x.sub(t).mul(2));
  }

  /** Absolute error, {@code |x - target|}. */
  default Tensor l1Loss(Tensor target, Reduction reduction) {
    // PyTorch composes this loss, so the last step gives its node the name.
    String node =
        switch (reduction) {
          case NONE -> "AbsBackward0";
          case MEAN -> "MeanBackward0";
          case SUM -> "SumBackward0";
        };
    return Losses.pointwise(
        "l1Loss",
        node,
        Kernels.LOSS_L1,
        (Tensor) this,
        target,
        reduction,
        (x, t) -> x.sub(t).sign());
  }

  /** Binary cross entropy of probabilities; logarithms are kept above -100. Same shapes. */
  default Tensor bceLoss(Tensor target, Reduction reduction) {
    Tensor p = (Tensor) this;
    Require.sameShape("bceLoss", p, target);
    Tensor outside = p.detach().lt(0).logicalOr(p.detach().gt(1));
    if (p.numel() > 0 && outside.any().itemBoolean()) {
      throw new IllegalArgumentException(
          "bceLoss: all inputs must be probabilities in [0, 1]; use bceWithLogitsLoss for scores");
    }
    return Losses.pointwise(
        "bceLoss",
        "BinaryCrossEntropyBackward0",
        Kernels.LOSS_BCE,
        p,
        target,
        reduction,
        (x, t) -> x.sub(t).div(x.rsub(1).mul(x).clampMin(1e-12)));
  }

  /** Binary cross entropy of scores before a sigmoid, computed without overflow. Same shapes. */
  default Tensor bceWithLogitsLoss(Tensor target, Reduction reduction) {
    Tensor p = (Tensor) this;
    Require.sameShape("bceWithLogitsLoss", p, target);
    return Losses.pointwise(
        "bceWithLogitsLoss",
        "BinaryCrossEntropyWithLogitsBackward0",
        Kernels.LOSS_BCE_LOGITS,
        p,
        target,
        reduction,
        (x, t) -> x.sigmoid().sub(t));
  }

  /**
   * Negative log likelihood of log probabilities.
   *
   * @param target class indices (int64): this of shape (C), (N, C) or (N, C, d1, ...) has targets
   *     of shape (), (N) or (N, d1, ...)
   * @param weight a weight per class (C), or null
   * @param ignoreIndex a target that counts nothing
   * @throws IndexOutOfBoundsException for a class outside 0..C-1
   */
  default Tensor nllLoss(Tensor target, Tensor weight, long ignoreIndex, Reduction reduction) {
    Tensor x = Require.isFloating("nllLoss", (Tensor) this);
    long[] s = x.sizes();
    if (s.length == 0) {
      throw new IllegalArgumentException(
          "nllLoss: a 0-d tensor has no classes; expected (C), (N, C) or (N, C, d1, ...)");
    }
    int dim = s.length == 1 ? 0 : 1;
    boolean[] gone = new boolean[s.length];
    gone[dim] = true;
    long[] expected = Dims.reduced(s, gone, false);
    if (target.dtype() != DType.INT64 || !Arrays.equals(target.sizes(), expected)) {
      throw new IllegalArgumentException(
          "nllLoss: for input of shape "
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
          "nllLoss: the weight must be "
              + x.dtype()
              + " of shape ("
              + s[dim]
              + ",), got "
              + weight.dtype()
              + " of shape "
              + Dims.text(weight.sizes()));
    }
    return NllLoss.forward(x, dim, target, weight, ignoreIndex, reduction);
  }
}
