package dev.flambeau;

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
    long classes = x.sizes()[dim];
    if (weight != null && !Arrays.equals(weight.sizes(), new long[] {classes})) {
      throw new IllegalArgumentException(
          "crossEntropy: the weight must have one element for each of the "
              + classes
              + " classes, got shape "
              + Dims.text(weight.sizes()));
    }
    if (Arrays.equals(x.sizes(), target.sizes())) {
      return ofProbabilities(x, dim, target, weight, ignoreIndex, reduction, smoothing);
    }
    Tensor logs = x.logSoftmax(dim);
    Tensor sharp = logs.nllLoss(target, weight, ignoreIndex, reduction);
    if (smoothing == 0) {
      return sharp;
    }
    Tensor even = even(logs, dim, target, weight, ignoreIndex, reduction);
    return sharp.mul(1 - smoothing).add(even.mul(smoothing / classes));
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
              + Dims.text(x.sizes())
              + " holds class probabilities, so it must be floating, got "
              + target.dtype()
              + "; class indices have no dim of classes");
    }
    if (ignoreIndex >= 0) {
      throw new IllegalArgumentException(
          "crossEntropy: ignoreIndex is for class indices, and the target holds class"
              + " probabilities");
    }
    long classes = x.sizes()[dim];
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
      case MEAN -> Losses.named("DivBackward1", each.sum().neg().div((double) x.numel() / classes));
    };
  }

  /** The loss against a target of the same probability for all classes, times their number. */
  private static Tensor even(
      Tensor logs, int dim, Tensor target, Tensor weight, long ignoreIndex, Reduction reduction) {
    Tensor weighted = weight == null ? logs : logs.mul(along(weight, dim, logs.dim()));
    Tensor ignored = target.eq(ignoreIndex);
    Tensor each = weighted.sum(dim).neg().maskedFill(ignored, 0);
    return switch (reduction) {
      case NONE -> each;
      case SUM -> each.sum();
      case MEAN -> each.sum().div(total(target, ignored, weight, logs.dtype()));
    };
  }

  /** What a mean divides by: the summed weights of the targets that count. */
  private static Tensor total(Tensor target, Tensor ignored, Tensor weight, DType type) {
    Tensor counts = ignored.logicalNot().to(type);
    if (weight == null) {
      return counts.sum();
    }
    Tensor classes = target.maskedFill(ignored, 0).flatten();
    return weight.indexSelect(0, classes).mul(counts.flatten()).sum();
  }

  /** A vector of classes as a tensor that broadcasts over the other dims. */
  private static Tensor along(Tensor weight, int dim, int rank) {
    long[] sizes = new long[rank];
    Arrays.fill(sizes, 1);
    sizes[dim] = weight.numel();
    return weight.view(sizes);
  }
}
