package dev.flambeau.data;

import dev.flambeau.Rng;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Random splits of data sets. */
public final class Data {
  private Data() {}

  /**
   * Cuts a data set at random into parts of these sizes, with the permutation that PyTorch's {@code
   * random_split} draws from the thread's generator.
   *
   * @throws IllegalArgumentException for a negative size, or when they do not sum to the data set's
   */
  public static <T> List<Subset<T>> randomSplit(Dataset<T> dataset, int... lengths) {
    return randomSplit(dataset, Rng.current(), lengths);
  }

  /** As {@link #randomSplit(Dataset, int...)}, with a generator. */
  public static <T> List<Subset<T>> randomSplit(Dataset<T> dataset, Rng rng, int... lengths) {
    long total = Arrays.stream(lengths).asLongStream().sum();
    if (total != dataset.size() || Arrays.stream(lengths).anyMatch(n -> n < 0)) {
      throw new IllegalArgumentException(
          "randomSplit: the lengths "
              + Arrays.toString(lengths)
              + " must sum to the data set's size "
              + dataset.size());
    }
    int[] order = Arrays.stream(rng.permutation(total)).mapToInt(Math::toIntExact).toArray();
    List<Subset<T>> parts = new ArrayList<>();
    int start = 0;
    for (int n : lengths) {
      parts.add(new Subset<>(dataset, Arrays.copyOfRange(order, start, start + n)));
      start += n;
    }
    return parts;
  }

  /**
   * Cuts a data set at random into these shares, which sum to 1. Samples left over by rounding down
   * go to the parts in turn, as in PyTorch.
   *
   * @throws IllegalArgumentException when a share is not in [0, 1], or they do not sum to 1
   */
  public static <T> List<Subset<T>> randomSplit(Dataset<T> dataset, double... fractions) {
    return randomSplit(dataset, Rng.current(), fractions);
  }

  /** As {@link #randomSplit(Dataset, double...)}, with a generator. */
  public static <T> List<Subset<T>> randomSplit(Dataset<T> dataset, Rng rng, double... fractions) {
    double sum = 0;
    for (double f : fractions) {
      if (!(f >= 0 && f <= 1)) {
        throw new IllegalArgumentException(
            "randomSplit: a fraction must be between 0 and 1, got " + f);
      }
      sum += f;
    }
    if (fractions.length == 0 || Math.abs(sum - 1) > 1e-9) {
      throw new IllegalArgumentException(
          "randomSplit: the fractions "
              + Arrays.toString(fractions)
              + " must sum to 1; whole numbers are taken as lengths");
    }
    int[] lengths = new int[fractions.length];
    int left = dataset.size();
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = (int) Math.floor(dataset.size() * fractions[i]);
      left -= lengths[i];
    }
    for (int i = 0; i < left; i++) {
      lengths[i % lengths.length]++;
    }
    return randomSplit(dataset, rng, lengths);
  }
}
