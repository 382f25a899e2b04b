package dev.flambeau.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flambeau.Tensor;
import org.junit.jupiter.api.Test;

class RandomHorizontalFlipTest {
  @Test
  void asTorchvision() {
    var t = new RandomHorizontalFlip();
    Pixels.drawn(t, 0, Pixels.bytes(1, 1, 3), 0.7682217955589294, 235, 252, 13);
    Pixels.drawn(t, 1, Pixels.bytes(1, 1, 3), 0.2793108820915222, 13, 252, 235);
    Pixels.drawn(t, 3, Pixels.bytes(1, 1, 3), 0.10556936264038086, 235, 252, 13);
    assertEquals("RandomHorizontalFlip(p=0.5)", t.toString());
  }

  @Test
  void alwaysAndNever() {
    Tensor image = Pixels.bytes(2, 1, 1, 2);
    Pixels.check(new RandomHorizontalFlip(1).apply(image), 252, 13, 218, 235);
    assertSame(image, new RandomHorizontalFlip(0).apply(image));
    Pixels.check(new RandomHorizontalFlip(1).apply(Pixels.bytes(1, 1, 1)), 13);
  }

  @Test
  void refusals() {
    assertEquals(
        "RandomHorizontalFlip: the probability must be in [0, 1], got 1.5",
        assertThrows(IllegalArgumentException.class, () -> new RandomHorizontalFlip(1.5))
            .getMessage());
    assertEquals(
        "RandomHorizontalFlip: needs an image of shape (..., C, H, W) with pixels, got "
            + "torch.Size([2, 3]); use unsqueeze(0) for a single channel",
        assertThrows(
                IllegalArgumentException.class,
                () -> new RandomHorizontalFlip().apply(Tensor.ones(2, 3)))
            .getMessage());
  }
}
