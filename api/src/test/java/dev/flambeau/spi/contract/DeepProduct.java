package dev.flambeau.spi.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.oracle.DtypeInfo;
import dev.flambeau.spi.oracle.Half;
import dev.flambeau.spi.oracle.Refusal;
import dev.flambeau.spi.oracle.UnaryFormulas;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.DynamicTest;

/**
 * A deep product in float32, float16 or bfloat16, beside the same in double. Its bound is what sums
 * in float32 leave, and the roundings to 16 bits that there may be: sums rounded on the way are
 * found.
 */
final class DeepProduct {
  private static final int M = 65;
  private static final int N = 136;
  private static final int K = 1032;
  private static final int ROW_OF_NAN = 3;

  private final int dtype;
  private final boolean biased;
  private final int activation;
  private final String name;

  private DeepProduct(int dtype, boolean biased, int activation) {
    this.dtype = dtype;
    this.biased = biased;
    this.activation = activation;
    name =
        String.format(
            "%s (%d, %d) by (%d, %d)%s%s",
            DtypeInfo.name(dtype),
            M,
            K,
            K,
            N,
            biased ? ", bias" : "",
            activation == 0 ? "" : activation == Kernels.RELU ? ", ReLU" : ", GELU");
  }

  static List<DynamicTest> tests() {
    List<DynamicTest> tests = new ArrayList<>();
    for (int dtype : new int[] {Kernels.FLOAT32, Kernels.FLOAT16, Kernels.BFLOAT16}) {
      for (boolean biased : new boolean[] {false, true}) {
        for (int activation : new int[] {0, Kernels.RELU, Kernels.GELU_TANH}) {
          DeepProduct product = new DeepProduct(dtype, biased, activation);
          tests.add(dynamicTest(product.name, product::run));
        }
      }
    }
    return tests;
  }

  private void run() {
    double[] left = Samples.ordinary(dtype, M * K, 1);
    double[] right = Samples.ordinary(dtype, K * N, 2);
    double[] bias = biased ? Samples.ordinary(dtype, N, 3) : null;
    left[ROW_OF_NAN * K + 7] = Double.NaN;
    try (DifferentialCheck check = DifferentialCheck.open()) {
      var a = check.of(dtype, left);
      var c = check.of(dtype, right);
      var offset = biased ? check.of(dtype, bias) : null;
      var y = check.output(dtype, M * N);
      int status = check.subjectOnly(call(dtype, activation, a, c, offset, y));
      if (DtypeInfo.isHalf(dtype) && DifferentialCheck.backend().name().equals("cpu")) {
        assertEquals(Kernels.UNSUPPORTED, status, name);
        assertEquals(Refusal.half(dtype).getMessage(), check.subject().lastError(), name);
        check.sameBits(name + ", refused", y);
        return;
      }
      assertEquals(Kernels.OK, status, () -> name + ": " + check.subject().lastError());
      check.untouchedAround(name, y);
      double[] sums = inDouble(check, left, right);
      double[] sizes = inDouble(check, Samples.absolute(left), Samples.absolute(right));
      double[] got = check.subjectValues(y);
      for (int i = 0; i < got.length; i++) {
        check(i, sums[i], sizes[i], biased ? bias[i % N] : 0, got[i]);
      }
    }
  }

  private void check(int i, double product, double size, double bias, double got) {
    DoubleUnaryOperator last =
        activation == 0 ? x -> x : UnaryFormulas.floating(activation, Kernels.FLOAT64, 0, 0);
    double expected = last.applyAsDouble(product + bias);
    // Roundings of float32 that go either way; the slope of GELU reaches 1.13.
    double near = (2 + Math.sqrt(K) / 2) * Math.ulp(1f) * (size + Math.abs(bias));
    if (DtypeInfo.isHalf(dtype)) {
      Half half = DtypeInfo.half(dtype);
      boolean twice =
          biased || activation != 0; // where a kernel of its own comes after the product
      near += (twice ? half.ulp(Math.abs(product) + near) / 2 : 0);
      near = 1.13 * near + half.ulp(Math.abs(expected) + near) / 2;
    } else {
      near *= 1.13;
    }
    assertTrue(
        Double.isNaN(expected) ? Double.isNaN(got) : Math.abs(got - expected) <= near,
        () ->
            String.format(
                Locale.ROOT, "%s: element %d is %s in place of %s", name, i, got, expected));
  }

  /** The product alone, by the oracle. */
  private double[] inDouble(DifferentialCheck check, double[] left, double[] right) {
    var y = check.output(Kernels.FLOAT64, M * N);
    return check.oracleOnly(
        y,
        call(
            Kernels.FLOAT64,
            0,
            check.of(Kernels.FLOAT64, left),
            check.of(Kernels.FLOAT64, right),
            null,
            y));
  }

  /** With a bias the right side is laid out as a weight is, row by row of its transpose. */
  private DifferentialCheck.Call call(
      int type,
      int last,
      DifferentialCheck.Operand a,
      DifferentialCheck.Operand c,
      DifferentialCheck.Operand offset,
      DifferentialCheck.Operand y) {
    return (kernels, s) ->
        kernels.matmul(
            type,
            last,
            1,
            M,
            N,
            K,
            s.at(a),
            0,
            K,
            1,
            s.at(c),
            0,
            biased ? 1 : N,
            biased ? K : 1,
            s.at(offset),
            s.at(y),
            0,
            N);
  }
}
