package dev.flambeau.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.Memory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Random;

/**
 * A product on the device, beside the same in plain Java. Values are small whole numbers, so every
 * dtype has the sums exactly, in any order; only GELU's results are rounded.
 */
final class EmulatedProduct {
  private static final int UNTOUCHED = 77;

  /**
   * How an operand lies: its first element, whether its columns lie next to each other or its rows,
   * and unused elements after each line; -1 for those: one matrix for the whole batch.
   */
  record Side(int offset, boolean turned, int gap) {
    long line(int rows, int columns) {
      return (turned ? rows : columns) + Math.max(gap, 0);
    }

    long size(int rows, int columns) {
      return line(rows, columns) * (turned ? columns : rows);
    }

    long row(int rows, int columns) {
      return turned ? 1 : line(rows, columns);
    }

    long column(int rows, int columns) {
      return turned ? line(rows, columns) : 1;
    }

    long batch(int rows, int columns) {
      return gap < 0 ? 0 : size(rows, columns);
    }
  }

  /** Something done around the call. */
  interface Action {
    void run() throws IOException;

    static void run(Action action) {
      try {
        if (action != null) {
          action.run();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  final Kernels kernels = new CudaBackend().kernels(0);
  private final Memory memory = new CudaBackend().memory(0);
  private final int dtype;
  private final int m;
  private final int n;
  private final int k;
  private boolean biased;
  int batch = 1;
  int activation;
  int seed = 1;
  double value; // of every element of both sides; 0: whole numbers at random
  Side left = new Side(0, false, 0);
  Side right = new Side(0, false, 0);
  int biasOffset;
  Action beforeTheProduct; // when all operands lie on the device
  Action afterTheProduct;
  int resultOffset;
  int resultGap;
  private double[] expected;
  private double[] result;

  EmulatedProduct(int dtype, int m, int n, int k) {
    this.dtype = dtype;
    this.m = m;
    this.n = n;
    this.k = k;
  }

  EmulatedProduct biased() {
    biased = true;
    return this;
  }

  /** Multiplies, and compares every element, also those between the rows of the result. */
  void check() {
    assertEquals(Kernels.OK, run(), kernels::lastError);
    double near = activation != Kernels.GELU_TANH ? 0 : nearness();
    for (int i = 0; i < expected.length; i++) {
      assertEquals(
          expected[i], result[i], near * Math.max(1, Math.abs(expected[i])), this + " " + i);
    }
  }

  private double nearness() {
    return switch (dtype) {
      case Kernels.FLOAT64 -> 1e-14;
      case Kernels.FLOAT32 -> 1e-6;
      case Kernels.FLOAT16 -> 1e-3;
      default -> 8e-3;
    };
  }

  /** The first element of the product. */
  double first() {
    assertEquals(Kernels.OK, run(), kernels::lastError);
    return result[resultOffset];
  }

  /** Multiplies, and answers with the status. */
  int run() {
    Random random = new Random(seed);
    int copiesOfLeft = left.gap() < 0 ? 1 : batch;
    int copiesOfRight = right.gap() < 0 ? 1 : batch;
    double[] a = numbers(random, left.offset() + copiesOfLeft * left.size(m, k));
    double[] c = numbers(random, right.offset() + copiesOfRight * right.size(k, n));
    double[] bias = numbers(random, biasOffset + n);
    if (value != 0) {
      Arrays.fill(bias, 0);
    }
    int line = n + resultGap;
    expected = new double[resultOffset + batch * m * line];
    Arrays.fill(expected, UNTOUCHED);
    double[] blank = expected.clone();
    for (int b = 0; b < batch; b++) {
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          double sum = biased ? bias[biasOffset + j] : 0;
          for (int l = 0; l < k; l++) {
            long of = left.offset() + b * left.batch(m, k);
            long with = right.offset() + b * right.batch(k, n);
            sum +=
                a[(int) (of + i * left.row(m, k) + l * left.column(m, k))]
                    * c[(int) (with + l * right.row(k, n) + j * right.column(k, n))];
          }
          expected[resultOffset + (b * m + i) * line + j] =
              GpuProductTest.activated(sum, activation);
        }
      }
    }
    int width = dtype == Kernels.FLOAT64 ? 8 : dtype == Kernels.FLOAT32 ? 4 : 2;
    long[] blocks = {upload(a), upload(c), upload(bias), upload(blank)};
    Action.run(beforeTheProduct);
    int status =
        kernels.matmul(
            dtype,
            activation,
            batch,
            m,
            n,
            k,
            blocks[0] + (long) width * left.offset(),
            left.batch(m, k),
            left.row(m, k),
            left.column(m, k),
            blocks[1] + (long) width * right.offset(),
            right.batch(k, n),
            right.row(k, n),
            right.column(k, n),
            biased ? blocks[2] + (long) width * biasOffset : 0,
            blocks[3] + (long) width * resultOffset,
            (long) m * line,
            line);
    Action.run(afterTheProduct);
    result = download(blocks[3], expected.length);
    int[] lengths = {a.length, c.length, bias.length, blank.length};
    for (int i = 0; i < blocks.length; i++) {
      memory.free(blocks[i], 8L * lengths[i]);
    }
    return status;
  }

  private double[] numbers(Random random, long count) {
    double[] all = new double[(int) count];
    Arrays.setAll(all, i -> value != 0 ? value : random.nextInt(5) - 2);
    return all;
  }

  private long upload(double[] values) {
    long block = memory.allocate(8L * values.length);
    if (dtype == Kernels.FLOAT64) {
      memory.upload(block, values);
      return block;
    }
    long wide = memory.allocate(8L * values.length);
    memory.upload(wide, values);
    assertEquals(Kernels.OK, kernels.convert(Kernels.FLOAT64, dtype, values.length, wide, block));
    memory.free(wide, 8L * values.length);
    return block;
  }

  private double[] download(long block, int count) {
    long wide = memory.allocate(8L * count);
    assertEquals(Kernels.OK, kernels.convert(dtype, Kernels.FLOAT64, count, block, wide));
    double[] values = new double[count];
    memory.download(values, wide);
    memory.free(wide, 8L * count);
    return values;
  }

  @Override
  public String toString() {
    return "dtype " + dtype + ", " + batch + " x (" + m + ", " + k + ") by (" + k + ", " + n + ")";
  }
}
