package dev.flambeau.vision;

import dev.flambeau.Tensor;

/** The middle of the image. An image that is too small is first padded with zeros on all sides. */
public final class CenterCrop extends ImageTransform {
  private final Size size;

  /** A square. */
  public CenterCrop(long size) {
    this(size, size);
  }

  /**
   * Of this height and width.
   *
   * @throws IllegalArgumentException if a size is below 1
   */
  public CenterCrop(long height, long width) {
    size = Size.of(name(), height, width);
  }

  @Override
  Tensor transform(Tensor image) {
    long down = Math.max(0, size.height() - Images.height(image));
    long right = Math.max(0, size.width() - Images.width(image));
    Tensor x =
        Padding.of(name(), right / 2, down / 2, (right + 1) / 2, (down + 1) / 2)
            .apply(name(), image);
    return Images.crop(
        x, half(Images.height(x) - size.height()), half(Images.width(x) - size.width()), size);
  }

  /** Rounded as Python does, halves to even. */
  private static long half(long n) {
    return (long) Math.rint(n / 2.0);
  }

  @Override
  public String toString() {
    return "CenterCrop(size=" + size + ")";
  }
}
