package dev.flambeau.cuda;

import dev.flambeau.Activation;
import dev.flambeau.Backends;
import dev.flambeau.Device;
import dev.flambeau.Tensor;

/**
 * What Flambeau finds on this machine, after a product has searched for cuBLAS, and how long that
 * took. Status 1: no GPU.
 */
final class GpuReport {
  private GpuReport() {}

  public static void main(String[] args) {
    boolean there = Backends.isAvailable(new Device("cuda", 0));
    if (there) {
      Tensor x = Tensor.ones(256, 256).to(Device.cuda());
      long start = System.nanoTime();
      double element = x.matmul(x).get(0, 0).item();
      System.out.printf("first product: %.1f ms%n", (System.nanoTime() - start) / 1e6);
      // With a bias and an activation cuBLASLt is asked too, and the report counts what it does.
      double fused = x.linear(x, x.select(0, 0), Activation.RELU).get(0, 0).item();
      there = element == 256 && fused == 257;
      if (!there) {
        System.out.printf(
            "products of ones are wrong: %s in place of 256, with a bias %s in place of 257%n",
            element, fused);
      }
    }
    System.out.print(Backends.report());
    System.exit(there ? 0 : 1);
  }
}
