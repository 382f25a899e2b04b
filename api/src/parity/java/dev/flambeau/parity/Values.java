package dev.flambeau.parity;

import java.util.Random;
import java.util.function.DoubleSupplier;

/** Seeded random tensors, so that a table is the same each time it is written. */
final class Values {
  private final Random random;

  Values(long seed) {
    random = new Random(seed);
  }

  /** Standard normal for floating types; small whole numbers for the others. */
  TableTensor normal(DType dtype, long... shape) {
    return switch (dtype) {
      case F32, F64 -> filled(dtype, shape, random::nextGaussian);
      case I64, I32, I16, I8 -> filled(dtype, shape, () -> random.nextInt(13) - 6);
      case U8 -> filled(dtype, shape, () -> random.nextInt(12));
      case B1 -> filled(dtype, shape, () -> random.nextInt(2));
    };
  }

  /** Evenly spread in [from, to); whole numbers where the type holds only these. */
  TableTensor uniform(DType dtype, double from, double to, long... shape) {
    return filled(
        dtype,
        shape,
        () -> {
          double v = from + (to - from) * random.nextDouble();
          return dtype.floating() ? v : Math.floor(v);
        });
  }

  /** Few distinct values, so that there are ties. */
  TableTensor ties(DType dtype, long... shape) {
    return filled(
        dtype, shape, () -> dtype == DType.U8 ? random.nextInt(4) : random.nextInt(5) - 2);
  }

  /** Class indices in [0, classes). */
  TableTensor classes(int classes, long... shape) {
    return filled(DType.I64, shape, () -> random.nextInt(classes));
  }

  private TableTensor filled(DType dtype, long[] shape, DoubleSupplier next) {
    int n = 1;
    for (long s : shape) {
      n *= (int) s;
    }
    double[] v = new double[n];
    for (int i = 0; i < n; i++) {
      v[i] = next.getAsDouble();
    }
    return TableTensor.of(dtype, shape, v);
  }
}
