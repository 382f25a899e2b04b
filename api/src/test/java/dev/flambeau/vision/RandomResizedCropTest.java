package dev.flambeau.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class RandomResizedCropTest {
  @Test
  void asTorchvision() {
    var t = new RandomResizedCrop(2, 3);
    Pixels.drawn(t, 0, Pixels.bytes(1, 5, 6), 0.30742281675338745, 113, 90, 68, 165, 142, 120);
    Pixels.drawn(t, 1, Pixels.bytes(1, 5, 6), 0.029281556606292725, 144, 158, 130, 188, 160, 131);
    Pixels.drawn(t, 2, Pixels.bytes(1, 5, 6), 0.7135938405990601, 136, 167, 144, 191, 168, 145);
    assertEquals(
        "RandomResizedCrop(size=(2, 3), scale=(0.08, 1.0), ratio=(0.75, 1.3333), "
            + "interpolation=bilinear, antialias=None)",
        t.toString());
  }

  @Test
  void takesTheMiddleWhenNothingFits() {
    var t = new RandomResizedCrop(2).scale(0.5, 1).ratio(3, 4);
    Pixels.drawn(t, 0, Pixels.bytes(1, 6, 2), 0.6816085577011108, 201, 184, 201, 184);
  }

  @Test
  void refusals() {
    assertEquals(
        "RandomResizedCrop: scale must be a positive minimum and a maximum not below it, "
            + "got [1.0, 0.5]",
        assertThrows(IllegalArgumentException.class, () -> new RandomResizedCrop(2).scale(1, 0.5))
            .getMessage());
    assertThrows(IllegalArgumentException.class, () -> new RandomResizedCrop(2).ratio(0, 1));
    assertThrows(IllegalArgumentException.class, () -> new RandomResizedCrop(0));
  }
}
