package dev.flambeau.spi;

/** Optimizer steps: torch.optim.SGD, Adam and AdamW, one element at a time. */
final class OptimOracle {
  private final JavaMemory memory;

  OptimOracle(JavaMemory memory) {
    this.memory = memory;
  }

  void sgd(
      int dtype,
      int flags,
      long count,
      long tableAddress,
      double lr,
      double momentum,
      double dampening,
      double weightDecay) {
    ReduceOracle.requireFloating("sgd", dtype);
    Cells table = memory.cells(Kernels.INT64, tableAddress);
    for (long row = 0; row < 5 * count; row += 5) {
      Cells parameter = memory.cells(dtype, table.getLong(row + 1));
      Cells gradient = memory.cells(dtype, table.getLong(row + 2));
      long bufferAddress = table.getLong(row + 3);
      Cells buffer = bufferAddress == 0 ? null : memory.cells(dtype, bufferAddress);
      boolean first = table.getLong(row + 4) != 0;
      for (long i = 0; i < table.getLong(row); i++) {
        double p = parameter.get(i);
        double g = downhill(flags, gradient.get(i)) + weightDecay * p;
        if (buffer != null) {
          double v = first ? g : momentum * buffer.get(i) + (1 - dampening) * g;
          buffer.set(i, v);
          g = has(flags, Kernels.NESTEROV) ? g + momentum * v : v;
        }
        parameter.set(i, p - lr * g);
      }
    }
  }

  void adam(
      int dtype,
      int flags,
      long count,
      long tableAddress,
      double lr,
      double beta1,
      double beta2,
      double eps,
      double weightDecay) {
    ReduceOracle.requireFloating("adam", dtype);
    Cells table = memory.cells(Kernels.INT64, tableAddress);
    boolean decoupled = has(flags, Kernels.DECOUPLED);
    for (long row = 0; row < 7 * count; row += 7) {
      Cells parameter = memory.cells(dtype, table.getLong(row + 1));
      Cells gradient = memory.cells(dtype, table.getLong(row + 2));
      Cells first = memory.cells(dtype, table.getLong(row + 3));
      Cells second = memory.cells(dtype, table.getLong(row + 4));
      boolean amsgrad = has(flags, Kernels.AMSGRAD);
      Cells greatest = amsgrad ? memory.cells(dtype, table.getLong(row + 5)) : null;
      long step = table.getLong(row + 6);
      double correction1 = 1 - Math.pow(beta1, step);
      double correction2 = 1 - Math.pow(beta2, step);
      for (long i = 0; i < table.getLong(row); i++) {
        double p = parameter.get(i) * (decoupled ? 1 - lr * weightDecay : 1);
        double g = downhill(flags, gradient.get(i)) + (decoupled ? 0 : weightDecay * p);
        double m = beta1 * first.get(i) + (1 - beta1) * g;
        double v = beta2 * second.get(i) + (1 - beta2) * g * g;
        first.set(i, m);
        second.set(i, v);
        if (amsgrad) {
          v = Math.max(v, greatest.get(i));
          greatest.set(i, v);
        }
        double scale = Math.sqrt(v) / Math.sqrt(correction2) + eps;
        parameter.set(i, p - lr / correction1 * m / scale);
      }
    }
  }

  private static double downhill(int flags, double gradient) {
    return has(flags, Kernels.MAXIMIZE) ? -gradient : gradient;
  }

  private static boolean has(int flags, int flag) {
    return (flags & flag) != 0;
  }
}
