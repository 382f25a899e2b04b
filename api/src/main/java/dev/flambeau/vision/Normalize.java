package dev.flambeau.vision;

import dev.flambeau.Tensor;

/** {@code (image - mean) / std}, channel by channel. Floating images. */
public final class Normalize extends ImageTransform {
  private final double[] mean;
  private final double[] std;

  /** One mean and one standard deviation for all channels. */
  public Normalize(double mean, double std) {
    this(new double[] {mean}, new double[] {std});
  }

  /**
   * Means and standard deviations by channel.
   *
   * @param mean one value for all channels, or one for each
   * @param std likewise
   * @throws IllegalArgumentException without values, or if a standard deviation is not positive
   */
  public Normalize(double[] mean, double[] std) {
    if (mean.length == 0 || std.length == 0) {
      throw new IllegalArgumentException(
          "Normalize: needs at least one mean and one standard deviation");
    }
    for (double s : std) {
      // In float32 too, where a tiny number becomes 0.
      if (!((float) s > 0)) {
        throw new IllegalArgumentException(
            "Normalize: standard deviations must be positive, got " + Images.list(std));
      }
    }
    this.mean = mean.clone();
    this.std = std.clone();
  }

  @Override
  Tensor transform(Tensor image) {
    if (!image.dtype().isFloating()) {
      throw new IllegalArgumentException(
          "Normalize: needs a floating image, got "
              + image.dtype()
              + "; put ConvertImageDtype before it");
    }
    Images.requirePerChannel(name(), "mean", mean, image);
    Images.requirePerChannel(name(), "std", std, image);
    return image.sub(Images.perChannel(image, mean)).div(Images.perChannel(image, std));
  }

  @Override
  public String toString() {
    return "Normalize(mean=" + Images.list(mean) + ", std=" + Images.list(std) + ")";
  }
}
