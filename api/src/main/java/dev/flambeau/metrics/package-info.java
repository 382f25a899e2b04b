/**
 * Figures that judge a model over many batches, as in torchmetrics.
 *
 * <p>To read it: {@link Metric} is what all share: update with each batch, compute at the end,
 * reset. {@link Accuracy} and {@link ConfusionMatrix} are of classes, averaged as {@link Average}
 * says; {@link MeanSquaredError} is of numbers, {@link MeanMetric} of values such as losses.
 *
 * <p>Here belongs what is computed without gradients; losses are in {@link dev.flambeau.nn}.
 */
package dev.flambeau.metrics;
