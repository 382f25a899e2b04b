package dev.flambeau.vision;

import dev.flambeau.Tensor;
import dev.flambeau.internal.text.PyFormat;

/** Exchanges left and right with probability {@code p}. */
public final class RandomHorizontalFlip extends ImageTransform {
  private final double p;

  /** With probability 0.5. */
  public RandomHorizontalFlip() {
    this(0.5);
  }

  /**
   * With probability {@code p}.
   *
   * @throws IllegalArgumentException if {@code p} is not in [0, 1]
   */
  public RandomHorizontalFlip(double p) {
    Images.requireProbability(name(), p);
    this.p = p;
  }

  @Override
  Tensor transform(Tensor image) {
    return Draw.chance(p) ? image.flip(-1) : image;
  }

  @Override
  public String toString() {
    return "RandomHorizontalFlip(p=" + PyFormat.repr(p) + ")";
  }
}
