package dev.flambeau.vision;

import dev.flambeau.Rng;
import dev.flambeau.Tensor;

/** Single random numbers, each drawn as torchvision draws it. */
final class Draw {
  private Draw() {}

  /** True with probability p: {@code torch.rand(1) < p}, both in float32. */
  static boolean chance(double p) {
    return taken(Tensor.rand(1)) < (float) p;
  }

  /** {@code torch.empty(1).uniform_(from, to).item()}. */
  static double uniform(double from, double to) {
    return taken(Tensor.uniform(from, to, 1));
  }

  /** {@code torch.randint(0, bound, (1,)).item()}. */
  static long below(long bound) {
    return Rng.current().nextLong(bound);
  }

  private static double taken(Tensor one) {
    double value = one.item();
    one.close();
    return value;
  }
}
