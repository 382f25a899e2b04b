package dev.flambeau.nn;

import dev.flambeau.Reduction;
import dev.flambeau.Tensor;

/**
 * Layers and losses as plain functions, under the names of {@code torch.nn.functional}. Each is a
 * method of {@link Tensor} too, which tells shapes and errors.
 */
public final class Functional {
  private Functional() {}

  public static Tensor relu(Tensor x) {
    return x.relu();
  }

  /** As {@link Tensor#leakyRelu(double)}, with slope 0.01. */
  public static Tensor leakyRelu(Tensor x) {
    return x.leakyRelu(0.01);
  }

  public static Tensor leakyRelu(Tensor x, double slope) {
    return x.leakyRelu(slope);
  }

  public static Tensor elu(Tensor x) {
    return x.elu();
  }

  public static Tensor elu(Tensor x, double alpha) {
    return x.elu(alpha);
  }

  public static Tensor gelu(Tensor x) {
    return x.gelu();
  }

  /** {@code "tanh"} asks for the usual approximation, {@code "none"} for none. */
  public static Tensor gelu(Tensor x, String approximate) {
    return x.gelu(approximate);
  }

  public static Tensor silu(Tensor x) {
    return x.silu();
  }

  public static Tensor softplus(Tensor x) {
    return x.softplus();
  }

  public static Tensor softplus(Tensor x, double beta, double threshold) {
    return x.softplus(beta, threshold);
  }

  public static Tensor sigmoid(Tensor x) {
    return x.sigmoid();
  }

  public static Tensor tanh(Tensor x) {
    return x.tanh();
  }

  public static Tensor softmax(Tensor x, int dim) {
    return x.softmax(dim);
  }

  public static Tensor logSoftmax(Tensor x, int dim) {
    return x.logSoftmax(dim);
  }

  /** Class indices as rows of 0 with a 1; one more class than the greatest index. */
  public static Tensor oneHot(Tensor classes) {
    return classes.oneHot();
  }

  /** Class indices as rows of 0 with a 1. */
  public static Tensor oneHot(Tensor classes, long numClasses) {
    return classes.oneHot(numClasses);
  }

  /** As {@link Tensor#dropout}, training. */
  public static Tensor dropout(Tensor x, double p) {
    return x.dropout(p, true);
  }

  public static Tensor dropout(Tensor x, double p, boolean training) {
    return x.dropout(p, training);
  }

  public static Tensor linear(Tensor x, Tensor weight) {
    return x.linear(weight);
  }

  /** {@code x W^T + b}; a null bias adds nothing. */
  public static Tensor linear(Tensor x, Tensor weight, Tensor bias) {
    return bias == null ? x.linear(weight) : x.linear(weight, bias);
  }

  /** As {@link Tensor#layerNorm}, with neither weight nor bias and eps 1e-5. */
  public static Tensor layerNorm(Tensor x, long... normalizedShape) {
    return x.layerNorm(normalizedShape, null, null, 1e-5);
  }

  public static Tensor layerNorm(
      Tensor x, long[] normalizedShape, Tensor weight, Tensor bias, double eps) {
    return x.layerNorm(normalizedShape, weight, bias, eps);
  }

  /** The mean. */
  public static Tensor mseLoss(Tensor x, Tensor target) {
    return x.mseLoss(target, Reduction.MEAN);
  }

  public static Tensor mseLoss(Tensor x, Tensor target, Reduction reduction) {
    return x.mseLoss(target, reduction);
  }

  /** The mean. */
  public static Tensor l1Loss(Tensor x, Tensor target) {
    return x.l1Loss(target, Reduction.MEAN);
  }

  public static Tensor l1Loss(Tensor x, Tensor target, Reduction reduction) {
    return x.l1Loss(target, reduction);
  }

  /** The mean, unweighted. */
  public static Tensor crossEntropy(Tensor x, Tensor target) {
    return crossEntropy(x, target, null);
  }

  /** The mean, with a weight per class. */
  public static Tensor crossEntropy(Tensor x, Tensor target, Tensor weight) {
    return crossEntropy(x, target, weight, -100, Reduction.MEAN, 0);
  }

  /** As {@link Tensor#crossEntropy}. */
  public static Tensor crossEntropy(
      Tensor x,
      Tensor target,
      Tensor weight,
      long ignoreIndex,
      Reduction reduction,
      double labelSmoothing) {
    return x.crossEntropy(target, weight, ignoreIndex, reduction, labelSmoothing);
  }

  /** The mean, unweighted. */
  public static Tensor nllLoss(Tensor x, Tensor target) {
    return nllLoss(x, target, null, -100, Reduction.MEAN);
  }

  /** As {@link Tensor#nllLoss}. */
  public static Tensor nllLoss(
      Tensor x, Tensor target, Tensor weight, long ignoreIndex, Reduction reduction) {
    return x.nllLoss(target, weight, ignoreIndex, reduction);
  }

  /** The mean, unweighted, of probabilities. */
  public static Tensor binaryCrossEntropy(Tensor x, Tensor target) {
    return x.bceLoss(target, Reduction.MEAN);
  }

  /** Of probabilities; a null weight is 1. */
  public static Tensor binaryCrossEntropy(
      Tensor x, Tensor target, Tensor weight, Reduction reduction) {
    return x.bceLoss(target, weight, reduction);
  }

  /** The mean, unweighted, of scores. */
  public static Tensor binaryCrossEntropyWithLogits(Tensor x, Tensor target) {
    return x.bceWithLogitsLoss(target, Reduction.MEAN);
  }

  /** Of scores; a null weight is 1. */
  public static Tensor binaryCrossEntropyWithLogits(
      Tensor x, Tensor target, Tensor weight, Tensor posWeight, Reduction reduction) {
    return x.bceWithLogitsLoss(target, weight, posWeight, reduction);
  }
}
