package dev.flambeau.data;

import java.util.function.Function;

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

  /**
   * This data set with {@code change} applied to each sample as it is fetched, anew at every pass:
   * {@code train.map(s -> s.mapInput(augment))} augments images.
   */
  default <R> Dataset<R> map(Function<? super T, ? extends R> change) {
    Dataset<T> source = this;
    return new Dataset<>() {
      @Override
      public int size() {
        return source.size();
      }

      @Override
      public R get(int index) {
        return change.apply(source.get(index));
      }
    };
  }
}
