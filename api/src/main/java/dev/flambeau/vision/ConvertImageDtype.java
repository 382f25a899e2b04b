package dev.flambeau.vision;

import dev.flambeau.DType;
import dev.flambeau.Tensor;

/**
 * Another dtype, the values scaled to it: a floating image has values in [0, 1], an integer one
 * from 0 to the greatest value of its dtype. So uint8 is divided by 255 on its way to float32.
 */
public final class ConvertImageDtype extends ImageTransform {
  private final DType dtype;

  /** To float32. */
  public ConvertImageDtype() {
    this(DType.FLOAT32);
  }

  /**
   * To this dtype.
   *
   * @throws IllegalArgumentException for bool
   */
  public ConvertImageDtype(DType dtype) {
    if (dtype == DType.BOOL) {
      throw new IllegalArgumentException(
          "ConvertImageDtype: an image cannot become " + dtype + "; compare it, as in gt(0.5)");
    }
    this.dtype = dtype;
  }

  @Override
  Tensor transform(Tensor image) {
    DType from = image.dtype();
    if (from == dtype) {
      return image;
    }
    if (from.isFloating()) {
      return dtype.isFloating() ? image.to(dtype) : toInteger(image);
    }
    if (dtype.isFloating()) {
      return image.to(dtype).div((double) greatest(from));
    }
    int shift = bits(from) - bits(dtype);
    if (shift < 0) {
      return image.to(dtype).mul(1L << -shift);
    }
    // Rounded down: what is left after the remainder divides without one, exactly in float64.
    long step = 1L << shift;
    return image.sub(image.remainder(step)).toDouble().div((double) step).to(dtype);
  }

  private Tensor toInteger(Tensor image) {
    DType from = image.dtype();
    if (dtype == DType.INT64 || dtype == DType.INT32 && from == DType.FLOAT32) {
      throw new IllegalArgumentException(
          "ConvertImageDtype: " + from + " is too coarse for " + dtype + "; use uint8");
    }
    // A little less than one level above the greatest, so that each level gets an equal share.
    return image.mul(greatest(dtype) + 1 - 1e-3).to(dtype);
  }

  /** 2^63 - 1 for int64, and so on. */
  private static long greatest(DType type) {
    return (1L << bits(type)) - 1;
  }

  /** Bits of an integer dtype's numbers, the sign not counted. */
  private static int bits(DType type) {
    return type == DType.UINT8 ? 8 : type.bytes() * 8 - 1;
  }

  @Override
  public String toString() {
    return "ConvertImageDtype()";
  }
}
