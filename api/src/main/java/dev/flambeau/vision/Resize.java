package dev.flambeau.vision;

import dev.flambeau.Tensor;

/**
 * The image at another size, as {@code torch.nn.functional.interpolate} with align_corners=False
 * computes it. Integers are computed in float32 and rounded.
 */
public final class Resize extends ImageTransform {
  private final long shorter;
  private final Size size;
  private Long maxSize;
  private Sampling sampling = Sampling.DEFAULT;

  /**
   * The shorter edge becomes {@code size}, the other keeps the proportions.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public Resize(long size) {
    if (size < 1) {
      throw new IllegalArgumentException("Resize: the size must be at least 1, got " + size);
    }
    this.shorter = size;
    this.size = null;
  }

  /**
   * Exactly this height and width.
   *
   * @throws IllegalArgumentException if one is below 1
   */
  public Resize(long height, long width) {
    this.shorter = 0;
    this.size = Size.of(name(), height, width);
  }

  /** Sets how pixels are computed, bilinear at first. */
  public Resize interpolation(Interpolation interpolation) {
    sampling = sampling.interpolation(interpolation);
    return this;
  }

  /**
   * Whether an image made smaller is smoothed, so that no pixel is passed over; not at first.
   * Bilinear only.
   */
  public Resize antialias(boolean antialias) {
    sampling = sampling.antialias(antialias);
    return this;
  }

  /**
   * Bounds the longer edge, where only the shorter is given.
   *
   * @throws IllegalArgumentException if it does not exceed the shorter edge, or both are given
   */
  public Resize maxSize(long maxSize) {
    if (size != null || maxSize <= shorter) {
      throw new IllegalArgumentException(
          size != null
              ? "Resize: maxSize goes with a size for the shorter edge, not with " + size
              : "Resize: maxSize (" + maxSize + ") must exceed the size (" + shorter + ")");
    }
    this.maxSize = maxSize;
    return this;
  }

  @Override
  Tensor transform(Tensor image) {
    return sampling.resize(image, size != null ? size : proportional(Size.of(image)));
  }

  private Size proportional(Size from) {
    boolean upright = from.width() <= from.height();
    long small = upright ? from.width() : from.height();
    long large = upright ? from.height() : from.width();
    long edge = shorter;
    long other = (long) ((double) (shorter * large) / small);
    if (maxSize != null && other > maxSize) {
      edge = (long) ((double) (maxSize * edge) / other);
      other = maxSize;
    }
    return upright ? Size.of(name(), other, edge) : Size.of(name(), edge, other);
  }

  @Override
  public String toString() {
    return "Resize(size="
        + (size != null ? size.toString() : Long.toString(shorter))
        + ", interpolation="
        + sampling.interpolation()
        + ", max_size="
        + (maxSize == null ? "None" : maxSize.toString())
        + ", antialias="
        + sampling.antialiasText()
        + ")";
  }
}
