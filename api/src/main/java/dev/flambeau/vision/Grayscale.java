package dev.flambeau.vision;

import dev.flambeau.Tensor;

/**
 * Colour to grey, 0.2989 red + 0.587 green + 0.114 blue (<a
 * href="https://www.itu.int/rec/R-REC-BT.601">ITU-R BT.601</a>); integers are rounded down. An
 * image of one channel keeps its values.
 */
public final class Grayscale extends ImageTransform {
  private final int channels;

  /** To one channel. */
  public Grayscale() {
    this(1);
  }

  /**
   * To 1 or 3 channels.
   *
   * @param channels 1, or 3 for three equal ones
   * @throws IllegalArgumentException for another number
   */
  public Grayscale(int channels) {
    if (channels != 1 && channels != 3) {
      throw new IllegalArgumentException("Grayscale: gives 1 or 3 channels, not " + channels);
    }
    this.channels = channels;
  }

  @Override
  Tensor transform(Tensor image) {
    long have = Images.channels(image);
    if (have != 1 && have != 3) {
      throw new IllegalArgumentException(
          "Grayscale: needs an image of 1 or 3 channels, got shape " + image.shape());
    }
    Tensor grey = have == 1 ? image : grey(image);
    long[] sizes = grey.shape().toArray();
    sizes[sizes.length - 3] = channels;
    return channels == 1 ? grey : grey.expand(sizes);
  }

  private static Tensor grey(Tensor image) {
    return share(image, 0, 0.2989)
        .add(share(image, 1, 0.587))
        .add(share(image, 2, 0.114))
        .to(image.dtype());
  }

  private static Tensor share(Tensor image, long channel, double weight) {
    return image.narrow(-3, channel, 1).mul(weight);
  }

  @Override
  public String toString() {
    return "Grayscale(num_output_channels=" + channels + ")";
  }
}
