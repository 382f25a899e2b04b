package dev.flambeau.vision;

import dev.flambeau.Tensor;
import dev.flambeau.internal.text.PyFormat;

/** Exchanges top and bottom with probability {@code p}. */
public final class RandomVerticalFlip extends ImageTransform {
  private final double p;

  /** With probability 0.5. */
  public RandomVerticalFlip() {
    this(0.5);
  }

  /**
   * With probability {@code p}.
   *
   * @throws IllegalArgumentException if {@code p} is not in [0, 1]
   */
  public RandomVerticalFlip(double p) {
    Images.requireProbability(name(), p);
    this.p = p;
  }

  @Override
  Tensor transform(Tensor image) {
    return Draw.chance(p) ? image.flip(-2) : image;
  }

  @Override
  public String toString() {
    return "RandomVerticalFlip(p=" + PyFormat.repr(p) + ")";
  }
}
