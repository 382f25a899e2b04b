package dev.flambeau.vision;

import dev.flambeau.Tensor;
import java.util.Arrays;

/**
 * How many pixels to add on each side, and which.
 *
 * @param given as the user gave them: one number for all sides; horizontally, vertically; or left,
 *     top, right, bottom
 */
record Padding(long[] given, double fill, PaddingMode mode) {
  static Padding of(String op, long... given) {
    if (given.length != 1 && given.length != 2 && given.length != 4) {
      throw new IllegalArgumentException(
          op + ": the padding must be 1, 2 or 4 numbers, got " + Arrays.toString(given));
    }
    if (Arrays.stream(given).anyMatch(n -> n < 0)) {
      throw new IllegalArgumentException(
          op
              + ": the padding must not be negative, got "
              + Arrays.toString(given)
              + "; a crop takes pixels away");
    }
    return new Padding(given.clone(), 0, PaddingMode.CONSTANT);
  }

  Padding fill(double value) {
    return new Padding(given, value, mode);
  }

  Padding mode(PaddingMode other) {
    return new Padding(given, fill, other);
  }

  /** The same pixels, other widths. */
  Padding by(long horizontal, long vertical) {
    return new Padding(new long[] {horizontal, vertical}, fill, mode);
  }

  Tensor apply(String op, Tensor image) {
    int n = given.length;
    Tensor wide = side(op, image, -1, given[0], given[n == 4 ? 2 : 0]);
    return side(op, wide, -2, given[n == 1 ? 0 : 1], given[n == 4 ? 3 : n - 1]);
  }

  private Tensor side(String op, Tensor image, int dim, long before, long after) {
    if (before == 0 && after == 0) {
      return image;
    }
    if (mode == PaddingMode.CONSTANT) {
      Images.requireFits(op, fill, image);
      return Tensor.cat(
          new Tensor[] {block(image, dim, before), image, block(image, dim, after)}, dim);
    }
    long size = image.size(dim);
    long most = mode == PaddingMode.REFLECT ? size - 1 : size;
    if (mode != PaddingMode.EDGE && Math.max(before, after) > most) {
      throw new IllegalArgumentException(
          op
              + ": padding mode "
              + mode
              + " adds at most "
              + most
              + " pixels to an image of shape "
              + image.shape()
              + " along dim "
              + dim
              + ", got "
              + Math.max(before, after));
    }
    long[] index = new long[Math.toIntExact(before + size + after)];
    for (int i = 0; i < index.length; i++) {
      index[i] = source(i - before, size);
    }
    return image.indexSelect(dim, Tensor.of(index).to(image.device()));
  }

  private Tensor block(Tensor image, int dim, long length) {
    long[] sizes = image.shape().toArray();
    sizes[sizes.length + dim] = length;
    return Tensor.full(image.dtype(), fill, sizes).to(image.device());
  }

  /** The pixel inside that stands at position {@code i}, which may lie outside. */
  private long source(long i, long size) {
    long last = size - 1;
    return switch (mode) {
      case REFLECT -> i < 0 ? -i : i > last ? 2 * last - i : i;
      case SYMMETRIC -> i < 0 ? -1 - i : i > last ? 2 * last + 1 - i : i;
      default -> Math.max(0, Math.min(i, last));
    };
  }

  /** The widths as Python prints what was given: {@code 2} or {@code (1, 2)}. */
  String widths() {
    String list = Arrays.toString(given);
    return given.length == 1 ? Long.toString(given[0]) : list.replace('[', '(').replace(']', ')');
  }
}
