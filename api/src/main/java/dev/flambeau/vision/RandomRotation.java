package dev.flambeau.vision;

import dev.flambeau.Tensor;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Turns the image counter-clockwise by a random angle in degrees. The size stays; corners that come
 * from outside are filled.
 */
public final class RandomRotation extends ImageTransform {
  private final double min;
  private final double max;
  private Interpolation interpolation = Interpolation.NEAREST;
  private double[] fill = {0};
  private double[] center;

  /**
   * By an angle between {@code -degrees} and {@code degrees}.
   *
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public RandomRotation(double degrees) {
    this(-degrees, degrees);
  }

  /**
   * By an angle between {@code min} and {@code max}.
   *
   * @throws IllegalArgumentException if they are not finite or not in order
   */
  public RandomRotation(double min, double max) {
    if (!(min <= max && Double.isFinite(max - min))) {
      throw new IllegalArgumentException(
          "RandomRotation: degrees must be a minimum and a maximum not below it, or one number"
              + " that is not negative, got "
              + Images.list(min, max));
    }
    this.min = min;
    this.max = max;
  }

  /** Sets how pixels are computed, nearest at first. */
  public RandomRotation interpolation(Interpolation interpolation) {
    this.interpolation = interpolation;
    return this;
  }

  /** Sets the colour of pixels from outside: one value, or one for each channel; 0 at first. */
  public RandomRotation fill(double... fill) {
    this.fill = fill.clone();
    return this;
  }

  /** Sets the point that stays where it is, in pixels from the upper left; the middle at first. */
  public RandomRotation center(double x, double y) {
    if (!(Double.isFinite(x) && Double.isFinite(y))) {
      throw new IllegalArgumentException(
          "RandomRotation: the center must be finite, got " + Images.list(x, y));
    }
    center = new double[] {x, y};
    return this;
  }

  @Override
  Tensor transform(Tensor image) {
    Images.requirePerChannel(name(), "fill", fill, image);
    for (double f : fill) {
      Images.requireFits(name(), f, image);
    }
    Size size = Size.of(image);
    double x = center == null ? 0 : center[0] - size.width() * 0.5;
    double y = center == null ? 0 : center[1] - size.height() * 0.5;
    double angle = Draw.uniform(min, max);
    var turn = new Rotation(size, angle, x, y, image.dtype());
    return interpolation == Interpolation.NEAREST
        ? turn.nearest(image, fill)
        : Images.inFloat(image, pixels -> turn.bilinear(pixels, fill));
  }

  @Override
  public String toString() {
    String at =
        center == null
            ? ""
            : ", center=(" + Images.number(center[0]) + ", " + Images.number(center[1]) + ")";
    String colour =
        fill.length == 1
            ? Images.number(fill[0])
            : Arrays.stream(fill)
                .mapToObj(Images::number)
                .collect(Collectors.joining(", ", "(", ")"));
    return "RandomRotation(degrees="
        + Images.list(min, max)
        + ", interpolation="
        + interpolation
        + ", expand=False"
        + at
        + ", fill="
        + colour
        + ")";
  }
}
