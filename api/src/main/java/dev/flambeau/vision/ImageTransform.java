package dev.flambeau.vision;

import dev.flambeau.DType;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;

/** What the transforms of this package share: the image is checked, intermediate tensors freed. */
abstract class ImageTransform implements Transform {
  /** The image is checked: at least 3 dims, no empty height or width, no bool. */
  abstract Tensor transform(Tensor image);

  /**
   * The image transformed.
   *
   * @throws IllegalArgumentException for a tensor that is no image: fewer than 3 dims, no pixels,
   *     or bool
   */
  @Override
  public final Tensor apply(Tensor image) {
    if (image.dim() < 3 || Images.height(image) == 0 || Images.width(image) == 0) {
      throw new IllegalArgumentException(
          name()
              + ": needs an image of shape (..., C, H, W) with pixels, got "
              + image.shape()
              + (image.dim() == 2 ? "; use unsqueeze(0) for a single channel" : ""));
    }
    if (image.dtype() == DType.BOOL) {
      throw new IllegalArgumentException(
          name() + ": not defined for " + DType.BOOL + "; use toFloat() or toByte()");
    }
    try (var scope = Scope.open()) {
      return scope.keep(transform(image));
    }
  }

  /** The name that errors and prints begin with. */
  final String name() {
    return getClass().getSimpleName();
  }
}
