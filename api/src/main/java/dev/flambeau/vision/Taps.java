package dev.flambeau.vision;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import java.util.Arrays;

/**
 * A line of pixels resampled: pixel {@code i} of the new line is the sum over taps {@code t} of
 * {@code weight[t][i] * old[index[t][i]]}. Positions and weights follow <a
 * href="https://github.com/pytorch/pytorch/blob/v1.13.1/aten/src/ATen/native/cpu/UpSampleKernel.cpp">PyTorch's
 * interpolate</a> with align_corners=False, rounding for rounding.
 *
 * @param weight null where each pixel is a copy of one
 */
record Taps(long[][] index, double[][] weight) {
  /** How a line of {@code from} pixels becomes one of {@code to}. */
  static Taps of(Interpolation how, boolean antialias, long from, long to, DType type) {
    boolean single = type != DType.FLOAT64;
    int n = Math.toIntExact(to);
    if (how == Interpolation.NEAREST) {
      return nearest(from, n);
    }
    return antialias ? triangle(from, n, single) : linear(from, n, single);
  }

  private static Taps nearest(long from, int to) {
    float scale = (float) from / to;
    long[] index = new long[to];
    for (int i = 0; i < to; i++) {
      index[i] = Math.min((long) (i * scale), from - 1);
    }
    return new Taps(new long[][] {index}, null);
  }

  private static Taps linear(long from, int to, boolean single) {
    double scale = round((double) from / to, single);
    long[][] index = new long[2][to];
    double[][] weight = new double[2][to];
    for (int i = 0; i < to; i++) {
      double at = round(round(scale * (i + 0.5), single) - 0.5, single);
      at = Math.max(0, at);
      long first = Math.min((long) at, from - 1);
      index[0][i] = first;
      index[1][i] = Math.min(first + 1, from - 1);
      weight[1][i] = Math.min(round(at - first, single), 1);
      weight[0][i] = round(1 - weight[1][i], single);
    }
    return new Taps(index, weight);
  }

  /** A triangle as wide as two old or two new pixels, whichever are wider. */
  private static Taps triangle(long from, int to, boolean single) {
    double scale = round((double) from / to, single);
    double support = Math.max(scale, 1);
    double shrink = scale >= 1 ? round(1 / scale, single) : 1;
    int taps = (int) Math.ceil(support) * 2 + 1;
    long[][] index = new long[taps][to];
    double[][] weight = new double[taps][to];
    for (int i = 0; i < to; i++) {
      double center = round(scale * (i + 0.5), single);
      long first = Math.max(0, (long) round(round(center - support, single) + 0.5, single));
      long end = Math.min(from, (long) round(round(center + support, single) + 0.5, single));
      double total = 0;
      for (int t = 0; t < taps; t++) {
        // Taps past the end have weight 0, and the index of the last pixel that counts.
        index[t][i] = Math.min(first + t, end - 1);
        if (first + t < end) {
          double away = round(round(first + t - center, single) + 0.5, single);
          weight[t][i] = Math.max(0, round(1 - Math.abs(round(away * shrink, single)), single));
          total = round(total + weight[t][i], single);
        }
      }
      for (int t = 0; t < taps; t++) {
        weight[t][i] = round(weight[t][i] / total, single);
      }
    }
    return new Taps(trimmed(index, weight), weight);
  }

  /** The indices of the taps that weigh anything; a last tap of zeros costs a pass for nothing. */
  private static long[][] trimmed(long[][] index, double[][] weight) {
    int n = index.length;
    while (n > 1 && Arrays.stream(weight[n - 1]).allMatch(w -> w == 0)) {
      n--;
    }
    return Arrays.copyOf(index, n);
  }

  /** To float32 where PyTorch computes in it. */
  private static double round(double x, boolean single) {
    return single ? (float) x : x;
  }

  /** The lines along {@code dim} (-1 or -2) resampled. */
  Tensor apply(Tensor x, int dim) {
    if (weight == null) {
      return pick(x, dim, 0);
    }
    Tensor sum = weighted(x, dim, 0);
    for (int t = 1; t < index.length; t++) {
      sum = sum.add(weighted(x, dim, t));
    }
    return sum;
  }

  private Tensor weighted(Tensor x, int dim, int tap) {
    Tensor w = Tensor.of(x.dtype(), weight[tap]).to(x.device());
    return pick(x, dim, tap).mul(dim == -1 ? w : w.unsqueeze(-1));
  }

  private Tensor pick(Tensor x, int dim, int tap) {
    return x.indexSelect(dim, Tensor.of(index[tap]).to(x.device()));
  }
}
