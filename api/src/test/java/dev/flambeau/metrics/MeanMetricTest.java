package dev.flambeau.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.flambeau.Tensor;
import org.junit.jupiter.api.Test;

/** Means of numbers and tensors, with weights. */
class MeanMetricTest {
  @Test
  void weightedMeans() {
    MeanMetric mean = new MeanMetric();
    assertEquals("tensor(1.5000)", mean.update(Tensor.of(1.0, 2.0)).toString());
    assertEquals("tensor(5.)", mean.update(5, 3).toString());
    Tensor weights = Tensor.of(1.0, 3.0);
    assertEquals("tensor(1.7500)", mean.update(Tensor.of(1.0, 2.0), weights).toString());
    assertEquals("tensor(4.)", mean.update(4).toString());
    assertEquals((3 + 15 + 7 + 4) / 10.0, mean.compute().item(), 1e-6);
    mean.reset();
    assertEquals("tensor(nan)", mean.compute().toString());
  }
}
