package dev.flambeau;

import dev.flambeau.internal.tensor.Dims;
import java.util.Arrays;

/** The sizes of a tensor's dimensions, outermost first. Prints as {@code torch.Size([2, 3])}. */
public final class Shape {
  private final long[] sizes;

  private Shape(long[] sizes) {
    this.sizes = sizes;
  }

  /** A shape with these sizes; none for a 0-d tensor. */
  public static Shape of(long... sizes) {
    return new Shape(sizes.clone());
  }

  /** Number of dimensions. */
  public int rank() {
    return sizes.length;
  }

  /** Size of dimension {@code dim}; negative dims count from the end. */
  public long size(int dim) {
    return sizes[Dims.wrap("size", dim, sizes.length)];
  }

  /** Number of elements. */
  public long numel() {
    return Dims.numel("numel", sizes);
  }

  /** The sizes, in an array of the caller's own. */
  public long[] toArray() {
    return sizes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape s && Arrays.equals(sizes, s.sizes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sizes);
  }

  @Override
  public String toString() {
    return "torch.Size(" + Arrays.toString(sizes) + ")";
  }
}
