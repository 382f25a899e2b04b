package dev.flambeau.cli.prepare;

import dev.flambeau.Rng;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Rows for training and rows for validation. */
record Split(int[] training, int[] validation) {

  /**
   * Draws a share of the rows for validation. With classes, each class gives nearly that share of
   * its own rows (largest remainders decide the rest), and keeps at least one for training.
   *
   * @param classOf the class of each of {@code rows}, or null for regression
   */
  static Split draw(int[] rows, int[] classOf, double share, Rng rng) {
    int wanted = Math.min(Math.max((int) Math.round(share * rows.length), 1), rows.length - 1);
    List<List<Integer>> strata = strata(rows.length, classOf);
    int[] take = take(strata, wanted, rows.length);
    List<Integer> validation = new ArrayList<>();
    List<Integer> training = new ArrayList<>();
    for (int s = 0; s < take.length; s++) {
      List<Integer> stratum = strata.get(s);
      long[] order = rng.permutation(stratum.size());
      for (int i = 0; i < order.length; i++) {
        (i < take[s] ? validation : training).add(rows[stratum.get((int) order[i])]);
      }
    }
    return new Split(sorted(training), sorted(validation));
  }

  private static List<List<Integer>> strata(int n, int[] classOf) {
    int classes = classOf == null ? 1 : Arrays.stream(classOf).max().orElse(0) + 1;
    List<List<Integer>> strata = new ArrayList<>();
    for (int c = 0; c < classes; c++) {
      strata.add(new ArrayList<>());
    }
    for (int i = 0; i < n; i++) {
      strata.get(classOf == null ? 0 : classOf[i]).add(i);
    }
    return strata;
  }

  private static int[] take(List<List<Integer>> strata, int wanted, int rows) {
    int[] take = new int[strata.size()];
    double[] remainder = new double[strata.size()];
    int left = wanted;
    for (int s = 0; s < take.length; s++) {
      double exact = (double) wanted * strata.get(s).size() / rows;
      take[s] = (int) exact;
      remainder[s] = exact - take[s];
      left -= take[s];
    }
    List<Integer> order = new ArrayList<>();
    for (int s = 0; s < take.length; s++) {
      order.add(s);
    }
    order.sort(Comparator.comparingDouble(s -> -remainder[s]));
    for (int s : order) {
      if (left > 0 && take[s] + 1 < strata.get(s).size()) {
        take[s]++;
        left--;
      }
    }
    return take;
  }

  private static int[] sorted(List<Integer> rows) {
    return rows.stream().mapToInt(Integer::intValue).sorted().toArray();
  }
}
