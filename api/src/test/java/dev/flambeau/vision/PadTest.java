package dev.flambeau.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class PadTest {
  @Test
  void asTorchvision() {
    var t = new Pad(1, 0, 2, 1).fill(9);
    Pixels.check(
        t.apply(Pixels.bytes(1, 2, 2)), 9, 13, 252, 9, 9, 9, 235, 218, 9, 9, 9, 9, 9, 9, 9);
    assertEquals("Pad(padding=(1, 0, 2, 1), fill=9, padding_mode=constant)", t.toString());
    Pixels.check(
        new Pad(2, 1).mode(PaddingMode.EDGE).apply(Pixels.bytes(1, 1, 2)),
        13,
        13,
        13,
        252,
        252,
        252,
        13,
        13,
        13,
        252,
        252,
        252,
        13,
        13,
        13,
        252,
        252,
        252);
    Pixels.check(
        new Pad(1).mode(PaddingMode.REFLECT).apply(Pixels.bytes(1, 2, 3)),
        201,
        218,
        201,
        184,
        201,
        252,
        13,
        252,
        235,
        252,
        201,
        218,
        201,
        184,
        201,
        252,
        13,
        252,
        235,
        252);
    Pixels.check(
        new Pad(2, 0).mode(PaddingMode.SYMMETRIC).apply(Pixels.bytes(1, 1, 3)),
        252,
        13,
        13,
        252,
        235,
        235,
        252);
  }

  @Test
  void refusals() {
    assertEquals(
        "Pad: the padding must not be negative, got [-1]; a crop takes pixels away",
        assertThrows(IllegalArgumentException.class, () -> new Pad(-1)).getMessage());
    assertEquals(
        "Pad: padding mode reflect adds at most 0 pixels to an image of shape "
            + "torch.Size([1, 1, 1]) along dim -1, got 1",
        assertThrows(
                IllegalArgumentException.class,
                () -> new Pad(1).mode(PaddingMode.REFLECT).apply(Pixels.bytes(1, 1, 1)))
            .getMessage());
    assertThrows(IllegalArgumentException.class, () -> new Pad(1).fill(256).apply(Pixels.small()));
    assertThrows(IllegalArgumentException.class, () -> new Pad());
  }
}
