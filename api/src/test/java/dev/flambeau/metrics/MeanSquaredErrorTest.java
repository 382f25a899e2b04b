package dev.flambeau.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import org.junit.jupiter.api.Test;

/** Means of squares and their roots, over batches of different sizes. */
class MeanSquaredErrorTest {
  @Test
  void squaredErrors() {
    for (boolean squared : new boolean[] {true, false}) {
      MeanSquaredError mse = squared ? new MeanSquaredError() : new MeanSquaredError(false);
      Tensor first = mse.update(Tensor.of(1.0, 2.0), Tensor.of(0.0, 4.0));
      Tensor second = mse.update(Tensor.of(3.0), Tensor.of(0.0));
      assertEquals(squared ? 2.5 : Math.sqrt(2.5), first.item(), 1e-6);
      assertEquals(squared ? 9 : 3, second.item(), 0);
      assertEquals(squared ? 14 / 3.0 : Math.sqrt(14 / 3.0), mse.compute().item(), 1e-6);
      mse.reset();
      assertEquals("tensor(nan)", mse.compute().toString());
    }
    MeanSquaredError wide = new MeanSquaredError();
    Tensor p = Tensor.of(DType.FLOAT64, new double[] {0.1}).requiresGrad_();
    assertEquals("tensor(0.0100, dtype=torch.float64)", wide.update(p, Tensor.zeros(1)).toString());
    assertThrows(
        IllegalArgumentException.class, () -> wide.update(Tensor.zeros(3, 1), Tensor.zeros(3)));
  }
}
