package dev.flambeau.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flambeau.DType;
import dev.flambeau.Flambeau;
import dev.flambeau.Tensor;
import org.junit.jupiter.api.Test;

class RandomRotationTest {
  @Test
  void nearestAsTorchvision() {
    var t = new RandomRotation(60);
    Pixels.drawn(
        t,
        0,
        Pixels.small(),
        0.7682217955589294,
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
    Pixels.drawn(
        t,
        1,
        Pixels.small(),
        0.2793108820915222,
        0,
        235,
        235,
        150,
        13,
        184,
        167,
        82,
        201,
        116,
        116,
        0);
    assertEquals(
        "RandomRotation(degrees=[-60.0, 60.0], interpolation=nearest, expand=False, fill=0)",
        t.toString());
  }

  @Test
  void bilinearAsTorchvision() {
    var t = new RandomRotation(10, 80).interpolation(Interpolation.BILINEAR).fill(0.5);
    Flambeau.manualSeed(0);
    Pixels.check(
        t.apply(Pixels.floats(1, 3, 4)),
        1e-5,
        0.436612,
        0.85038,
        0.713207,
        0.39952,
        0.436408,
        0.805762,
        0.570709,
        0.340407,
        0.4195,
        0.663264,
        0.422279,
        0.404805);
    t.center(1, 2).fill(100);
    Pixels.drawn(
        t,
        0,
        Pixels.small(),
        0.7682217955589294,
        243,
        183,
        123,
        70,
        180,
        147,
        84,
        91,
        126,
        99,
        92,
        100);
    assertEquals(
        "RandomRotation(degrees=[10.0, 80.0], interpolation=bilinear, expand=False, "
            + "center=(1, 2), fill=100)",
        t.toString());
  }

  @Test
  void aQuarterTurnIsCounterClockwise() {
    Pixels.check(new RandomRotation(90, 90).apply(Pixels.bytes(1, 2, 2)), 252, 218, 13, 235);
    Pixels.check(new RandomRotation(90, 90).apply(Pixels.bytes(1, 1, 1)), 13);
  }

  @Test
  void fillsByChannel() {
    var t = new RandomRotation(0, 0).center(0, 0).fill(1, 2);
    Tensor turned =
        new RandomRotation(180, 180).center(0, 0).fill(1, 2).apply(Pixels.bytes(2, 1, 2));
    Pixels.check(turned, 1, 1, 2, 2);
    Pixels.check(t.apply(Pixels.bytes(2, 1, 2)), 13, 252, 235, 218);
  }

  @Test
  void isDifferentiable() {
    Tensor image = Pixels.floats(1, 2, 2).requiresGrad_();
    new RandomRotation(90, 90).apply(image).get(0, 0, 0).backward();
    Pixels.check(image.grad(), 0, 1, 0, 0);
  }

  @Test
  void refusals() {
    assertEquals(
        "RandomRotation: fill 300 does not fit an image of torch.uint8",
        assertThrows(
                IllegalArgumentException.class,
                () -> new RandomRotation(30).fill(300).apply(Pixels.small()))
            .getMessage());
    assertEquals(
        "RandomRotation: 2 values of fill do not fit an image of 1 channels; pass one "
            + "value, or one for each channel",
        assertThrows(
                IllegalArgumentException.class,
                () -> new RandomRotation(30).fill(1, 2).apply(Pixels.small()))
            .getMessage());
    assertThrows(IllegalArgumentException.class, () -> new RandomRotation(-5));
    assertThrows(IllegalArgumentException.class, () -> new RandomRotation(5, 4));
    assertThrows(
        IllegalArgumentException.class,
        () -> new RandomRotation(30).apply(Tensor.zeros(DType.BOOL, 1, 2, 2)));
  }
}
