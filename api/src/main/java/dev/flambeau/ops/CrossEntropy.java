package dev.flambeau.ops;

import static dev.flambeau.internal.kernels.DTypes.code;
import static dev.flambeau.internal.kernels.DTypes.encode;
import static dev.flambeau.internal.tensor.TensorHandle.address;
import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.outputAddress;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorImpl.emptyRowMajor;
import static dev.flambeau.internal.tensor.TensorImpl.newEmpty;

import dev.flambeau.DType;
import dev.flambeau.Reduction;
import dev.flambeau.Tensor;
import dev.flambeau.internal.autograd.GradMode;
import dev.flambeau.internal.autograd.Recording;
import dev.flambeau.internal.kernels.AxisView;
import dev.flambeau.internal.kernels.Copy;
import dev.flambeau.internal.kernels.Pointwise;
import dev.flambeau.internal.tensor.DeviceContext;
import dev.flambeau.internal.tensor.Dims;
import java.util.Arrays;

/**
 * Cross entropy of scores, for class indices and class probabilities. Formulas: <a
 * href="https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html">torch.nn.CrossEntropyLoss</a>.
 */
final class CrossEntropy {
  private CrossEntropy() {}

  static Tensor of(
      Tensor x,
      Tensor target,
      Tensor weight,
      long ignoreIndex,
      Reduction reduction,
      double smoothing) {
    if (!(smoothing >= 0 && smoothing <= 1)) {
      throw new IllegalArgumentException(
          "crossEntropy: labelSmoothing must be in [0, 1], got " + smoothing);
    }
    if (x.dim() == 0) {
      throw new IllegalArgumentException(
          "crossEntropy: a 0-d tensor has no classes; expected (C), (N, C) or (N, C, d1, ...)");
    }
    int dim = x.dim() == 1 ? 0 : 1;
    long classes = sizes(x)[dim];
    if (weight != null && !Arrays.equals(sizes(weight), new long[] {classes})) {
      throw new IllegalArgumentException(
          "crossEntropy: the weight must have one element for each of the "
              + classes
              + " classes, got shape "
              + Dims.text(sizes(weight)));
    }
    if (Arrays.equals(sizes(x), sizes(target))) {
      return ofProbabilities(x, dim, target, weight, ignoreIndex, reduction, smoothing);
    }
    NllLoss.check("crossEntropy", x, dim, target, weight);
    return ofClasses(x, dim, target, weight, ignoreIndex, reduction, smoothing);
  }

  private static Tensor ofClasses(
      Tensor x,
      int dim,
      Tensor target,
      Tensor weight,
      long ignoreIndex,
      Reduction reduction,
      double smoothing) {
    AxisView v = AxisView.of(x, dim);
    Tensor t = Copy.contiguous(target);
    Tensor w = weight == null ? null : Copy.contiguous(weight);
    String op = "crossEntropy";
    Tensor y =
        newEmpty(op, x, x.dtype(), reduction == Reduction.NONE ? sizes(target) : new long[0]);
    Tensor total = newEmpty(op, x, x.dtype());
    boolean recorded = GradMode.needsGrad(x);
    Tensor logSums =
        recorded
            ? newEmpty(op, x, DType.promote(x.dtype(), DType.FLOAT32), v.outer() * v.inner(), 2)
            : null;
    if (target.numel() > 0 && x.numel() > 0) {
      DeviceContext c = context(x);
      int status =
          c.kernels.crossEntropy(
              Losses.reductionCode(reduction),
              code(x.dtype()),
              v.outer(),
              v.len(),
              v.inner(),
              address(v.x()),
              address(t),
              w == null ? 0 : address(w),
              outputAddress(y),
              recorded ? outputAddress(logSums) : 0,
              outputAddress(total),
              ignoreIndex,
              smoothing);
      c.check(op, status, v.x(), t, y, total, new Tensor[] {w, x, logSums});
    } else {
      NllLoss.refuseWithoutClasses(op, x, dim, target, ignoreIndex);
      Pointwise.fill(total, encode(x.dtype(), 0.0));
      Pointwise.fill(y, encode(x.dtype(), reduction == Reduction.MEAN ? Double.NaN : 0));
    }
    if (!recorded) {
      return y;
    }
    // PyTorch composes a smoothed loss, so its last step gives the node the name.
    String node = smoothing == 0 ? NllLoss.node(x.dim(), reduction) : "AddBackward0";
    return Recording.of(node, y)
        .saves(x, logSums, target, weight, total)
        .copiedBeforeWrite(1) // PyTorch saves the logarithms of the softmax
        .input(
            x,
            (g, saved) -> kernel(g, dim, saved.as(Kept::new), ignoreIndex, reduction, smoothing),
            (g, saved) -> composed(g, dim, saved.as(Kept::new), ignoreIndex, reduction, smoothing))
        .result();
  }

  /** What is saved. */
  private record Kept(Tensor x, Tensor logSums, Tensor target, Tensor weight, Tensor total) {}

  private static Tensor kernel(
      Tensor g, int dim, Kept kept, long ignoreIndex, Reduction reduction, double smoothing) {
    AxisView v = AxisView.of(kept.x, dim);
    Tensor t = Copy.contiguous(kept.target);
    Tensor w = kept.weight == null ? null : Copy.contiguous(kept.weight);
    Tensor gc = Copy.contiguous(g);
    Tensor gx = emptyRowMajor(v.x(), g.dtype());
    if (gx.numel() == 0) {
      return gx;
    }
    DeviceContext c = context(gx);
    int status =
        c.kernels.crossEntropyGrad(
            Losses.reductionCode(reduction),
            code(g.dtype()),
            v.outer(),
            v.len(),
            v.inner(),
            address(gc),
            address(v.x()),
            address(kept.logSums),
            address(t),
            w == null ? 0 : address(w),
            address(kept.total),
            outputAddress(gx),
            ignoreIndex,
            smoothing);
    c.check(
        "crossEntropy backward",
        status,
        gc,
        v.x(),
        t,
        gx,
        new Tensor[] {w, kept.total, kept.logSums});
    return gx;
  }

  /** The same in tensor ops: what the targets count times the softmax, less that at the targets. */
  private static Tensor composed(
      Tensor g, int dim, Kept kept, long ignoreIndex, Reduction reduction, double smoothing) {
    Tensor x = kept.x;
    Tensor t = kept.target;
    Tensor weight = kept.weight;
    Tensor sharp =
        NllLoss.shares(g, t, weight, kept.total, ignoreIndex, reduction)
            .mul(1 - smoothing)
            .unsqueeze(dim);
    Tensor p = x.softmax(dim);
    Tensor gx = p.mul(sharp);
    if (smoothing != 0) {
      long classes = sizes(x)[dim];
      Tensor even =
          NllLoss.shares(g, t, null, kept.total, ignoreIndex, reduction)
              .mul(smoothing / classes)
              .unsqueeze(dim);
      Tensor slope =
          weight == null
              ? p.mul(classes).sub(1)
              : p.mul(weight.sum()).sub(along(weight, dim, x.dim()));
      gx = gx.add(slope.mul(even));
    }
    return gx.scatterAdd(dim, NllLoss.indices(t, ignoreIndex).unsqueeze(dim), sharp.neg());
  }

  private static Tensor ofProbabilities(
      Tensor x,
      int dim,
      Tensor target,
      Tensor weight,
      long ignoreIndex,
      Reduction reduction,
      double smoothing) {
    if (!target.dtype().isFloating()) {
      throw new IllegalArgumentException(
          "crossEntropy: a target of the input's shape "
              + Dims.text(sizes(x))
              + " holds class probabilities, so it must be floating, got "
              + target.dtype()
              + "; class indices have no dim of classes");
    }
    if (ignoreIndex >= 0) {
      throw new IllegalArgumentException(
          "crossEntropy: ignoreIndex is for class indices, and the target holds class"
              + " probabilities");
    }
    long classes = sizes(x)[dim];
    Tensor p = target;
    if (smoothing > 0) {
      p = target.mul(1 - smoothing).add(smoothing / classes);
    }
    Tensor each = x.logSoftmax(dim).mul(p);
    if (weight != null) {
      each = each.mul(along(weight, dim, x.dim()));
    }
    return switch (reduction) {
      case NONE -> each.sum(dim).neg();
      case SUM -> each.sum().neg();
      case MEAN ->
          Recording.rename(each.sum().neg().div((double) x.numel() / classes), "DivBackward1");
    };
  }

  /** A vector of classes as a tensor that broadcasts over the other dims. */
  private static Tensor along(Tensor weight, int dim, int rank) {
    long[] sizes = new long[rank];
    Arrays.fill(sizes, 1);
    sizes[dim] = weight.numel();
    return weight.view(sizes);
  }
}
