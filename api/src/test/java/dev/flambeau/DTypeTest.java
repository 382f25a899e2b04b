package dev.flambeau;

import static dev.flambeau.internal.kernels.DTypes.code;
import static dev.flambeau.internal.kernels.DTypes.digits;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.internal.kernels.DTypes;
import dev.flambeau.spi.Kernels;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What each dtype is, and how they meet. */
class DTypeTest {
  /** torch.promote_types of 1.13, and below it what a tensor and a 0-d tensor give. */
  private static final String MATRIX =
      """
      bool uint8 int8 int16 int32 int64 bfloat16 float16 float32 float64
      uint8 uint8 int16 int16 int32 int64 bfloat16 float16 float32 float64
      int8 int16 int8 int16 int32 int64 bfloat16 float16 float32 float64
      int16 int16 int16 int16 int32 int64 bfloat16 float16 float32 float64
      int32 int32 int32 int32 int32 int64 bfloat16 float16 float32 float64
      int64 int64 int64 int64 int64 int64 bfloat16 float16 float32 float64
      bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 float32 float32 float64
      float16 float16 float16 float16 float16 float16 float32 float16 float32 float64
      float32 float32 float32 float32 float32 float32 float32 float32 float32 float64
      float64 float64 float64 float64 float64 float64 float64 float64 float64 float64
      """;

  private static final String WEAK =
      """
      bool uint8 int8 int16 int32 int64 bfloat16 float16 float32 float64
      uint8 uint8 uint8 uint8 uint8 uint8 bfloat16 float16 float32 float64
      int8 int8 int8 int8 int8 int8 bfloat16 float16 float32 float64
      int16 int16 int16 int16 int16 int16 bfloat16 float16 float32 float64
      int32 int32 int32 int32 int32 int32 bfloat16 float16 float32 float64
      int64 int64 int64 int64 int64 int64 bfloat16 float16 float32 float64
      bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 bfloat16
      float16 float16 float16 float16 float16 float16 float16 float16 float16 float16
      float32 float32 float32 float32 float32 float32 float32 float32 float32 float32
      float64 float64 float64 float64 float64 float64 float64 float64 float64 float64
      """;

  @Test
  void typesMeetAsInPyTorch() {
    String[] rows = MATRIX.strip().split("\n");
    String[] weak = WEAK.strip().split("\n");
    DType[] all = DType.values();
    assertEquals(rows.length, all.length, "dtypes that PyTorch's matrix here has");
    for (DType a : all) {
      for (DType b : all) {
        String both = a + " and " + b;
        String met = rows[a.ordinal()].split(" ")[b.ordinal()];
        assertEquals(met, DType.promote(a, b).shortName(), both);
        String[] row = weak[a.ordinal()].split(" ");
        assertEquals(row[b.ordinal()], DTypes.promoteWeak(a, b).shortName(), both);
      }
    }
  }

  @Test
  void theHeaderHasEachType() throws ReflectiveOperationException {
    Set<Integer> codes = new HashSet<>();
    for (DType type : DType.values()) {
      assertEquals(code(type), Kernels.class.getField(type.name()).getInt(null), type.name());
      assertTrue(codes.add(code(type)), type.name());
    }
  }

  @Test
  void eachTypeIsMadeReadAndPrinted() {
    for (DType type : DType.values()) {
      String name = type.toString();
      Tensor one = Tensor.ones(type, 2);
      assertEquals(2 * type.bytes(), one.toByteArray().length, name);
      assertArrayEquals(new double[] {1, 1}, one.toDoubleArray(), name);
      assertArrayEquals(new long[] {1, 0}, Tensor.of(type, new int[] {1, 0}).toLongArray(), name);
      assertEquals(1, Tensor.full(type, 1, 1).itemLong(), name);
      assertEquals(1, Tensor.full(type, 1, 1).item(), name);
      assertTrue(one.equal(Tensor.zeros(type, 2).fill_(1)), name);
      boolean silent = Set.of(DType.BOOL, DType.INT64, DType.FLOAT32).contains(type);
      assertEquals(!silent, one.toString().endsWith(", dtype=" + name + ")"), one.toString());
      if (type.isFloating() && type.bytes() == 2) {
        continue; // the CPU draws no halves
      }
      // Whole numbers up to the greatest that is held exactly: the greatest of many comes near it.
      Tensor drawn = Tensor.empty(type, 2000).random_().toDouble();
      double top = Math.scalb(1.0, digits(type));
      assertTrue(drawn.min().item() >= 0 && drawn.max().item() <= top, name);
      assertTrue(drawn.max().item() > top * 0.9 || type == DType.BOOL, name);
    }
  }

  @Test
  void narrowIntegersAreAsInPyTorch() {
    Tensor x = Tensor.of(DType.INT8, new int[][] {{-100, 5}, {7, 127}});
    assertEquals("tensor([[-100,    5],\n        [   7,  127]], dtype=torch.int8)", x.toString());
    assertArrayEquals(new int[][] {{-100, 5}, {7, 127}}, (int[][]) x.toArray());
    assertArrayEquals(new byte[] {-100, 5, 7, 127}, x.toByteArray());
    assertArrayEquals(new int[] {-90, 15, 17, -119}, x.add(10).toIntArray());
    assertEquals(DType.INT8, x.add(10).dtype());
    assertEquals(DType.FLOAT32, x.add(0.5).dtype());
    assertEquals(DType.FLOAT32, x.div(x).dtype());
    assertEquals(DType.INT64, x.sum().dtype());
    assertEquals(39, x.sum().itemLong());
    assertEquals(DType.BOOL, x.any().dtype());
    assertArrayEquals(new int[] {100, 5, 7, 127}, x.abs().toIntArray());
    assertEquals(DType.INT16, x.toShort().dtype());
    assertEquals(-100, x.toShort().min().itemLong());
    assertArrayEquals(new int[] {44, -1, -128}, Tensor.of(300, 65535, 128).toChar().toIntArray());
    assertArrayEquals(
        new int[] {300, -1, -32768}, Tensor.of(300, 65535, 32768).toShort().toIntArray());
    assertThrows(IllegalArgumentException.class, () -> x.requiresGrad_(true));
    assertThrows(IllegalArgumentException.class, x::mean);
    assertThrows(IllegalArgumentException.class, x::uniform_);
  }
}
