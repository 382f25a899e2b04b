package dev.flambeau.arguments;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Lengths of {@code arange} and {@code linspace}, however far their ends are apart, and values. */
class SequenceTest {
  private static final long MIN = Long.MIN_VALUE;
  private static final long MAX = Long.MAX_VALUE;

  @Test
  void wholeNumbersAreCountedExactly() {
    assertArrayEquals(new long[] {0, 3, 6}, Tensor.arange(0, 7, 3).toLongArray());
    assertArrayEquals(new long[] {7, 4, 1}, Tensor.arange(7, 0, -3).toLongArray());
    assertArrayEquals(new long[] {0}, Tensor.arange(0, 5, MAX).toLongArray());
    assertArrayEquals(new long[] {MIN, -1, MAX - 1}, Tensor.arange(MIN, MAX, MAX).toLongArray());
    assertArrayEquals(new long[] {MAX, -1}, Tensor.arange(MAX, MIN, MIN).toLongArray());
    assertArrayEquals(new long[] {0}, Tensor.arange(0, MIN, MIN).toLongArray());
    assertArrayEquals(new long[] {MAX - 1}, Tensor.arange(MAX - 1, MAX).toLongArray());
    for (long place : new long[] {MIN, 0, MAX}) {
      assertEquals(0, Tensor.arange(place, place, 1).numel());
      assertEquals(0, Tensor.arange(place, place, -1).numel());
      assertEquals(0, Tensor.arange((double) place, (double) place, -1.0).numel());
    }
  }

  @Test
  void lengthsThatNoTensorHasAreRefused() {
    refused(
        "18446744073709551615 elements; a tensor has at most 2^58", () -> Tensor.arange(MIN, MAX));
    refused("288230376151711745 elements", () -> Tensor.arange((1L << 58) + 1));
    refused("at most 2^58", () -> Tensor.arange(0.0, 1e300, 1.0));
    refused("Infinity elements", () -> Tensor.arange(-1e308, 1e308, 1e300));
    refused("Infinity elements", () -> Tensor.arange(0.0, Double.POSITIVE_INFINITY, 1.0));
  }

  /** They are longs all the way: no part of the length is lost. */
  @Test
  void lengthsThatNoMemoryHoldsAreNamed() {
    exhausted(8L << 50, () -> Tensor.arange(1L << 50));
    exhausted(8L << 50, () -> Tensor.arange(-(1L << 50), 0));
    exhausted(4L << 50, () -> Tensor.arange(0.0, 0x1p50, 1.0));
  }

  private static void exhausted(long bytes, Executable call) {
    OutOfMemoryError e = assertThrows(OutOfMemoryError.class, call);
    assertTrue(e.getMessage().contains(Long.toString(bytes)), e.getMessage());
  }

  @Test
  void aStepLeadsFromStartToEnd() {
    refused("a step of -10 does not lead from 0 to 5", () -> Tensor.arange(0, 5, -10));
    refused("a step of 10 does not lead from 5 to 0", () -> Tensor.arange(5, 0, 10));
    refused("a step of 0 does not lead", () -> Tensor.arange(1, 1, 0));
    refused("a step of -Infinity", () -> Tensor.arange(0.0, 5.0, Double.NEGATIVE_INFINITY));
    refused("a step of NaN", () -> Tensor.arange(0.0, 5.0, Double.NaN));
    refused("from NaN", () -> Tensor.arange(Double.NaN, 5.0, 1.0));
    refused("a step of 0.0", () -> Tensor.arange(0.0, 0.0, 0.0));
  }

  private static void refused(String reason, Executable call) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call);
    assertTrue(e.getMessage().startsWith("arange: "), e.getMessage());
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  /** As PyTorch computes them, on however many threads: bit for bit. */
  @Test
  void floatsAreRoundedAsInPyTorch() {
    for (double[] ends : new double[][] {{0, 1, 1e-5}, {-3, 2000, 0.1}, {1e6, -1e6, -7.7}}) {
      float[] y = Tensor.arange(ends[0], ends[1], ends[2]).toFloatArray();
      float[] expected = new float[(int) Math.ceil((ends[1] - ends[0]) / ends[2])];
      for (int i = 0; i < expected.length; i++) {
        expected[i] = (float) Math.fma(i, ends[2], ends[0]);
      }
      assertArrayEquals(expected, y);
    }
    for (int n : new int[] {0, 1, 2, 3, 100, 99_999}) {
      float[] y = Tensor.linspace(-0.1, 7.7, n).toFloatArray();
      float[] expected = new float[n];
      float step = (7.7f - -0.1f) / (n - 1);
      for (int i = 0; i < n; i++) {
        expected[i] =
            i < n / 2 ? Math.fma(step, i, -0.1f) : Math.fma(-step, (float) (n - 1 - i), 7.7f);
      }
      if (n == 1) {
        expected[0] = -0.1f;
      }
      assertArrayEquals(expected, y);
    }
  }
}
