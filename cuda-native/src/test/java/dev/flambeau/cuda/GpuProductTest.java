package dev.flambeau.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.Memory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Large products by cuBLAS beside the same by our own kernels, on the GPU itself, and some of their
 * elements beside Java's double. Needs a GPU and cuBLAS.
 */
class GpuProductTest {
  private static final int SAMPLES = 64;

  /** Of each side of a matrix. */
  int[] sizes() {
    return new int[] {1024, 4096};
  }

  @AfterEach
  final void whoMultiplied() {
    if (new CudaBackend().availability().available()) {
      CudaKernels.turn(CudaKernels.OWN_PRODUCTS, 0);
      System.out.println(new CudaBackend().kernels(0).describe());
    }
  }

  @TestFactory
  final List<DynamicTest> cuBlasBesideOurOwn() {
    needsCuBlas();
    List<DynamicTest> tests = new ArrayList<>();
    for (int size : sizes()) {
      for (int dtype : new int[] {Kernels.FLOAT32, Kernels.FLOAT16, Kernels.BFLOAT16}) {
        for (int batch : new int[] {1, 8}) {
          Product p = new Product(dtype, batch, size / batch, size);
          tests.add(dynamicTest(p.toString(), p::check));
        }
      }
    }
    return tests;
  }

  static void needsCuBlas() {
    var answer = new CudaBackend().availability();
    assumeTrue(answer.available(), answer::reason);
    CuBlas.open();
    String report = new CudaBackend().kernels(0).describe();
    assumeTrue(report.contains("BLAS: cuBLAS from"), report);
  }

  /** (rows, depth) by (depth, rows), for each of a batch, with every bias and activation. */
  static final class Product {
    private final Kernels kernels = new CudaBackend().kernels(0);
    private final Memory memory = new CudaBackend().memory(0);
    private final List<long[]> blocks = new ArrayList<>();
    private final int dtype;
    private final int batch;
    private final int rows;
    private final int depth;

    Product(int dtype, int batch, int rows, int depth) {
      this.dtype = dtype;
      this.batch = batch;
      this.rows = rows;
      this.depth = depth;
    }

    void check() {
      try {
        compare();
      } finally {
        CudaKernels.turn(CudaKernels.OWN_PRODUCTS, 0);
        blocks.forEach(b -> memory.free(b[0], b[1]));
      }
    }

    private void compare() {
      Side left = new Side(batch * rows * depth, 1, 1); // one row will be NaN, also after ReLU
      Side right = new Side(batch * rows * depth, 2, 0);
      Side bias = new Side(rows, 3, 0);
      int results = batch * rows * rows;
      long y = allocate(4L * results);
      CudaKernels.turn(CudaKernels.OWN_PRODUCTS, 1);
      float[] sizes = product(Kernels.FLOAT32, left.sizes, right.sizes, 0, 0, y, results);
      for (boolean biased : new boolean[] {false, true}) {
        for (int activation : new int[] {0, Kernels.RELU, Kernels.GELU_TANH}) {
          long offset = biased ? bias.stored : 0;
          CudaKernels.turn(CudaKernels.OWN_PRODUCTS, 1);
          float[] own = product(dtype, left.stored, right.stored, offset, activation, y, results);
          CudaKernels.turn(CudaKernels.OWN_PRODUCTS, 0);
          float[] theirs =
              product(dtype, left.stored, right.stored, offset, activation, y, results);
          String what = this + (biased ? ", bias" : "") + ", activation " + activation;
          for (int i = 0; i < results; i++) {
            double near = bound(sizes[i], own[i], biased ? bias.values[i % rows] : 0, activation);
            if (differ(own[i], theirs[i], near)) {
              throw off(what + ": cuBLAS beside our own", i, theirs[i], own[i], near);
            }
          }
          SplittableRandom random = new SplittableRandom(rows);
          for (int s = 0; s < SAMPLES; s++) {
            int i = random.nextInt(results);
            double exact = element(left.values, right.values, i);
            exact = activated(exact + (biased ? bias.values[i % rows] : 0), activation);
            double near = bound(sizes[i], exact, biased ? bias.values[i % rows] : 0, activation);
            if (differ(exact, own[i], near)) {
              throw off(what + ": our own beside Java's", i, own[i], exact, near);
            }
          }
        }
      }
    }

    private static boolean differ(double a, double b, double near) {
      return Double.isNaN(a) ? !Double.isNaN(b) : !(Math.abs(a - b) <= near);
    }

    private AssertionError off(String what, int i, double got, double expected, double near) {
      return new AssertionError(
          String.format(
              Locale.ROOT,
              "%s: element %d is %s in place of %s, which may be off by %.3g",
              what,
              i,
              got,
              expected,
              near));
    }

    /**
     * How far two results may lie apart. Each has the roundings of float32, which go either way, in
     * proportion to the sum of all sizes; each is rounded to 16 bits once, and cuBLAS's product
     * once before a kernel of its own adds the bias or applies the activation, whose slope is at
     * most 1.13.
     */
    private double bound(double size, double result, double bias, int activation) {
      double sums = 2 * (2 + Math.sqrt(depth) / 2) * Math.ulp(1f) * (size + Math.abs(bias));
      double gelu = activation == Kernels.GELU_TANH ? 4 : 0; // from there on it is flat
      double first = bias != 0 || activation != 0 ? Math.abs(result) + Math.abs(bias) + gelu : 0;
      double near = sums + ulp(first + sums) / 2;
      return 1.13 * near + ulp(Math.abs(result) + near);
    }

    /** The distance of neighbours in 16 bits; in float32 it is among that of the sums. */
    private double ulp(double size) {
      if (dtype == Kernels.FLOAT32 || size == 0) {
        return 0;
      }
      int least = dtype == Kernels.FLOAT16 ? -14 : -126;
      int fraction = dtype == Kernels.FLOAT16 ? 10 : 7;
      return Math.scalb(1.0, Math.max(Math.getExponent(size), least) - fraction);
    }

    private double element(float[] left, float[] right, int i) {
      int b = i / (rows * rows);
      int row = i / rows % rows;
      int column = i % rows;
      double sum = 0;
      for (int l = 0; l < depth; l++) {
        // the right side lies as a weight does: row by row of its transpose
        sum += (double) left[(b * rows + row) * depth + l] * right[(b * rows + column) * depth + l];
      }
      return sum;
    }

    private float[] product(
        int type, long left, long right, long bias, int activation, long y, int results) {
      int status =
          kernels.matmul(
              type,
              activation,
              batch,
              rows,
              rows,
              depth,
              left,
              (long) rows * depth,
              depth,
              1,
              right,
              (long) rows * depth,
              1,
              depth,
              bias,
              y,
              (long) rows * rows,
              rows);
      assertEquals(Kernels.OK, status, kernels::lastError);
      float[] values = new float[results];
      if (type == Kernels.FLOAT32) {
        memory.download(values, y);
        return values;
      }
      long wide = allocate(4L * results);
      check(kernels.convert(type, Kernels.FLOAT32, results, y, wide));
      memory.download(values, wide);
      memory.free(wide, 4L * results);
      blocks.remove(blocks.size() - 1);
      return values;
    }

    /** Values at random as the dtype has them, and their sizes in float32. */
    private final class Side {
      final float[] values;
      final long stored;
      final long sizes;

      Side(int count, int seed, int nans) {
        SplittableRandom random = new SplittableRandom(seed);
        values = new float[count];
        for (int i = 0; i < count; i++) {
          values[i] = (float) (4 * random.nextDouble() - 2);
        }
        Arrays.fill(values, 0, nans, Float.NaN);
        sizes = allocate(4L * count);
        memory.upload(sizes, values);
        stored = allocate(4L * count);
        Product.this.check(kernels.convert(Kernels.FLOAT32, dtype, count, sizes, stored));
        Product.this.check(kernels.convert(dtype, Kernels.FLOAT32, count, stored, sizes));
        memory.download(values, sizes);
        Product.this.check(kernels.unary(Kernels.ABS, Kernels.FLOAT32, count, sizes, sizes, 0, 0));
      }
    }

    private long allocate(long bytes) {
      long block = memory.allocate(bytes);
      assertTrue(block != 0, memory::shortage);
      blocks.add(new long[] {block, bytes});
      return block;
    }

    private void check(int status) {
      assertEquals(Kernels.OK, status, kernels::lastError);
    }

    @Override
    public String toString() {
      String type =
          dtype == Kernels.FLOAT32 ? "float32" : dtype == Kernels.FLOAT16 ? "float16" : "bfloat16";
      return batch + " x (" + rows + ", " + depth + ") by (" + depth + ", " + rows + "), " + type;
    }
  }

  static double activated(double x, int activation) {
    return switch (activation) {
      case Kernels.RELU -> Math.max(x, 0);
      case Kernels.GELU_TANH ->
          0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
      default -> x;
    };
  }
}
