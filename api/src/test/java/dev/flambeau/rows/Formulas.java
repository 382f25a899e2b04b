package dev.flambeau.rows;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Definitions that several rows' references share: of a number, of a line, of a matrix product. */
final class Formulas {
  private Formulas() {}

  // ---- of a number

  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** By the series whose terms are all positive. */
  static double erf(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  static double gelu(double x) {
    return x * (1 + erf(x / Math.sqrt(2))) / 2;
  }

  static double geluTanh(double x) {
    return x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))) / 2;
  }

  static double softplus(double x, double beta, double threshold) {
    return x * beta > threshold ? x : Math.log1p(Math.exp(x * beta)) / beta;
  }

  /** The rest of a division, with the sign of the divisor. */
  static double remainder(double a, double b) {
    double rest = a % b;
    return rest != 0 && rest < 0 != b < 0 ? rest + b : rest;
  }

  static double clamp(double x, double low, double high) {
    return Math.min(Math.max(x, low), high);
  }

  // ---- of a line

  static double sum(double[] line) {
    return Arrays.stream(line).sum();
  }

  static double mean(double[] line) {
    return sum(line) / line.length;
  }

  static double product(double[] line) {
    return Arrays.stream(line).reduce(1, (a, b) -> a * b);
  }

  static double variance(double[] line, double correction) {
    double mean = mean(line);
    double squares = Arrays.stream(line).map(x -> (x - mean) * (x - mean)).sum();
    return squares / Math.max(0, line.length - correction);
  }

  static double norm(double[] line) {
    return Math.sqrt(Arrays.stream(line).map(x -> x * x).sum());
  }

  static double max(double[] line) {
    return Arrays.stream(line).max().getAsDouble();
  }

  static double min(double[] line) {
    return Arrays.stream(line).min().getAsDouble();
  }

  /** Where the first of the greatest is. */
  static double argmax(double[] line) {
    return IntStream.range(0, line.length).filter(i -> line[i] == max(line)).findFirst().getAsInt();
  }

  /** Where the first of the smallest is. */
  static double argmin(double[] line) {
    return IntStream.range(0, line.length).filter(i -> line[i] == min(line)).findFirst().getAsInt();
  }

  static double any(double[] line) {
    return Arrays.stream(line).anyMatch(x -> x != 0) ? 1 : 0;
  }

  static double all(double[] line) {
    return Arrays.stream(line).allMatch(x -> x != 0) ? 1 : 0;
  }

  static double logSumExp(double[] line) {
    double top = max(line);
    return top + Math.log(Arrays.stream(line).map(x -> Math.exp(x - top)).sum());
  }

  static double[] logSoftmax(double[] line) {
    double all = logSumExp(line);
    return Arrays.stream(line).map(x -> x - all).toArray();
  }

  static double[] softmax(double[] line) {
    return Arrays.stream(logSoftmax(line)).map(Math::exp).toArray();
  }

  // ---- of matrices

  /**
   * A vector is a row on the left and a column on the right; dims before the last two broadcast.
   */
  static PlainTensor matmul(PlainTensor a, PlainTensor b) {
    PlainTensor left = a.dims() == 1 ? a.reshaped(1, a.size(0)) : a;
    PlainTensor right = b.dims() == 1 ? b.reshaped(b.size(0), 1) : b;
    int depth = left.size(-1);
    int[] batch = PlainTensor.broadcast(head(left), head(right));
    int[] sizes = Arrays.copyOf(batch, batch.length + 2);
    sizes[batch.length] = left.size(-2);
    sizes[batch.length + 1] = right.size(-1);
    PlainTensor product =
        PlainTensor.of(
            a.dtype(),
            sizes,
            i -> {
              double sum = 0;
              for (int k = 0; k < depth; k++) {
                sum +=
                    left.at(PlainTensor.replaced(i, batch.length + 1, k))
                        * right.at(PlainTensor.replaced(i, batch.length, k));
              }
              return sum;
            });
    int[] kept =
        IntStream.range(0, sizes.length)
            .filter(
                d ->
                    d < batch.length
                        || d == batch.length && a.dims() > 1
                        || d > batch.length && b.dims() > 1)
            .map(d -> sizes[d])
            .toArray();
    return product.reshaped(kept);
  }

  private static int[] head(PlainTensor x) {
    return Arrays.copyOf(x.sizes(), x.dims() - 2);
  }

  /** The last two dims exchanged. */
  static PlainTensor transposed(PlainTensor x) {
    return permuted(x, swapped(x.dims(), x.dims() - 2, x.dims() - 1));
  }

  private static int[] swapped(int dims, int a, int b) {
    return IntStream.range(0, dims).map(d -> d == a ? b : d == b ? a : d).toArray();
  }

  /** Dim {@code d} of the result is dim {@code dims[d]} of this. */
  static PlainTensor permuted(PlainTensor x, int... dims) {
    int[] sizes = Arrays.stream(dims).map(x::size).toArray();
    return x.moved(
        sizes,
        i -> {
          int[] from = i.clone();
          for (int d = 0; d < dims.length; d++) {
            from[dims[d]] = i[d];
          }
          return from;
        });
  }
}
