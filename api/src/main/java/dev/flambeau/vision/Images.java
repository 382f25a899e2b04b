package dev.flambeau.vision;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import dev.flambeau.internal.text.PyFormat;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** Sizes and parts of images, checks and texts. */
final class Images {
  private Images() {}

  static long height(Tensor image) {
    return image.size(-2);
  }

  static long width(Tensor image) {
    return image.size(-1);
  }

  static long channels(Tensor image) {
    return image.size(-3);
  }

  /** A view of the rectangle whose upper left pixel is (top, left). */
  static Tensor crop(Tensor image, long top, long left, Size size) {
    return image.narrow(-2, top, size.height()).narrow(-1, left, size.width());
  }

  /** Computes in float32 what integers cannot hold, then rounds, halves to even. */
  static Tensor inFloat(Tensor image, UnaryOperator<Tensor> compute) {
    DType type = image.dtype();
    return type.isFloating()
        ? compute.apply(image)
        : compute.apply(image.toFloat()).round().to(type);
  }

  /** One value for each channel, or for all, shaped to broadcast over an image. */
  static Tensor perChannel(Tensor image, double[] values) {
    return Tensor.of(image.dtype(), values).reshape(values.length, 1, 1).to(image.device());
  }

  static void requirePerChannel(String op, String what, double[] values, Tensor image) {
    long channels = channels(image);
    if (values.length != 1 && values.length != channels) {
      throw new IllegalArgumentException(
          op
              + ": "
              + values.length
              + " values of "
              + what
              + " do not fit an image of "
              + channels
              + " channels; pass one value, or one for each channel");
    }
  }

  /** Refuses colours that integers of one or two bytes would wrap, and NaN for any integer. */
  static void requireFits(String op, double fill, Tensor image) {
    DType type = image.dtype();
    boolean narrow = type.isInteger() && type.bytes() <= 2;
    boolean unsigned = type == DType.UINT8;
    double top = Math.scalb(1.0, 8 * type.bytes() - (unsigned ? 0 : 1));
    boolean inside = fill >= (unsigned ? 0 : -top) && fill <= top - 1;
    if (!(type.isFloating() || (narrow ? inside : Double.isFinite(fill)))) {
      throw new IllegalArgumentException(
          op + ": fill " + number(fill) + " does not fit an image of " + type);
    }
  }

  static void requireProbability(String op, double p) {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException(
          op + ": the probability must be in [0, 1], got " + PyFormat.repr(p));
    }
  }

  /** Python's text for a number: whole ones without a point. */
  static String number(double x) {
    return x == Math.rint(x) && Math.abs(x) < 1e15 ? Long.toString((long) x) : PyFormat.repr(x);
  }

  /** {@code [0.5, 1.0]}. */
  static String list(double... values) {
    return Arrays.stream(values)
        .mapToObj(PyFormat::repr)
        .collect(Collectors.joining(", ", "[", "]"));
  }

  /** {@code (0.0833, 1.0)}: at most four digits after the point, as Python's round leaves them. */
  static String rounded(double... values) {
    return Arrays.stream(values)
        .mapToObj(v -> PyFormat.repr(Double.parseDouble(PyFormat.fixed(v, 4))))
        .collect(Collectors.joining(", ", "(", ")"));
  }
}
