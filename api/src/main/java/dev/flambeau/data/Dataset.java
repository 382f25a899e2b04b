package dev.flambeau.data;

/**
 * Samples that can be fetched by index. {@link DataLoader} workers call {@link #get} from several
 * threads at once.
 *
 * @param <T> what a sample is: {@link Sample} for tensors, or anything that a collate function
 *     makes a {@link Batch} of
 */
public interface Dataset<T> {
  /** Number of samples. */
  int size();

  /**
   * The sample at {@code index}.
   *
   * @throws IndexOutOfBoundsException outside 0 .. size() - 1
   */
  T get(int index);
}
