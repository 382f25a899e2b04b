package dev.flambeau.data;

/**
 * Some samples of another data set.
 *
 * @param <T> what a sample is
 */
public final class Subset<T> implements Dataset<T> {
  private final Dataset<T> dataset;
  private final int[] indices;

  /**
   * The samples at {@code indices}, in that order.
   *
   * @throws IndexOutOfBoundsException for an index that the data set does not have
   */
  public Subset(Dataset<T> dataset, int... indices) {
    int size = dataset.size();
    for (int i : indices) {
      if (i < 0 || i >= size) {
        throw new IndexOutOfBoundsException("Subset: index " + i + " of " + size + " samples");
      }
    }
    this.dataset = dataset;
    this.indices = indices.clone();
  }

  /** What this is a part of. */
  public Dataset<T> dataset() {
    return dataset;
  }

  /** Which samples these are. */
  public int[] indices() {
    return indices.clone();
  }

  /** Indices into the whole for indices into this. */
  long[] inWhole(long[] inPart) {
    long[] out = new long[inPart.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = indices[Math.toIntExact(inPart[i])];
    }
    return out;
  }

  @Override
  public int size() {
    return indices.length;
  }

  @Override
  public T get(int index) {
    if (index < 0 || index >= indices.length) {
      throw new IndexOutOfBoundsException(
          "Subset: index " + index + " of " + indices.length + " samples");
    }
    return dataset.get(indices[index]);
  }
}
