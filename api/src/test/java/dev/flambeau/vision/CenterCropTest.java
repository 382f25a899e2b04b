package dev.flambeau.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class CenterCropTest {
  @Test
  void asTorchvision() {
    Pixels.check(new CenterCrop(2).apply(Pixels.bytes(1, 5, 5)), 65, 48, 236, 219);
    Pixels.check(
        new CenterCrop(4, 3).apply(Pixels.bytes(1, 3, 6)),
        235,
        218,
        201,
        133,
        116,
        99,
        31,
        14,
        253,
        0,
        0,
        0);
    Pixels.check(new CenterCrop(1, 4).apply(Pixels.bytes(1, 1, 1)), 0, 13, 0, 0);
    assertEquals("CenterCrop(size=(2, 2))", new CenterCrop(2).toString());
  }

  @Test
  void refusals() {
    assertEquals(
        "CenterCrop: height and width must be at least 1, got (0, 2)",
        assertThrows(IllegalArgumentException.class, () -> new CenterCrop(0, 2)).getMessage());
  }
}
