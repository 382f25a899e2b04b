package dev.flambeau.spi.oracle;

import static dev.flambeau.spi.oracle.ReduceOracle.requireFloating;

import dev.flambeau.spi.Kernels;

/** Losses and their gradients. */
final class LossOracle {
  private final JavaMemory memory;

  LossOracle(JavaMemory memory) {
    this.memory = memory;
  }

  void loss(int op, int reduction, int dtype, long n, long xAddress, long target, long yAddress) {
    requireFloating("loss", dtype);
    Elements x = memory.elements(dtype, xAddress);
    Elements t = memory.elements(dtype, target);
    Elements y = memory.elements(dtype, yAddress);
    if (reduction == Kernels.NONE) {
      for (long i = 0; i < n; i++) {
        y.set(i, value(op, x.get(i), t.get(i)));
      }
    } else {
      double sum = ReduceOracle.sum(n, i -> value(op, x.get(i), t.get(i)));
      y.set(0, reduction == Kernels.MEAN ? sum / n : sum);
    }
  }

  void lossGrad(
      int op,
      int reduction,
      int dtype,
      long n,
      long gAddress,
      long xAddress,
      long target,
      long gxAddress) {
    requireFloating("loss gradient", dtype);
    Elements g = memory.elements(dtype, gAddress);
    Elements x = memory.elements(dtype, xAddress);
    Elements t = memory.elements(dtype, target);
    Elements gx = memory.elements(dtype, gxAddress);
    for (long i = 0; i < n; i++) {
      double outer = g.get(reduction == Kernels.NONE ? i : 0);
      double share = reduction == Kernels.MEAN ? outer / n : outer;
      gx.set(i, share * slope(op, x.get(i), t.get(i)));
    }
  }

  private static double value(int op, double x, double t) {
    return switch (op) {
      case Kernels.LOSS_MSE -> (x - t) * (x - t);
      case Kernels.LOSS_L1 -> Math.abs(x - t);
      case Kernels.LOSS_BCE ->
          (t - 1) * Math.max(Math.log1p(-x), -100) - t * Math.max(Math.log(x), -100);
      case Kernels.LOSS_BCE_LOGITS -> Math.max(x, 0) - x * t + Math.log1p(Math.exp(-Math.abs(x)));
      default ->
          throw new Refusal(
              Kernels.UNSUPPORTED, "the oracle has no loss " + HeaderEnum.LOSS.name(op));
    };
  }

  private static double slope(int op, double x, double t) {
    return switch (op) {
      case Kernels.LOSS_MSE -> 2 * (x - t);
      case Kernels.LOSS_L1 -> UnaryFormulas.sign(x - t);
      case Kernels.LOSS_BCE -> (x - t) / Math.max((1 - x) * x, 1e-12);
      case Kernels.LOSS_BCE_LOGITS -> UnaryFormulas.sigmoid(x) - t;
      default ->
          throw new Refusal(
              Kernels.UNSUPPORTED, "the oracle has no loss " + HeaderEnum.LOSS.name(op));
    };
  }

  void nllLoss(
      int reduction,
      int dtype,
      long outer,
      long classes,
      long inner,
      long logProbabilities,
      long target,
      long weight,
      long yAddress,
      long totalWeight,
      long ignoreIndex) {
    requireFloating("nll loss", dtype);
    Targets targets =
        new Targets(memory, dtype, outer, classes, inner, target, weight, ignoreIndex);
    Elements x = memory.elements(dtype, logProbabilities);
    Elements y = memory.elements(dtype, yAddress);
    double[] values = new double[Math.toIntExact(outer * inner)];
    double[] weights = new double[values.length];
    targets.each(
        (row, at, w) -> {
          values[(int) row] = w == 0 ? 0 : -w * x.get(at);
          weights[(int) row] = w;
          if (reduction == Kernels.NONE) {
            y.set(row, values[(int) row]);
          }
        });
    double total = ReduceOracle.sum(weights.length, i -> weights[(int) i]);
    if (reduction != Kernels.NONE) {
      double sum = ReduceOracle.sum(values.length, i -> values[(int) i]);
      y.set(0, reduction == Kernels.MEAN ? sum / total : sum);
    }
    memory.elements(dtype, totalWeight).set(0, total);
  }

  void nllLossGrad(
      int reduction,
      int dtype,
      long outer,
      long classes,
      long inner,
      long gAddress,
      long target,
      long weight,
      long totalWeight,
      long gxAddress,
      long ignoreIndex) {
    requireFloating("nll loss gradient", dtype);
    Targets targets =
        new Targets(memory, dtype, outer, classes, inner, target, weight, ignoreIndex);
    Elements g = memory.elements(dtype, gAddress);
    Elements gx = memory.elements(dtype, gxAddress);
    for (long i = 0; i < outer * classes * inner; i++) {
      gx.set(i, 0);
    }
    double divisor = reduction == Kernels.MEAN ? memory.readDouble(dtype, totalWeight) : 1;
    targets.each(
        (row, at, w) -> {
          if (w != 0) {
            gx.set(at, -w * g.get(reduction == Kernels.NONE ? row : 0) / divisor);
          }
        });
  }
}
