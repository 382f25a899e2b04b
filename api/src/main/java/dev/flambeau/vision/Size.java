package dev.flambeau.vision;

import dev.flambeau.Tensor;

/** Height and width in pixels, both at least 1. Prints as {@code (4, 5)}. */
record Size(long height, long width) {
  static Size of(String op, long height, long width) {
    if (height < 1 || width < 1) {
      throw new IllegalArgumentException(
          op + ": height and width must be at least 1, got " + new Size(height, width));
    }
    return new Size(height, width);
  }

  static Size of(Tensor image) {
    return new Size(Images.height(image), Images.width(image));
  }

  boolean fitsInto(Size other) {
    return height <= other.height && width <= other.width;
  }

  @Override
  public String toString() {
    return "(" + height + ", " + width + ")";
  }
}
