package dev.flambeau.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import org.junit.jupiter.api.Test;

class ConvertImageDtypeTest {
  @Test
  void asTorchvision() {
    Pixels.check(
        new ConvertImageDtype().apply(Pixels.bytes(1, 1, 2)), 1e-7, 13 / 255.0, 252 / 255.0);
    var toByte = new ConvertImageDtype(DType.UINT8);
    Pixels.check(toByte.apply(Tensor.of(0, 0.5, 0.999, 1.0).reshape(1, 1, 4)), 0, 127, 255, 255);
    Tensor ints = Tensor.of(DType.INT32, new int[] {0, 8388607, 8388608, 2147483647});
    Pixels.check(toByte.apply(ints.reshape(1, 2, 2)), 0, 0, 1, 255);
    Tensor longs = Tensor.of(36028797018963967L, 36028797018963968L, Long.MAX_VALUE);
    Pixels.check(toByte.apply(longs.reshape(1, 1, 3)), 0, 1, 255);
    Pixels.check(
        new ConvertImageDtype(DType.INT32).apply(Pixels.bytes(1, 1, 2)), 109051904, 2113929216);
    assertEquals("ConvertImageDtype()", toByte.toString());
  }

  @Test
  void refusals() {
    assertEquals(
        "ConvertImageDtype: torch.float32 is too coarse for torch.int64; use uint8",
        assertThrows(
                IllegalArgumentException.class,
                () -> new ConvertImageDtype(DType.INT64).apply(Tensor.ones(1, 1, 1)))
            .getMessage());
    assertThrows(IllegalArgumentException.class, () -> new ConvertImageDtype(DType.BOOL));
  }
}
