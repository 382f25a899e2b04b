package dev.flambeau.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class GrayscaleTest {
  @Test
  void asTorchvision() {
    Pixels.check(new Grayscale().apply(Pixels.bytes(3, 1, 3)), 150, 210, 193);
    Pixels.check(new Grayscale(3).apply(Pixels.bytes(3, 1, 2)), 164, 224, 164, 224, 164, 224);
    Pixels.check(new Grayscale(3).apply(Pixels.bytes(1, 1, 1)), 13, 13, 13);
    assertEquals("Grayscale(num_output_channels=1)", new Grayscale().toString());
  }

  @Test
  void refusals() {
    assertEquals(
        "Grayscale: gives 1 or 3 channels, not 2",
        assertThrows(IllegalArgumentException.class, () -> new Grayscale(2)).getMessage());
    assertThrows(
        IllegalArgumentException.class, () -> new Grayscale().apply(Pixels.bytes(2, 1, 1)));
  }
}
