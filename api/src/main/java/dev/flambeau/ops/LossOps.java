package dev.flambeau.ops;

import static dev.flambeau.internal.tensor.TensorHandle.context;

import dev.flambeau.Reduction;
import dev.flambeau.Tensor;
import dev.flambeau.internal.kernels.Require;
import dev.flambeau.spi.Kernels;

/** Losses: distances of predictions from targets, element by element or by class. */
public sealed interface LossOps permits Tensor {
  /** Squared error, {@code (x - target)^2}; a mean is over all elements. Shapes broadcast. */
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

  /** Absolute error, {@code |x - target|}; a mean is over all elements. Shapes broadcast. */
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

  /**
   * Binary cross entropy of probabilities, {@code -(t log(x) + (1 - t) log(1 - x))}, with
   * logarithms of at least -100; a mean is over all elements. The target has this shape.
   *
   * @throws IllegalArgumentException for an element outside [0, 1]
   */
  default Tensor bceLoss(Tensor target, Reduction reduction) {
    Require.given("bceLoss", "target", target);
    Tensor p = (Tensor) this;
    Require.sameShape("bceLoss", p, target);
    // On other devices the kernel checks: to read the result here would wait for the device.
    boolean checks = p.numel() > 0 && context(p).memory.isHost();
    if (checks && p.detach().lt(0).logicalOr(p.detach().gt(1)).any().itemBoolean()) {
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

  /**
   * Binary cross entropy of scores before a sigmoid, computed without overflow; a mean is over all
   * elements. The target has this shape.
   */
  default Tensor bceWithLogitsLoss(Tensor target, Reduction reduction) {
    Require.given("bceWithLogitsLoss", "target", target);
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
   * {@link #bceLoss(Tensor, Reduction)} with each element's loss times {@code weight} (null: 1),
   * which broadcasts; a mean still divides by the number of elements.
   */
  default Tensor bceLoss(Tensor target, Tensor weight, Reduction reduction) {
    if (weight == null) {
      return bceLoss(target, reduction);
    }
    Tensor each = bceLoss(target, Reduction.NONE);
    return Losses.weighted("bceLoss", "BinaryCrossEntropyBackward0", each, weight, reduction);
  }

  /**
   * {@link #bceWithLogitsLoss(Tensor, Reduction)} with weights; a mean still divides by the number
   * of elements.
   *
   * @param weight of each element's loss; broadcasts; null means 1
   * @param posWeight of the positive part, {@code -posWeight * target * log(sigmoid(x))}, which
   *     trades precision for recall; broadcasts; null means 1
   */
  default Tensor bceWithLogitsLoss(
      Tensor target, Tensor weight, Tensor posWeight, Reduction reduction) {
    Require.given("bceWithLogitsLoss", "target", target);
    if (weight == null && posWeight == null) {
      return bceWithLogitsLoss(target, reduction);
    }
    Tensor x = (Tensor) this;
    Tensor each;
    if (posWeight == null) {
      each = x.bceWithLogitsLoss(target, Reduction.NONE);
    } else {
      Require.sameShape("bceWithLogitsLoss", x, target);
      Losses.fitsInto("bceWithLogitsLoss", "posWeight", posWeight, x);
      Require.notBool("bceWithLogitsLoss", target);
      Require.notBool("bceWithLogitsLoss", posWeight);
      // (1 - t) x + (1 + (posWeight - 1) t) log(1 + e^-x)
      Tensor softplus = x.bceWithLogitsLoss(x.detach().onesLike(), Reduction.NONE);
      Tensor scale = posWeight.sub(1).mul(target).add(1);
      each = target.rsub(1).mul(x).add(scale.mul(softplus));
    }
    return Losses.weighted(
        "bceWithLogitsLoss", "BinaryCrossEntropyWithLogitsBackward0", each, weight, reduction);
  }

  /**
   * Cross entropy of scores before a softmax: {@code -sum(p log(softmax(x)))} over the classes. Of
   * class indices, one kernel forward and one backward.
   *
   * <p>With class indices a mean divides as that of {@link #nllLoss}: by the summed weights of the
   * targets that count; with class probabilities by the number of targets, whatever the weights.
   *
   * @param target class indices (int64), shaped as for {@link #nllLoss}; or class probabilities, a
   *     floating tensor of this tensor's shape
   * @param weight a weight per class (C), or null
   * @param ignoreIndex a class index whose loss and gradient are 0, and which a mean leaves out;
   *     not with class probabilities, for which it must be negative
   * @param labelSmoothing the part of each target, in [0, 1], that is spread evenly over all
   *     classes (Szegedy et al. 2015)
   * @throws IndexOutOfBoundsException for a class outside 0..C-1
   */
  default Tensor crossEntropy(
      Tensor target, Tensor weight, long ignoreIndex, Reduction reduction, double labelSmoothing) {
    Require.given("crossEntropy", "target", target);
    Tensor x = Require.isFloating("crossEntropy", (Tensor) this);
    return CrossEntropy.of(x, target, weight, ignoreIndex, reduction, labelSmoothing);
  }

  /**
   * Negative log likelihood of log probabilities: {@code -weight[t] * x[t]} for each target t.
   *
   * <p>A mean divides the sum by the summed weights of the targets that count, which without
   * weights is their number, and is NaN where none counts.
   *
   * @param target class indices (int64): this of shape (C), (N, C) or (N, C, d1, ...) has targets
   *     of shape (), (N) or (N, d1, ...)
   * @param weight a weight per class (C), or null
   * @param ignoreIndex a target whose loss and gradient are 0, and which a mean leaves out
   * @throws IndexOutOfBoundsException for a class outside 0..C-1
   */
  default Tensor nllLoss(Tensor target, Tensor weight, long ignoreIndex, Reduction reduction) {
    Require.given("nllLoss", "target", target);
    Tensor x = Require.isFloating("nllLoss", (Tensor) this);
    if (x.dim() == 0) {
      throw new IllegalArgumentException(
          "nllLoss: a 0-d tensor has no classes; expected (C), (N, C) or (N, C, d1, ...)");
    }
    int dim = x.dim() == 1 ? 0 : 1;
    NllLoss.check("nllLoss", x, dim, target, weight);
    return NllLoss.forward(x, dim, target, weight, ignoreIndex, reduction);
  }
}
