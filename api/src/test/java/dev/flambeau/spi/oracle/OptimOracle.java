package dev.flambeau.spi.oracle;

import dev.flambeau.spi.Kernels;

/** Optimizer steps: each row of the table by its {@link OptimizerRow}, one element at a time. */
final class OptimOracle {
  private static final int STATES = Kernels.ROW_NUMBERS - Kernels.ROW_STATES;

  private final JavaMemory memory;

  OptimOracle(JavaMemory memory) {
    this.memory = memory;
  }

  void step(int kind, int dtype, int flags, long count, long tableAddress) {
    ReduceOracle.requireFloating("step", dtype);
    OptimizerRow optimizer = OptimizerRow.of(kind);
    Elements table = memory.elements(Kernels.INT64, tableAddress);
    for (long row = 0; row < Kernels.ROW_LENGTH * count; row += Kernels.ROW_LENGTH) {
      Elements parameter = memory.elements(dtype, table.getLong(row + Kernels.ROW_PARAMETER));
      Elements gradient = memory.elements(dtype, table.getLong(row + Kernels.ROW_GRADIENT));
      Elements[] states = new Elements[STATES];
      int has = 0;
      for (int k = 0; k < STATES; k++) {
        long address = table.getLong(row + Kernels.ROW_STATES + k);
        states[k] = address == 0 ? null : memory.elements(dtype, address);
        has |= address == 0 ? 0 : 1 << k;
      }
      double[] numbers = new double[Kernels.ROW_LENGTH - Kernels.ROW_NUMBERS];
      for (int k = 0; k < numbers.length; k++) {
        numbers[k] = Double.longBitsToDouble(table.getLong(row + Kernels.ROW_NUMBERS + k));
      }
      OptimizerRow.Form form = new OptimizerRow.Form(flags, has, 0);
      double[] s = new double[STATES];
      for (long i = 0; i < table.getLong(row + Kernels.ROW_N); i++) {
        for (int k = 0; k < STATES; k++) {
          s[k] = states[k] == null ? 0 : states[k].get(i);
        }
        double p = parameter.get(i);
        parameter.set(i, optimizer.formula().step(form, numbers, p, gradient.get(i), s));
        for (int k = 0; k < STATES; k++) {
          if (states[k] != null) {
            states[k].set(i, s[k]);
          }
        }
      }
    }
  }
}
