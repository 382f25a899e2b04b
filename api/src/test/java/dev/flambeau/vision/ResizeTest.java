package dev.flambeau.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Tensor;
import org.junit.jupiter.api.Test;

class ResizeTest {
  @Test
  void bilinearAsTorchvision() {
    var t = new Resize(2, 3);
    Pixels.check(t.apply(Pixels.small()), 89, 226, 204, 147, 124, 102);
    Pixels.check(
        t.apply(Pixels.floats(1, 3, 4)),
        1e-6,
        0.349673,
        0.888235,
        0.799346,
        0.577124,
        0.488235,
        0.399346);
    Pixels.check(
        new Resize(5).apply(Pixels.small()),
        13,
        132,
        249,
        238,
        226,
        218,
        88,
        156,
        222,
        211,
        199,
        191,
        201,
        192,
        181,
        170,
        158,
        150,
        160,
        152,
        140,
        129,
        118,
        109,
        133,
        124,
        113,
        102,
        90,
        82);
    assertEquals(
        "Resize(size=(2, 3), interpolation=bilinear, max_size=None, antialias=None)", t.toString());
  }

  @Test
  void antialiasAsTorchvision() {
    var t = new Resize(2, 2).antialias(true);
    Pixels.check(t.apply(Pixels.small()), 163, 205, 146, 120);
    Pixels.check(t.apply(Pixels.floats(1, 3, 4)), 1e-6, 0.638375, 0.802521, 0.57395, 0.469188);
    assertTrue(t.toString().endsWith("antialias=True)"));
  }

  @Test
  void nearestAsTorchvision() {
    var t = new Resize(4, 3).interpolation(Interpolation.NEAREST);
    Pixels.check(t.apply(Pixels.small()), 13, 252, 235, 13, 252, 235, 201, 184, 167, 133, 116, 99);
  }

  @Test
  void boundsTheLongerEdge() {
    var t = new Resize(2).maxSize(3);
    Pixels.check(t.apply(Pixels.bytes(1, 3, 9)), 99, 48, 253);
    assertEquals(
        "Resize(size=2, interpolation=bilinear, max_size=3, antialias=None)", t.toString());
  }

  @Test
  void edges() {
    Tensor image = Pixels.floats(2, 3, 4, 4);
    assertSame(image, new Resize(4).apply(image));
    assertEquals("torch.Size([2, 3, 8, 2])", new Resize(8, 2).apply(image).shape().toString());
    Pixels.check(new Resize(2, 2).apply(Pixels.bytes(1, 1, 1)), 13, 13, 13, 13);
  }

  @Test
  void isDifferentiable() {
    Tensor image = Pixels.floats(1, 4, 4).requiresGrad_();
    new Resize(2, 2).apply(image).sum().backward();
    Pixels.check(image.grad().sum(), 1e-6, 4);
  }

  @Test
  void refusals() {
    assertEquals(
        "Resize: the size must be at least 1, got 0",
        assertThrows(IllegalArgumentException.class, () -> new Resize(0)).getMessage());
    assertEquals(
        "Resize: maxSize (4) must exceed the size (4)",
        assertThrows(IllegalArgumentException.class, () -> new Resize(4).maxSize(4)).getMessage());
    assertThrows(IllegalArgumentException.class, () -> new Resize(4, 5).maxSize(9));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Resize(4).antialias(true).interpolation(Interpolation.NEAREST));
  }
}
