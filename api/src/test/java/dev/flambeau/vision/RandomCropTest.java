package dev.flambeau.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class RandomCropTest {
  @Test
  void asTorchvision() {
    var t = new RandomCrop(2);
    Pixels.drawn(t, 0, Pixels.bytes(1, 5, 6), 0.08847743272781372, 201, 184, 99, 82);
    Pixels.drawn(t, 1, Pixels.bytes(1, 5, 6), 0.40306925773620605, 99, 82, 253, 236);
    assertEquals("RandomCrop(size=(2, 2), padding=None)", t.toString());
  }

  @Test
  void paddedAsTorchvision() {
    var t = new RandomCrop(2, 3).padding(1, 2).fill(7);
    Pixels.drawn(t, 3, Pixels.small(), 0.2858424782752991, 7, 133, 116, 7, 7, 7);
    assertEquals("RandomCrop(size=(2, 3), padding=(1, 2))", t.toString());
    var needed = new RandomCrop(4, 3).padIfNeeded(true);
    Pixels.drawn(
        needed,
        0,
        Pixels.bytes(1, 2, 2),
        0.08847743272781372,
        13,
        252,
        0,
        235,
        218,
        0,
        0,
        0,
        0,
        0,
        0,
        0);
  }

  @Test
  void aCropOfTheWholeDrawsNothing() {
    var t = new RandomCrop(3, 4);
    Pixels.drawn(
        t,
        0,
        Pixels.small(),
        0.49625658988952637,
        13,
        252,
        235,
        218,
        201,
        184,
        167,
        150,
        133,
        116,
        99,
        82);
  }

  @Test
  void refusals() {
    assertEquals(
        "RandomCrop: a crop of (4, 4) is larger than the image of (3, 4); use "
            + "padding(...) or padIfNeeded(true)",
        assertThrows(IllegalArgumentException.class, () -> new RandomCrop(4).apply(Pixels.small()))
            .getMessage());
    assertThrows(IllegalArgumentException.class, () -> new RandomCrop(0));
    assertThrows(IllegalArgumentException.class, () -> new RandomCrop(2).padding(1, 2, 3));
  }
}
