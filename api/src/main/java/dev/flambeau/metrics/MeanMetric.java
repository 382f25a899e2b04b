package dev.flambeau.metrics;

import dev.flambeau.Autograd;
import dev.flambeau.Tensor;
import dev.flambeau.internal.text.Warnings;

/** A weighted mean of values, such as losses by batch size: torchmetrics' {@code MeanMetric}. */
public final class MeanMetric implements Metric {
  private double sum;
  private double weights;

  /** A mean over nothing yet. */
  public MeanMetric() {}

  /** Counts one value. */
  public Tensor update(double value) {
    return update(value, 1);
  }

  /** Counts one value with a weight. */
  public Tensor update(double value, double weight) {
    sum += value * weight;
    weights += weight;
    return Tensor.of(value * weight / weight);
  }

  /** Counts all elements alike. */
  public Tensor update(Tensor values) {
    return update(values, Tensor.ones());
  }

  /** Counts all elements with weights, which broadcast to them. */
  @Override
  public Tensor update(Tensor values, Tensor weight) {
    try (var ng = Autograd.noGrad()) {
      Tensor w = weight.to(values.device()).toDouble().expandAs(values);
      double batch = values.toDouble().mul(w).sum().item();
      double of = w.sum().item();
      sum += batch;
      weights += of;
      return Tensor.of(batch / of);
    }
  }

  @Override
  public Tensor compute() {
    if (weights == 0) {
      Warnings.once("MeanMetric.compute() before any update: the result is nan");
    }
    return Tensor.of(sum / weights);
  }

  @Override
  public void reset() {
    sum = 0;
    weights = 0;
  }
}
