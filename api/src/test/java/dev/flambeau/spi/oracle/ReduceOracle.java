package dev.flambeau.spi.oracle;

import static dev.flambeau.spi.oracle.DtypeInfo.isFloating;

import dev.flambeau.spi.Kernels;
import java.util.function.LongToDoubleFunction;
import java.util.stream.LongStream;

/**
 * One value from each line along the middle of (outer, len, inner). Sums run in compensated double.
 */
final class ReduceOracle {
  private final JavaMemory memory;

  ReduceOracle(JavaMemory memory) {
    this.memory = memory;
  }

  void reduce(int op, int dtype, long outer, long len, long inner, long xAddress, long yAddress) {
    boolean predicate = op == Kernels.REDUCE_ANY || op == Kernels.REDUCE_ALL;
    Elements x = memory.elements(dtype, xAddress);
    Elements y = memory.elements(resultOf(op, dtype), yAddress);
    boolean onlyFloats = op == Kernels.REDUCE_MEAN || op == Kernels.REDUCE_LOGSUMEXP;
    if (op < 0 || op > Kernels.REDUCE_LOGSUMEXP || onlyFloats && !isFloating(dtype)) {
      throw Refusal.unsupported(HeaderEnum.REDUCE.name(op), dtype);
    }
    Line.each(
        outer,
        len,
        inner,
        line -> {
          if (predicate) {
            y.setLong(line.row(), quantify(op, x, line) ? 1 : 0);
          } else if (isFloating(dtype)) {
            y.set(line.row(), floating(op, x, line));
          } else {
            y.setLong(line.row(), integer(op, x, line));
          }
        });
  }

  /** Bool of predicates, int64 of an integer's sums and products. */
  private static int resultOf(int op, int dtype) {
    return switch (op) {
      case Kernels.REDUCE_ANY, Kernels.REDUCE_ALL -> Kernels.BOOL;
      case Kernels.REDUCE_SUM, Kernels.REDUCE_PROD -> isFloating(dtype) ? dtype : Kernels.INT64;
      default -> dtype;
    };
  }

  void reduceIndex(
      int op,
      int dtype,
      long outer,
      long len,
      long inner,
      long xAddress,
      long values,
      long indices) {
    if (op != Kernels.INDEX_MAX && op != Kernels.INDEX_MIN) {
      throw Refusal.unsupported(HeaderEnum.INDEX_REDUCE.name(op), dtype);
    }
    Elements x = memory.elements(dtype, xAddress);
    Elements best = values == 0 ? null : memory.elements(dtype, values);
    Elements where = memory.elements(Kernels.INT64, indices);
    Line.each(
        outer,
        len,
        inner,
        line -> {
          long winner = 0;
          for (long k = 1; k < len; k++) {
            if (beats(op, dtype, x, line.at(k), line.at(winner))) {
              winner = k;
            }
          }
          where.setLong(line.row(), winner);
          if (best != null && isFloating(dtype)) {
            best.set(line.row(), x.get(line.at(winner)));
          } else if (best != null) {
            best.setLong(line.row(), x.getLong(line.at(winner)));
          }
        });
  }

  void moments(
      int dtype,
      long outer,
      long len,
      long inner,
      long xAddress,
      long mean,
      long variance,
      double correction) {
    requireFloating("moments", dtype);
    Elements x = memory.elements(dtype, xAddress);
    Elements centre = mean == 0 ? null : memory.elements(dtype, mean);
    Elements spread = memory.elements(dtype, variance);
    Line.each(
        outer,
        len,
        inner,
        line -> {
          double middle = sum(x, line) / len;
          double squares = sum(len, k -> square(x.get(line.at(k)) - middle));
          spread.set(line.row(), squares / Math.max(0, len - correction));
          if (centre != null) {
            centre.set(line.row(), middle);
          }
        });
  }

  static double sum(Elements x, Line line) {
    return sum(line.len(), k -> x.get(line.at(k)));
  }

  /**
   * The sum of n terms, compensated, so that a float64 reference is more exact than what it is
   * compared with.
   */
  static double sum(long n, LongToDoubleFunction term) {
    return LongStream.range(0, n).mapToDouble(term).sum();
  }

  /** NaN wins, as in {@link Math#max}. */
  static double greatest(Elements x, Line line) {
    double top = Double.NEGATIVE_INFINITY;
    for (long k = 0; k < line.len(); k++) {
      top = Math.max(top, x.get(line.at(k)));
    }
    return top;
  }

  /** log(sum(e^x)), with the greatest taken out; an infinite one is not, as inf - inf is NaN. */
  private static double logSumExp(Elements x, Line line) {
    double top = greatest(x, line);
    double shift = Double.isInfinite(top) ? 0 : top;
    double sum = sum(line.len(), k -> Math.exp(x.get(line.at(k)) - shift));
    return Math.log(sum) + shift;
  }

  private static double floating(int op, Elements x, Line line) {
    return switch (op) {
      case Kernels.REDUCE_SUM -> sum(x, line);
      case Kernels.REDUCE_MEAN -> sum(x, line) / line.len();
      case Kernels.REDUCE_AMAX -> greatest(x, line);
      case Kernels.REDUCE_LOGSUMEXP -> logSumExp(x, line);
      default -> {
        double result = op == Kernels.REDUCE_PROD ? 1 : Double.POSITIVE_INFINITY;
        for (long k = 0; k < line.len(); k++) {
          double value = x.get(line.at(k));
          result = op == Kernels.REDUCE_PROD ? result * value : Math.min(result, value);
        }
        yield result;
      }
    };
  }

  private static long integer(int op, Elements x, Line line) {
    long result = x.getLong(line.at(0));
    for (long k = 1; k < line.len(); k++) {
      long value = x.getLong(line.at(k));
      result =
          switch (op) {
            case Kernels.REDUCE_SUM -> result + value;
            case Kernels.REDUCE_PROD -> result * value;
            case Kernels.REDUCE_AMAX -> Math.max(result, value);
            default -> Math.min(result, value);
          };
    }
    return result;
  }

  private static boolean quantify(int op, Elements x, Line line) {
    boolean any = op == Kernels.REDUCE_ANY;
    for (long k = 0; k < line.len(); k++) {
      if (x.get(line.at(k)) != 0 == any) {
        return any;
      }
    }
    return !any;
  }

  /** Whether element i is strictly more extreme than j; NaN is more extreme than any number. */
  private static boolean beats(int op, int dtype, Elements x, long i, long j) {
    boolean max = op == Kernels.INDEX_MAX;
    if (!isFloating(dtype)) {
      return max ? x.getLong(i) > x.getLong(j) : x.getLong(i) < x.getLong(j);
    }
    double a = x.get(i);
    double b = x.get(j);
    return Double.isNaN(a) && !Double.isNaN(b) || (max ? a > b : a < b);
  }

  static double square(double x) {
    return x * x;
  }

  static void requireFloating(String op, int dtype) {
    if (!isFloating(dtype)) {
      throw Refusal.unsupported(op, dtype);
    }
  }
}
