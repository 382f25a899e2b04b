package dev.flambeau.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class RandomVerticalFlipTest {
  @Test
  void asTorchvision() {
    var t = new RandomVerticalFlip(0.3);
    Pixels.drawn(t, 0, Pixels.bytes(1, 3, 1), 0.7682217955589294, 13, 252, 235);
    Pixels.drawn(t, 3, Pixels.bytes(1, 3, 1), 0.10556936264038086, 235, 252, 13);
    assertEquals("RandomVerticalFlip(p=0.3)", t.toString());
  }

  @Test
  void refusals() {
    assertThrows(IllegalArgumentException.class, () -> new RandomVerticalFlip(-0.1));
    assertThrows(IllegalArgumentException.class, () -> new RandomVerticalFlip(Double.NaN));
  }
}
