package dev.flambeau.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.flambeau.Flambeau;
import dev.flambeau.Shape;
import dev.flambeau.Tensor;

/** Test images, and what torchvision 0.14.1 makes of them. */
final class Pixels {
  private Pixels() {}

  /** Bytes that look random: 13, 252, 235, ... */
  static Tensor bytes(long... shape) {
    long n = Shape.of(shape).numel();
    return Tensor.arange(n).mul(7919L).add(13L).remainder(256L).reshape(shape).toByte();
  }

  /** The same, from 0 to 1. */
  static Tensor floats(long... shape) {
    return bytes(shape).toFloat().div(255.0);
  }

  /** Of 3 rows and 4 columns: 13 252 235 218, 201 184 167 150, 133 116 99 82. */
  static Tensor small() {
    return bytes(1, 3, 4);
  }

  static void check(Tensor image, double tolerance, double... expected) {
    assertArrayEquals(expected, image.toDoubleArray(), tolerance, image::toString);
  }

  static void check(Tensor image, long... expected) {
    assertArrayEquals(expected, image.toLongArray(), image::toString);
  }

  /** With a seed, and the number drawn next. */
  static void drawn(Transform t, long seed, Tensor image, double next, long... expected) {
    Flambeau.manualSeed(seed);
    check(t.apply(image), expected);
    assertEquals(next, Tensor.rand(1).item(), "the next number");
  }
}
