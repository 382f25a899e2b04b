package dev.flambeau.spi.oracle;

import dev.flambeau.spi.Kernels;
import java.util.function.DoubleUnaryOperator;

/** Matrix products: float types in double, integers in long. */
final class MatrixOracle {
  private final JavaMemory memory;

  MatrixOracle(JavaMemory memory) {
    this.memory = memory;
  }

  void matmul(
      int dtype,
      int activation,
      long batch,
      long m,
      long n,
      long k,
      long aAddress,
      long aBatch,
      long aRow,
      long aColumn,
      long cAddress,
      long cBatch,
      long cRow,
      long cColumn,
      long bias,
      long yAddress,
      long yBatch,
      long yRow) {
    if (dtype == Kernels.BOOL) {
      throw Refusal.unsupported("matmul", dtype);
    }
    Elements a = memory.elements(dtype, aAddress);
    Elements c = memory.elements(dtype, cAddress);
    Elements y = memory.elements(dtype, yAddress);
    DoubleUnaryOperator last =
        activation == 0 ? x -> x : UnaryFormulas.floating(activation, dtype, 0, 0);
    Elements start = bias == 0 ? null : memory.elements(dtype, bias);
    for (long b = 0; b < batch; b++) {
      if (DtypeInfo.isFloating(dtype)) {
        double[] right = doubles(c, b * cBatch, k, cRow, n, cColumn);
        for (long i = 0; i < m; i++) {
          double[] left = doubles(a, b * aBatch + i * aRow, 1, 0, k, aColumn);
          double[] row = product(left, right, Math.toIntExact(n));
          for (int j = 0; j < n; j++) {
            double sum = start == null ? row[j] : row[j] + start.get(j);
            y.set(b * yBatch + i * yRow + j, last.applyAsDouble(sum));
          }
        }
      } else {
        for (long i = 0; i < m; i++) {
          for (long j = 0; j < n; j++) {
            long sum = start == null ? 0 : start.getLong(j);
            for (long l = 0; l < k; l++) {
              long left = a.getLong(b * aBatch + i * aRow + l * aColumn);
              sum += left * c.getLong(b * cBatch + l * cRow + j * cColumn);
            }
            y.setLong(b * yBatch + i * yRow + j, sum);
          }
        }
      }
    }
  }

  /** One row times a dense matrix of n columns, in an order that walks the matrix row by row. */
  private static double[] product(double[] left, double[] right, int n) {
    double[] row = new double[n];
    for (int l = 0; l < left.length; l++) {
      double factor = left[l];
      for (int j = 0; j < n; j++) {
        row[j] += factor * right[l * n + j];
      }
    }
    return row;
  }

  /** A strided matrix as dense doubles. */
  private static double[] doubles(
      Elements x, long first, long rows, long rowStride, long columns, long columnStride) {
    double[] dense = new double[Math.toIntExact(rows * columns)];
    int next = 0;
    for (long i = 0; i < rows; i++) {
      for (long j = 0; j < columns; j++) {
        dense[next++] = x.get(first + i * rowStride + j * columnStride);
      }
    }
    return dense;
  }
}
