package dev.flambeau.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

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
            Cells.name(dtype),
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
    try (Duel duel = Duel.open()) {
      var a = duel.of(dtype, left);
      var c = duel.of(dtype, right);
      var offset = biased ? duel.of(dtype, bias) : null;
      var y = duel.output(dtype, M * N);
      int status = duel.subjectOnly(call(dtype, activation, a, c, offset, y));
      if (Cells.isHalf(dtype) && Duel.backend().name().equals("cpu")) {
        assertEquals(Kernels.UNSUPPORTED, status, name);
        assertEquals(Refusal.half(dtype).getMessage(), duel.subject().lastError(), name);
        duel.sameBits(name + ", refused", y);
        return;
      }
      assertEquals(Kernels.OK, status, () -> name + ": " + duel.subject().lastError());
      duel.untouchedAround(name, y);
      double[] sums = inDouble(duel, left, right);
      double[] sizes = inDouble(duel, Samples.absolute(left), Samples.absolute(right));
      double[] got = duel.subjectValues(y);
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
    if (Cells.isHalf(dtype)) {
      Half half = Cells.half(dtype);
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
  private double[] inDouble(Duel duel, double[] left, double[] right) {
    var y = duel.output(Kernels.FLOAT64, M * N);
    return duel.oracleOnly(
        y,
        call(
            Kernels.FLOAT64,
            0,
            duel.of(Kernels.FLOAT64, left),
            duel.of(Kernels.FLOAT64, right),
            null,
            y));
  }

  /** With a bias the right side lies as a weight does, row by row of its transpose. */
  private Duel.Call call(
      int type, int last, Duel.Operand a, Duel.Operand c, Duel.Operand offset, Duel.Operand y) {
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
