package consumer;

import dev.flambeau.Backends;
import dev.flambeau.Flambeau;
import dev.flambeau.Tensor;

/** Fits y = 3 x + 1 by gradient descent: what a user writes on the first day. */
public final class Main {
  public static void main(String[] args) {
    Flambeau.manualSeed(1);
    Tensor x = Tensor.randn(256, 1);
    Tensor y = x.mul(3).add(1);
    Tensor weight = Tensor.zeros(1, 1).requiresGrad_();
    Tensor bias = Tensor.zeros(1).requiresGrad_();
    for (int step = 0; step < 200; step++) {
      Tensor loss = x.linear(weight, bias).sub(y).square().mean();
      weight.zeroGrad();
      bias.zeroGrad();
      loss.backward();
      try (var off = Flambeau.noGrad()) {
        weight.sub_(weight.grad().mul(0.1));
        bias.sub_(bias.grad().mul(0.1));
      }
    }
    // Large enough for OpenBLAS, so that it must be found as well.
    Tensor large = Tensor.ones(600, 600).matmul(Tensor.ones(600, 600));
    String report = Backends.report();
    System.out.printf("%s: weight %s, bias %s%n%s", args[0], weight.item(), bias.item(), report);
    check(Math.abs(weight.item() - 3) < 1e-3, "the weight is not 3");
    check(Math.abs(bias.item() - 1) < 1e-3, "the bias is not 1");
    check(large.get(599, 599).item() == 600, "a large product is wrong");
    check(Main.class.getModule().isNamed() == args[0].equals("modulepath"), "wrong kind of path");
  }

  private static void check(boolean holds, String message) {
    if (!holds) {
      throw new AssertionError(message);
    }
  }
}
