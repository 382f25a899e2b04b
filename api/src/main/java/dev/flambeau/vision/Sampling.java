package dev.flambeau.vision;

import dev.flambeau.Tensor;

/** How {@link Resize} and {@link RandomResizedCrop} compute pixels. */
record Sampling(Interpolation interpolation, Boolean antialias) {
  /** Bilinear, without antialiasing; null says that nothing was chosen. */
  static final Sampling DEFAULT = new Sampling(Interpolation.BILINEAR, null);

  Sampling {
    if (interpolation == Interpolation.NEAREST && Boolean.TRUE.equals(antialias)) {
      throw new IllegalArgumentException(
          "antialias: only for bilinear interpolation; nearest takes pixels as they are");
    }
  }

  Sampling interpolation(Interpolation other) {
    return new Sampling(other, antialias);
  }

  Sampling antialias(boolean wanted) {
    return new Sampling(interpolation, wanted);
  }

  /** Resamples rows, then columns. An image of that size already is returned as it is. */
  Tensor resize(Tensor image, Size to) {
    Size from = Size.of(image);
    if (from.equals(to)) {
      return image;
    }
    if (interpolation == Interpolation.NEAREST) {
      return along(along(image, -1, to.width()), -2, to.height());
    }
    return Images.inFloat(image, x -> along(along(x, -1, to.width()), -2, to.height()));
  }

  private Tensor along(Tensor x, int dim, long to) {
    long from = x.size(dim);
    return from == to
        ? x
        : Taps.of(interpolation, Boolean.TRUE.equals(antialias), from, to, x.dtype()).apply(x, dim);
  }

  /** As Python prints the choice: {@code None}, {@code True} or {@code False}. */
  String antialiasText() {
    return antialias == null ? "None" : antialias ? "True" : "False";
  }
}
