package dev.flambeau.vision;

import dev.flambeau.Tensor;

/** Adds pixels around the image, zeros at first. */
public final class Pad extends ImageTransform {
  private Padding padding;

  /**
   * By these widths.
   *
   * @param padding one number for all sides; two, for left and right, for top and bottom; or four,
   *     left, top, right, bottom
   * @throws IllegalArgumentException for another count, or a negative number
   */
  public Pad(long... padding) {
    this.padding = Padding.of("Pad", padding);
  }

  /** Sets the value of the pixels added in mode {@link PaddingMode#CONSTANT}. */
  public Pad fill(double value) {
    padding = padding.fill(value);
    return this;
  }

  /** Sets which values the added pixels get; {@link PaddingMode#CONSTANT} at first. */
  public Pad mode(PaddingMode mode) {
    padding = padding.mode(mode);
    return this;
  }

  @Override
  Tensor transform(Tensor image) {
    return padding.apply(name(), image);
  }

  @Override
  public String toString() {
    return "Pad(padding="
        + padding.widths()
        + ", fill="
        + Images.number(padding.fill())
        + ", padding_mode="
        + padding.mode()
        + ")";
  }
}
