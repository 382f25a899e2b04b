package dev.flambeau.spi.contract;

import static dev.flambeau.spi.contract.Tolerance.EXACT;
import static dev.flambeau.spi.contract.Tolerance.ulps;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.oracle.DtypeInfo;
import dev.flambeau.spi.oracle.HeaderEnum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Matrix products against the oracle: every form, awkward sizes, batches, strides and biases. */
public abstract class MatrixContract {
  /** (batch, m, n, k). */
  private static final int[][] SHAPES = {
    {1, 1, 1, 1},
    {1, 1, 1, 1000},
    {1, 1, 100, 7},
    {1, 100, 1, 17},
    {1, 4, 4, 4},
    {3, 2, 3, 4},
    {1, 7, 13, 5},
    {1, 12, 32, 16},
    {1, 13, 33, 17},
    {2, 31, 65, 15},
    {1, 64, 128, 784},
    {1, 64, 10, 64},
    {1, 1, 128, 784},
    {1, 100, 100, 1},
    {5, 16, 16, 16},
    {1, 129, 257, 300}
  };

  @TestFactory
  List<DynamicTest> products() {
    DifferentialCheck.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (int[] shape : SHAPES) {
      for (int dtype : Samples.DTYPES) {
        boolean large = (long) shape[1] * shape[2] * shape[3] > 1_000_000;
        if (DtypeInfo.isFloating(dtype) || !large) {
          String name = "matmul " + Arrays.toString(shape) + " " + DtypeInfo.name(dtype);
          tests.add(dynamicTest(name, () -> forms(name, dtype, shape)));
        }
      }
    }
    return tests;
  }

  private static void forms(String name, int dtype, int[] shape) {
    for (int form = 0; form < 8; form++) {
      boolean leftTransposed = (form & 1) != 0;
      boolean rightTransposed = (form & 2) != 0;
      boolean biased = (form & 4) != 0;
      String what =
          name
              + (leftTransposed ? ", left transposed" : "")
              + (rightTransposed ? ", right transposed" : "")
              + (biased ? ", biased" : "");
      int gap = form == 5 ? 3 : 0;
      product(what, dtype, shape, leftTransposed, rightTransposed, biased, 0, gap);
      if (DtypeInfo.isFloating(dtype) && !leftTransposed) {
        int activation = rightTransposed ? Kernels.RELU : Kernels.GELU_TANH;
        product(
            what + ", activated",
            dtype,
            shape,
            false,
            rightTransposed,
            biased,
            activation,
            3 - gap);
      }
    }
  }

  /**
   * One product; {@code gap} columns between the rows of all three are unused, and c is repeated
   * over the batch.
   */
  private static void product(
      String what,
      int dtype,
      int[] shape,
      boolean leftTransposed,
      boolean rightTransposed,
      boolean biased,
      int activation,
      int gap) {
    int batch = shape[0];
    int m = shape[1];
    int n = shape[2];
    int k = shape[3];
    int aLine = (leftTransposed ? m : k) + gap;
    int cLine = (rightTransposed ? k : n) + gap;
    int aSize = aLine * (leftTransposed ? k : m);
    int cSize = cLine * (rightTransposed ? n : k);
    boolean repeated = batch > 1 && biased;
    int yLine = n + gap;
    try (DifferentialCheck check = DifferentialCheck.open()) {
      double[] left = Samples.ordinary(dtype, batch * aSize, 1);
      double[] right = Samples.ordinary(dtype, (repeated ? 1 : batch) * cSize, 2);
      double[] offset = Samples.ordinary(dtype, n, 3);
      var y = check.output(dtype, (long) batch * m * yLine);
      DifferentialCheck.Operand[] in = operands(check, dtype, left, right, biased ? offset : null);
      DifferentialCheck.Call call =
          multiply(
              dtype,
              activation,
              batch,
              m,
              n,
              k,
              in,
              aSize,
              leftTransposed ? 1 : aLine,
              leftTransposed ? aLine : 1,
              repeated ? 0 : cSize,
              rightTransposed ? 1 : cLine,
              rightTransposed ? cLine : 1,
              y,
              yLine);
      if (check.call(what, call) != Kernels.OK) {
        check.sameBits(what + ", refused", y);
        return;
      }
      Tolerance near = EXACT;
      if (DtypeInfo.isFloating(dtype)) {
        DifferentialCheck.Operand[] sizes =
            operands(
                check,
                dtype,
                Samples.absolute(left),
                Samples.absolute(right),
                biased ? Samples.absolute(offset) : null);
        var bound = check.output(dtype, (long) batch * m * yLine);
        double[] magnitudes =
            check.oracleOnly(
                bound,
                multiply(
                    dtype,
                    0,
                    batch,
                    m,
                    n,
                    k,
                    sizes,
                    aSize,
                    leftTransposed ? 1 : aLine,
                    leftTransposed ? aLine : 1,
                    repeated ? 0 : cSize,
                    rightTransposed ? 1 : cLine,
                    rightTransposed ? cLine : 1,
                    bound,
                    yLine));
        near = ulps(2 + Math.sqrt(k) / 2).against(magnitudes);
      }
      check.same(what, y, near);
      if (dtype != Kernels.FLOAT64) {
        // Large products in float64 may go to a BLAS, whose roundings depend on how the work is
        // cut.
        check.sameOnOneThread(what, call, y);
      }
    }
  }

  /** Deep products, halves among them. */
  @TestFactory
  List<DynamicTest> deepProducts() {
    DifferentialCheck.backend();
    return DeepProduct.tests();
  }

  /** A NaN sum stays NaN, whichever kernel applies the activation; other rows are not affected. */
  @TestFactory
  List<DynamicTest> activationsKeepNaN() {
    DifferentialCheck.backend();
    List<DynamicTest> tests = new ArrayList<>();
    for (int dtype : Samples.DTYPES) {
      for (int activation : new int[] {Kernels.RELU, Kernels.GELU_TANH}) {
        String name = "NaN, " + HeaderEnum.UNARY.name(activation) + ", " + DtypeInfo.name(dtype);
        if (DtypeInfo.isFloating(dtype)) {
          tests.add(dynamicTest(name, () -> withNaN(name, dtype, activation)));
        }
      }
    }
    return tests;
  }

  private static void withNaN(String name, int dtype, int activation) {
    try (DifferentialCheck check = DifferentialCheck.open()) {
      double[] left = new double[8 * 16];
      Arrays.setAll(left, i -> i % 5 - 2);
      left[3 * 16 + 7] = Double.NaN;
      double[] right = new double[16 * 24];
      Arrays.setAll(right, i -> i % 3 - 1);
      double[] offset = new double[24];
      var y = check.output(dtype, 8 * 24);
      DifferentialCheck.Operand[] in = operands(check, dtype, left, right, offset);
      DifferentialCheck.Call call =
          multiply(dtype, activation, 1, 8, 24, 16, in, 0, 16, 1, 0, 24, 1, y, 24);
      if (check.call(name, call) != Kernels.OK) {
        check.sameBits(name + ", refused", y);
        return;
      }
      check.same(name, y, activation == Kernels.RELU ? EXACT : ulps(32));
    }
  }

  private static DifferentialCheck.Operand[] operands(
      DifferentialCheck check, int dtype, double[] a, double[] c, double[] bias) {
    return new DifferentialCheck.Operand[] {
      check.of(dtype, a), check.of(dtype, c), bias == null ? null : check.of(dtype, bias)
    };
  }

  private static DifferentialCheck.Call multiply(
      int dtype,
      int activation,
      int batch,
      int m,
      int n,
      int k,
      DifferentialCheck.Operand[] in,
      long aBatch,
      long aRow,
      long aColumn,
      long cBatch,
      long cRow,
      long cColumn,
      DifferentialCheck.Operand y,
      int yRow) {
    return (kernels, s) ->
        kernels.matmul(
            dtype,
            activation,
            batch,
            m,
            n,
            k,
            s.at(in[0]),
            aBatch,
            aRow,
            aColumn,
            s.at(in[1]),
            cBatch,
            cRow,
            cColumn,
            s.at(in[2]),
            s.at(y),
            (long) m * yRow,
            yRow);
  }
}
