package dev.flambeau.vision;

import dev.flambeau.Tensor;

/**
 * A random part of the image, resized: zooms in by a random amount and bends the proportions a
 * little. The part's share of the area is uniform in {@code scale}, the logarithm of its width over
 * height uniform in that of {@code ratio}; after ten parts that did not fit, the middle is taken.
 */
public final class RandomResizedCrop extends ImageTransform {
  private static final int ATTEMPTS = 10;

  private final Size size;
  private double[] scale = {0.08, 1};
  private double[] ratio = {3.0 / 4, 4.0 / 3};
  private Sampling sampling = Sampling.DEFAULT;

  /** To a square. */
  public RandomResizedCrop(long size) {
    this(size, size);
  }

  /**
   * To this height and width.
   *
   * @throws IllegalArgumentException if a size is below 1
   */
  public RandomResizedCrop(long height, long width) {
    size = Size.of(name(), height, width);
  }

  /** Sets the least and greatest share of the area, 0.08 and 1 at first. */
  public RandomResizedCrop scale(double min, double max) {
    scale = range("scale", min, max);
    return this;
  }

  /** Sets the least and greatest width over height, 3/4 and 4/3 at first. */
  public RandomResizedCrop ratio(double min, double max) {
    ratio = range("ratio", min, max);
    return this;
  }

  private static double[] range(String what, double min, double max) {
    if (!(min > 0 && min <= max && max < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "RandomResizedCrop: "
              + what
              + " must be a positive minimum and a maximum not below it, got "
              + Images.list(min, max));
    }
    return new double[] {min, max};
  }

  /** Sets how pixels are computed, bilinear at first. */
  public RandomResizedCrop interpolation(Interpolation interpolation) {
    sampling = sampling.interpolation(interpolation);
    return this;
  }

  /** Whether a part made smaller is smoothed; see {@link Resize#antialias}. */
  public RandomResizedCrop antialias(boolean antialias) {
    sampling = sampling.antialias(antialias);
    return this;
  }

  @Override
  Tensor transform(Tensor image) {
    return sampling.resize(part(image), size);
  }

  private Tensor part(Tensor image) {
    Size from = Size.of(image);
    double area = (double) from.height() * from.width();
    Tensor logRatio = Tensor.of(ratio).log(); // in float32, as torchvision
    double low = logRatio.get(0).item();
    double high = logRatio.get(1).item();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      double wanted = area * Draw.uniform(scale[0], scale[1]);
      double aspect = Tensor.of(Draw.uniform(low, high)).exp().item();
      long width = (long) Math.rint(Math.sqrt(wanted * aspect));
      long height = (long) Math.rint(Math.sqrt(wanted / aspect));
      Size part = new Size(height, width);
      if (height > 0 && width > 0 && part.fitsInto(from)) {
        long top = Draw.below(from.height() - height + 1);
        long left = Draw.below(from.width() - width + 1);
        return Images.crop(image, top, left, part);
      }
    }
    Size part = middle(from);
    return Images.crop(
        image, (from.height() - part.height()) / 2, (from.width() - part.width()) / 2, part);
  }

  /** The greatest part whose proportions are allowed. */
  private Size middle(Size from) {
    double proportions = (double) from.width() / from.height();
    if (proportions < ratio[0]) {
      return new Size(atLeastOne(from.width() / ratio[0]), from.width());
    }
    if (proportions > ratio[1]) {
      return new Size(from.height(), atLeastOne(from.height() * ratio[1]));
    }
    return from;
  }

  private static long atLeastOne(double length) {
    return Math.max(1, (long) Math.rint(length));
  }

  @Override
  public String toString() {
    return "RandomResizedCrop(size="
        + size
        + ", scale="
        + Images.rounded(scale)
        + ", ratio="
        + Images.rounded(ratio)
        + ", interpolation="
        + sampling.interpolation()
        + ", antialias="
        + sampling.antialiasText()
        + ")";
  }
}
