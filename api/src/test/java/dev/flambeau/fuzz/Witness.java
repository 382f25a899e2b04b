package dev.flambeau.fuzz;

import dev.flambeau.Autograd;
import dev.flambeau.Tensor;
import java.util.Arrays;

/** A computation of its own: whatever else the process does, its numbers are right. */
final class Witness {
  private Witness() {}

  static void check() {
    try (var on = Autograd.enableGrad()) {
      Tensor w = Tensor.of(1.0, 2.0, 3.0, 4.0).requiresGrad_();
      Tensor y = w.mul(2).view(2, 2).t().add(w.reshape(2, 2)).sum();
      if (y.item() != 30) {
        throw new Fault("a sum of 30 is " + y.item());
      }
      y.backward();
      double[] g = w.grad().toDoubleArray();
      if (!Arrays.equals(g, new double[] {3, 3, 3, 3})) {
        throw new Fault("a gradient of threes is " + Arrays.toString(g));
      }
    }
  }
}
