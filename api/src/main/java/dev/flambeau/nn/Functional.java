package dev.flambeau.nn;

import static java.util.Objects.requireNonNull;

import dev.flambeau.Reduction;
import dev.flambeau.Tensor;

/**
 * Layers and losses as plain functions, under the names of {@code torch.nn.functional}. Each is a
 * method of {@link Tensor} too, whose page says shapes and errors.
 */
public final class Functional {
  private Functional() {}

  /** As {@link Tensor#relu}: {@code max(x, 0)}. */
  public static Tensor relu(Tensor x) {
    requireNonNull(x, "relu: x is null");
    return x.relu();
  }

  /** As {@link Tensor#leakyRelu(double)}, with slope 0.01. */
  public static Tensor leakyRelu(Tensor x) {
    requireNonNull(x, "leakyRelu: x is null");
    return x.leakyRelu(0.01);
  }

  /** As {@link Tensor#leakyRelu(double)}: {@code x} above 0, {@code slope * x} below. */
  public static Tensor leakyRelu(Tensor x, double slope) {
    requireNonNull(x, "leakyRelu: x is null");
    return x.leakyRelu(slope);
  }

  /** As {@link Tensor#elu(double)}, with alpha 1. */
  public static Tensor elu(Tensor x) {
    requireNonNull(x, "elu: x is null");
    return x.elu();
  }

  /** As {@link Tensor#elu(double)}: {@code x} above 0, {@code alpha * (exp(x) - 1)} below. */
  public static Tensor elu(Tensor x, double alpha) {
    requireNonNull(x, "elu: x is null");
    return x.elu(alpha);
  }

  /** As {@link Tensor#gelu()}, without approximation. */
  public static Tensor gelu(Tensor x) {
    requireNonNull(x, "gelu: x is null");
    return x.gelu();
  }

  /**
   * As {@link Tensor#gelu(String)}: by the usual approximation with {@code "tanh"}, exact with
   * {@code "none"}.
   */
  public static Tensor gelu(Tensor x, String approximate) {
    requireNonNull(x, "gelu: x is null");
    return x.gelu(approximate);
  }

  /** As {@link Tensor#silu}: {@code x * sigmoid(x)}. */
  public static Tensor silu(Tensor x) {
    requireNonNull(x, "silu: x is null");
    return x.silu();
  }

  /** As {@link Tensor#hardsigmoid}: {@code (x + 3) / 6} within [0, 1]. */
  public static Tensor hardsigmoid(Tensor x) {
    requireNonNull(x, "hardsigmoid: x is null");
    return x.hardsigmoid();
  }

  /** As {@link Tensor#hardswish}: {@code x * hardsigmoid(x)}. */
  public static Tensor hardswish(Tensor x) {
    requireNonNull(x, "hardswish: x is null");
    return x.hardswish();
  }

  /** As {@link Tensor#hardshrink(double)}, with lambd 0.5. */
  public static Tensor hardshrink(Tensor x) {
    requireNonNull(x, "hardshrink: x is null");
    return x.hardshrink();
  }

  /** As {@link Tensor#hardshrink(double)}: 0 within [-lambd, lambd], {@code x} elsewhere. */
  public static Tensor hardshrink(Tensor x, double lambd) {
    requireNonNull(x, "hardshrink: x is null");
    return x.hardshrink(lambd);
  }

  /** As {@link Tensor#softplus(double, double)}, with beta 1 and threshold 20. */
  public static Tensor softplus(Tensor x) {
    requireNonNull(x, "softplus: x is null");
    return x.softplus();
  }

  /**
   * As {@link Tensor#softplus(double, double)}: {@code log(1 + exp(beta * x)) / beta}, and {@code
   * x} itself where {@code beta * x} exceeds the threshold.
   */
  public static Tensor softplus(Tensor x, double beta, double threshold) {
    requireNonNull(x, "softplus: x is null");
    return x.softplus(beta, threshold);
  }

  /** As {@link Tensor#sigmoid}: {@code 1 / (1 + exp(-x))}. */
  public static Tensor sigmoid(Tensor x) {
    requireNonNull(x, "sigmoid: x is null");
    return x.sigmoid();
  }

  /** As {@link Tensor#tanh}: the hyperbolic tangent. */
  public static Tensor tanh(Tensor x) {
    requireNonNull(x, "tanh: x is null");
    return x.tanh();
  }

  /** As {@link Tensor#softmax}: each line along {@code dim} becomes positive and sums to 1. */
  public static Tensor softmax(Tensor x, int dim) {
    requireNonNull(x, "softmax: x is null");
    return x.softmax(dim);
  }

  /** As {@link Tensor#logSoftmax}: the logarithm of the softmax along {@code dim}. */
  public static Tensor logSoftmax(Tensor x, int dim) {
    requireNonNull(x, "logSoftmax: x is null");
    return x.logSoftmax(dim);
  }

  /**
   * Class indices as rows of 0 with a 1, as {@link Tensor#oneHot()}: one more class than the
   * greatest index.
   */
  public static Tensor oneHot(Tensor classes) {
    requireNonNull(classes, "oneHot: classes is null");
    return classes.oneHot();
  }

  /** Class indices as rows of 0 with a 1, as {@link Tensor#oneHot(long)}: of so many classes. */
  public static Tensor oneHot(Tensor classes, long numClasses) {
    requireNonNull(classes, "oneHot: classes is null");
    return classes.oneHot(numClasses);
  }

  /** As {@link Tensor#dropout}, training. */
  public static Tensor dropout(Tensor x, double p) {
    requireNonNull(x, "dropout: x is null");
    return x.dropout(p, true);
  }

  /**
   * As {@link Tensor#dropout}: when training, zeroes each element with probability {@code p} and
   * divides the rest by {@code 1 - p}; else gives {@code x}.
   */
  public static Tensor dropout(Tensor x, double p, boolean training) {
    requireNonNull(x, "dropout: x is null");
    return x.dropout(p, training);
  }

  /** {@code x W^T}: (..., in) and a weight (out, in) give (..., out). */
  public static Tensor linear(Tensor x, Tensor weight) {
    requireNonNull(x, "linear: x is null");
    requireNonNull(weight, "linear: weight is null");
    return x.linear(weight);
  }

  /** {@code x W^T + b}; a null bias adds nothing. */
  public static Tensor linear(Tensor x, Tensor weight, Tensor bias) {
    requireNonNull(x, "linear: x is null");
    requireNonNull(weight, "linear: weight is null");
    return bias == null ? x.linear(weight) : x.linear(weight, bias);
  }

  /** As {@link Tensor#layerNorm}, with neither weight nor bias and eps 1e-5. */
  public static Tensor layerNorm(Tensor x, long... normalizedShape) {
    requireNonNull(x, "layerNorm: x is null");
    return x.layerNorm(normalizedShape, null, null, 1e-5);
  }

  /** As {@link Tensor#layerNorm}; weight and bias, of the normalized shape, may be null. */
  public static Tensor layerNorm(
      Tensor x, long[] normalizedShape, Tensor weight, Tensor bias, double eps) {
    requireNonNull(x, "layerNorm: x is null");
    return x.layerNorm(normalizedShape, weight, bias, eps);
  }

  /** The squared error as a mean over all elements. */
  public static Tensor mseLoss(Tensor x, Tensor target) {
    requireNonNull(x, "mseLoss: x is null");
    requireNonNull(target, "mseLoss: target is null");
    return x.mseLoss(target, Reduction.MEAN);
  }

  /** As {@link Tensor#mseLoss}: {@code (x - target)^2}, as a mean, a sum or per element. */
  public static Tensor mseLoss(Tensor x, Tensor target, Reduction reduction) {
    requireNonNull(x, "mseLoss: x is null");
    requireNonNull(target, "mseLoss: target is null");
    return x.mseLoss(target, reduction);
  }

  /** The absolute error as a mean over all elements. */
  public static Tensor l1Loss(Tensor x, Tensor target) {
    requireNonNull(x, "l1Loss: x is null");
    requireNonNull(target, "l1Loss: target is null");
    return x.l1Loss(target, Reduction.MEAN);
  }

  /** As {@link Tensor#l1Loss}: {@code |x - target|}, as a mean, a sum or per element. */
  public static Tensor l1Loss(Tensor x, Tensor target, Reduction reduction) {
    requireNonNull(x, "l1Loss: x is null");
    requireNonNull(target, "l1Loss: target is null");
    return x.l1Loss(target, reduction);
  }

  /** The cross entropy of scores as a mean over the targets that are not -100. */
  public static Tensor crossEntropy(Tensor x, Tensor target) {
    return crossEntropy(x, target, null);
  }

  /**
   * The cross entropy of scores with a weight per class (null: 1 for each), as a mean: with class
   * indices divided by the summed weights of the targets that are not -100.
   */
  public static Tensor crossEntropy(Tensor x, Tensor target, Tensor weight) {
    return crossEntropy(x, target, weight, -100, Reduction.MEAN, 0);
  }

  /**
   * As {@link Tensor#crossEntropy}, which says what a mean divides by; a null weight is 1 for each
   * class.
   */
  public static Tensor crossEntropy(
      Tensor x,
      Tensor target,
      Tensor weight,
      long ignoreIndex,
      Reduction reduction,
      double labelSmoothing) {
    requireNonNull(x, "crossEntropy: x is null");
    requireNonNull(target, "crossEntropy: target is null");
    return x.crossEntropy(target, weight, ignoreIndex, reduction, labelSmoothing);
  }

  /**
   * The negative log likelihood of log probabilities as a mean over the targets that are not -100.
   */
  public static Tensor nllLoss(Tensor x, Tensor target) {
    return nllLoss(x, target, null, -100, Reduction.MEAN);
  }

  /**
   * As {@link Tensor#nllLoss}; a null weight is 1 for each class. A mean divides by the summed
   * weights of the targets that count.
   */
  public static Tensor nllLoss(
      Tensor x, Tensor target, Tensor weight, long ignoreIndex, Reduction reduction) {
    requireNonNull(x, "nllLoss: x is null");
    requireNonNull(target, "nllLoss: target is null");
    return x.nllLoss(target, weight, ignoreIndex, reduction);
  }

  /** The binary cross entropy of probabilities as a mean over all elements. */
  public static Tensor binaryCrossEntropy(Tensor x, Tensor target) {
    requireNonNull(x, "binaryCrossEntropy: x is null");
    requireNonNull(target, "binaryCrossEntropy: target is null");
    return x.bceLoss(target, Reduction.MEAN);
  }

  /**
   * As {@link Tensor#bceLoss}, of probabilities; a null weight is 1. A mean divides by the number
   * of elements.
   */
  public static Tensor binaryCrossEntropy(
      Tensor x, Tensor target, Tensor weight, Reduction reduction) {
    requireNonNull(x, "binaryCrossEntropy: x is null");
    requireNonNull(target, "binaryCrossEntropy: target is null");
    return x.bceLoss(target, weight, reduction);
  }

  /** The binary cross entropy of scores before a sigmoid as a mean over all elements. */
  public static Tensor binaryCrossEntropyWithLogits(Tensor x, Tensor target) {
    requireNonNull(x, "binaryCrossEntropyWithLogits: x is null");
    requireNonNull(target, "binaryCrossEntropyWithLogits: target is null");
    return x.bceWithLogitsLoss(target, Reduction.MEAN);
  }

  /**
   * As {@link Tensor#bceWithLogitsLoss}, of scores before a sigmoid; null weights are 1. A mean
   * divides by the number of elements.
   */
  public static Tensor binaryCrossEntropyWithLogits(
      Tensor x, Tensor target, Tensor weight, Tensor posWeight, Reduction reduction) {
    requireNonNull(x, "binaryCrossEntropyWithLogits: x is null");
    requireNonNull(target, "binaryCrossEntropyWithLogits: target is null");
    return x.bceWithLogitsLoss(target, weight, posWeight, reduction);
  }
}
