package dev.flambeau.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flambeau.Tensor;
import org.junit.jupiter.api.Test;

class NormalizeTest {
  @Test
  void asTorchvision() {
    var t = new Normalize(new double[] {0.5, 0.25}, new double[] {0.5, 2});
    Tensor image = Tensor.of(0.0, 1.0, 0.5, 0.25).reshape(2, 1, 2);
    Pixels.check(t.apply(image), 0, -1, 1, 0.125, 0);
    Pixels.check(t.apply(image.toDouble()), 0, -1, 1, 0.125, 0);
    assertEquals("Normalize(mean=[0.5, 0.25], std=[0.5, 2.0])", t.toString());
  }

  @Test
  void refusals() {
    assertEquals(
        "Normalize: standard deviations must be positive, got [0.0]",
        assertThrows(IllegalArgumentException.class, () -> new Normalize(0, 0)).getMessage());
    assertEquals(
        "Normalize: needs a floating image, got torch.uint8; put ConvertImageDtype before it",
        assertThrows(
                IllegalArgumentException.class, () -> new Normalize(0, 1).apply(Pixels.small()))
            .getMessage());
    var three = new Normalize(new double[3], new double[] {1, 1, 1});
    assertThrows(IllegalArgumentException.class, () -> three.apply(Pixels.floats(1, 3, 4)));
    assertThrows(
        IllegalArgumentException.class, () -> new Normalize(new double[0], new double[] {1}));
  }
}
