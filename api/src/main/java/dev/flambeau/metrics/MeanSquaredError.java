package dev.flambeau.metrics;

import dev.flambeau.Autograd;
import dev.flambeau.DType;
import dev.flambeau.Tensor;
import dev.flambeau.internal.text.Warnings;

/**
 * The mean of squared differences, or its root: torchmetrics' {@code MeanSquaredError}. Predictions
 * and targets have one shape; the result is 0-d, float64 if they are, else float32.
 */
public final class MeanSquaredError implements Metric {
  private final boolean squared;
  private double sum;
  private long count;
  private DType type = DType.FLOAT32;

  /** The mean of squares. */
  public MeanSquaredError() {
    this(true);
  }

  /** The mean of squares, or its root (RMSE) when not {@code squared}. */
  public MeanSquaredError(boolean squared) {
    this.squared = squared;
  }

  @Override
  public Tensor update(Tensor predictions, Tensor target) {
    if (!predictions.shape().equals(target.shape())) {
      throw new IllegalArgumentException(
          "MeanSquaredError: predictions of shape "
              + predictions.shape()
              + " and targets of shape "
              + target.shape()
              + " must have the same shape; use squeeze(1) or unsqueeze(1)");
    }
    double batch;
    try (var ng = Autograd.noGrad()) {
      // Summed in float64: the sum of many batches outgrows float32.
      batch = predictions.toDouble().sub(target.toDouble()).square().sum().item();
    }
    type = DType.promote(type, DType.promote(predictions.dtype(), target.dtype()));
    sum += batch;
    count += predictions.numel();
    return value(batch, predictions.numel());
  }

  @Override
  public Tensor compute() {
    if (count == 0) {
      Warnings.once("MeanSquaredError.compute() before any update: the result is nan");
    }
    return value(sum, count);
  }

  @Override
  public void reset() {
    sum = 0;
    count = 0;
    type = DType.FLOAT32;
  }

  private Tensor value(double sum, long count) {
    double mean = sum / count;
    return Tensor.of(type, squared ? mean : Math.sqrt(mean));
  }
}
