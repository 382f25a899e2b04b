package dev.flambeau.cuda;

import dev.flambeau.Backends;
import dev.flambeau.Device;
import dev.flambeau.Tensor;

/**
 * What Flambeau finds on this machine, after a product has looked for cuBLAS, and how long that
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
      there = element == 256;
      if (!there) {
        System.out.println("a product of ones is wrong: " + element + " in place of 256");
      }
    }
    System.out.print(Backends.report());
    System.exit(there ? 0 : 1);
  }
}
