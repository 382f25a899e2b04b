package dev.flambeau.vision;

import dev.flambeau.Tensor;

/** A rectangle of the given size, anywhere in the image. */
public final class RandomCrop extends ImageTransform {
  private final Size size;
  private Padding padding = Padding.of("RandomCrop", 0);
  private boolean padded;
  private boolean padIfNeeded;

  /** A square. */
  public RandomCrop(long size) {
    this(size, size);
  }

  /**
   * Of this height and width.
   *
   * @throws IllegalArgumentException if a size is below 1
   */
  public RandomCrop(long height, long width) {
    size = Size.of(name(), height, width);
  }

  /**
   * Pads every image before it is cropped.
   *
   * @param widths as {@link Pad#Pad(long...)} takes them
   */
  public RandomCrop padding(long... widths) {
    padding = Padding.of(name(), widths).fill(padding.fill()).mode(padding.mode());
    padded = true;
    return this;
  }

  /**
   * Pads an image that is smaller than the crop, on both sides by as much as is missing, as
   * torchvision does.
   */
  public RandomCrop padIfNeeded(boolean pad) {
    padIfNeeded = pad;
    return this;
  }

  /** Sets the value of padded pixels, 0 at first. */
  public RandomCrop fill(double value) {
    padding = padding.fill(value);
    return this;
  }

  /** Sets which values padded pixels get; {@link PaddingMode#CONSTANT} at first. */
  public RandomCrop mode(PaddingMode mode) {
    padding = padding.mode(mode);
    return this;
  }

  @Override
  Tensor transform(Tensor image) {
    Tensor x = padding.apply(name(), image);
    if (padIfNeeded) {
      x = padding.by(Math.max(0, size.width() - Images.width(x)), 0).apply(name(), x);
      x = padding.by(0, Math.max(0, size.height() - Images.height(x))).apply(name(), x);
    }
    Size have = Size.of(x);
    if (!size.fitsInto(have)) {
      throw new IllegalArgumentException(
          "RandomCrop: a crop of "
              + size
              + " is larger than the image of "
              + have
              + "; use padding(...) or padIfNeeded(true)");
    }
    if (size.equals(have)) {
      return x; // without a draw, as in torchvision
    }
    long top = Draw.below(have.height() - size.height() + 1);
    long left = Draw.below(have.width() - size.width() + 1);
    return Images.crop(x, top, left, size);
  }

  @Override
  public String toString() {
    return "RandomCrop(size=" + size + ", padding=" + (padded ? padding.widths() : "None") + ")";
  }
}
