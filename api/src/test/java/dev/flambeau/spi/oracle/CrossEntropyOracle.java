package dev.flambeau.spi.oracle;

import static dev.flambeau.spi.oracle.ReduceOracle.requireFloating;

import dev.flambeau.spi.Kernels;

/** Cross entropy at class indices and its gradient, as they are defined, in double. */
final class CrossEntropyOracle {
  private final JavaMemory memory;

  CrossEntropyOracle(JavaMemory memory) {
    this.memory = memory;
  }

  void crossEntropy(
      int reduction,
      int dtype,
      long outer,
      long classes,
      long inner,
      long xAddress,
      long target,
      long weight,
      long yAddress,
      long logSums,
      long totalWeight,
      long ignoreIndex,
      double smoothing) {
    requireFloating("cross entropy", dtype);
    Targets targets =
        new Targets(memory, dtype, outer, classes, inner, target, weight, ignoreIndex);
    Elements x = memory.elements(dtype, xAddress);
    Elements y = memory.elements(dtype, yAddress);
    Elements pairs = logSums == 0 ? null : memory.elements(dtype, logSums);
    double[] values = new double[Math.toIntExact(outer * inner)];
    double[] weights = new double[values.length];
    Line.each(
        outer,
        classes,
        inner,
        line -> {
          int row = (int) line.row();
          double top = ReduceOracle.greatest(x, line);
          double logSum =
              Math.log(ReduceOracle.sum(classes, c -> Math.exp(x.get(line.at(c)) - top)));
          if (pairs != null) {
            pairs.set(2L * row, top);
            pairs.set(2L * row + 1, logSum);
          }
          long label = targets.label(row);
          weights[row] = targets.weight(label);
          if (label >= 0) {
            values[row] = -weights[row] * (x.get(line.at(label)) - top - logSum);
            if (smoothing != 0) {
              double all =
                  ReduceOracle.sum(
                      classes, c -> targets.weight(c) * (x.get(line.at(c)) - top - logSum));
              values[row] = (1 - smoothing) * values[row] - smoothing / classes * all;
            }
          }
          if (reduction == Kernels.NONE) {
            y.set(row, values[row]);
          }
        });
    double total = ReduceOracle.sum(weights.length, i -> weights[(int) i]);
    if (reduction != Kernels.NONE) {
      double sum = ReduceOracle.sum(values.length, i -> values[(int) i]);
      y.set(0, reduction == Kernels.MEAN ? sum / total : sum);
    }
    memory.elements(dtype, totalWeight).set(0, total);
  }

  void crossEntropyGrad(
      int reduction,
      int dtype,
      long outer,
      long classes,
      long inner,
      long gAddress,
      long xAddress,
      long logSums,
      long target,
      long weight,
      long totalWeight,
      long gxAddress,
      long ignoreIndex,
      double smoothing) {
    requireFloating("cross entropy gradient", dtype);
    Targets targets =
        new Targets(memory, dtype, outer, classes, inner, target, weight, ignoreIndex);
    Elements g = memory.elements(dtype, gAddress);
    Elements x = memory.elements(dtype, xAddress);
    Elements pairs = memory.elements(dtype, logSums);
    Elements gx = memory.elements(dtype, gxAddress);
    double divisor = reduction == Kernels.MEAN ? memory.readDouble(dtype, totalWeight) : 1;
    double weights = ReduceOracle.sum(classes, targets::weight);
    Line.each(
        outer,
        classes,
        inner,
        line -> {
          long label = targets.label(line.row());
          double f = g.get(reduction == Kernels.NONE ? line.row() : 0) / divisor;
          for (long c = 0; c < classes; c++) {
            double top = pairs.get(2 * line.row());
            double p = Math.exp(x.get(line.at(c)) - top - pairs.get(2 * line.row() + 1));
            double slope = 0 * p;
            if (label >= 0) {
              slope = (1 - smoothing) * targets.weight(label) * (p - (c == label ? 1 : 0));
              if (smoothing != 0) {
                slope += smoothing / classes * (weights * p - targets.weight(c));
              }
              slope *= f;
            }
            gx.set(line.at(c), slope);
          }
        });
  }
}
