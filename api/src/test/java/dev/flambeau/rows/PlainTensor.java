package dev.flambeau.rows;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import dev.flambeau.internal.tensor.TensorHandle;
import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;

/**
 * A tensor in plain Java: what the references of {@link OpCase#like} compute with. It knows
 * indices, broadcasting and dtypes by itself and calls no op of the library, so that a wrong rule
 * there is not compared with itself.
 *
 * @param values row by row, in double; those of integer dtypes are whole and lie in their range
 */
public record PlainTensor(DType dtype, int[] sizes, double[] values) {
  /** What stands at an index. */
  interface At {
    double of(int[] index);
  }

  /** The elements at all indices, row by row; a value becomes the dtype's as a cast makes it. */
  static PlainTensor of(DType dtype, int[] sizes, At at) {
    double[] values = new double[product(sizes)];
    int[] index = new int[sizes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = cast(dtype, at.of(index));
      for (int d = sizes.length - 1; d >= 0 && ++index[d] == sizes[d]; d--) {
        index[d] = 0;
      }
    }
    return new PlainTensor(dtype, sizes, values);
  }

  public static PlainTensor of(Tensor x) {
    int[] sizes = Arrays.stream(TensorHandle.sizes(x)).mapToInt(Math::toIntExact).toArray();
    return new PlainTensor(x.dtype(), sizes, x.detach().toDoubleArray());
  }

  public static PlainTensor[] of(Tensor[] all) {
    return Arrays.stream(all).map(PlainTensor::of).toArray(PlainTensor[]::new);
  }

  /** Integers wrap, a bool is whether the value is not 0; floats stay as exact as they are. */
  private static double cast(DType dtype, double value) {
    if (dtype.isFloating()) {
      return value;
    }
    if (dtype == DType.BOOL) {
      return value != 0 ? 1 : 0;
    }
    int above = 64 - 8 * dtype.bytes();
    long high = (long) value << above;
    return dtype == DType.UINT8 ? high >>> above : high >> above;
  }

  int dims() {
    return sizes.length;
  }

  /** The size of a dim; negative ones count from the end. */
  int size(int dim) {
    return sizes[dim < 0 ? dim + sizes.length : dim];
  }

  /** An element. The last dims of the index are this tensor's; where it has size 1 it repeats. */
  double at(int... index) {
    int at = 0;
    for (int d = 0; d < sizes.length; d++) {
      int i = index[index.length - sizes.length + d];
      at = at * sizes[d] + (sizes[d] == 1 ? 0 : i);
    }
    return values[at];
  }

  /** Every element by itself. */
  PlainTensor each(DoubleUnaryOperator f) {
    return of(dtype, sizes, i -> f.applyAsDouble(at(i)));
  }

  /** Pairs of elements, broadcast. */
  PlainTensor with(PlainTensor other, DoubleBinaryOperator f) {
    return of(dtype, broadcast(sizes, other.sizes), i -> f.applyAsDouble(at(i), other.at(i)));
  }

  PlainTensor as(DType type) {
    return of(type, sizes, this::at);
  }

  /** The same elements, row by row, in another shape. */
  PlainTensor reshaped(int... to) {
    return new PlainTensor(dtype, to, values);
  }

  /** These sizes, with the elements that {@code at} finds in this one. */
  PlainTensor moved(int[] to, UnaryOperator<int[]> from) {
    return of(dtype, to, i -> at(from.apply(i)));
  }

  /** One value from all elements along some dims, in order; no dims mean all. */
  PlainTensor reduced(DType type, boolean keepdim, ToDoubleFunction<double[]> f, int... dims) {
    boolean[] gone = new boolean[sizes.length];
    for (int d : dims) {
      gone[d < 0 ? d + sizes.length : d] = true;
    }
    if (dims.length == 0) {
      Arrays.fill(gone, true);
    }
    int[] lines = new int[sizes.length]; // the sizes that stay, and 1
    int[] line = new int[sizes.length]; // the sizes that go, and 1
    for (int d = 0; d < sizes.length; d++) {
      lines[d] = gone[d] ? 1 : sizes[d];
      line[d] = gone[d] ? sizes[d] : 1;
    }
    PlainTensor kept =
        of(
            type,
            lines,
            start -> f.applyAsDouble(of(DType.FLOAT64, line, i -> at(sum(start, i))).values));
    int[] rest = new int[0];
    for (int d = 0; d < sizes.length; d++) {
      if (!gone[d]) {
        rest = Arrays.copyOf(rest, rest.length + 1);
        rest[rest.length - 1] = sizes[d];
      }
    }
    return keepdim ? kept : kept.reshaped(rest);
  }

  /** Every line along a dim by itself. */
  PlainTensor lines(int dim, UnaryOperator<double[]> f) {
    int d = dim < 0 ? dim + sizes.length : dim;
    return of(
        dtype,
        sizes,
        i -> {
          double[] line = sizes.length == 0 ? values : new double[sizes[d]];
          for (int k = 0; k < line.length && sizes.length > 0; k++) {
            line[k] = at(replaced(i, d, k));
          }
          return f.apply(line)[sizes.length == 0 ? 0 : i[d]];
        });
  }

  /** The index with {@code value} in one place. */
  static int[] replaced(int[] index, int dim, int value) {
    int[] other = index.clone();
    other[dim] = value;
    return other;
  }

  private static int[] sum(int[] a, int[] b) {
    int[] c = a.clone();
    Arrays.setAll(c, d -> a[d] + b[d]);
    return c;
  }

  static int[] broadcast(int[] a, int[] b) {
    int[] out = new int[Math.max(a.length, b.length)];
    for (int d = 1; d <= out.length; d++) {
      int m = d > a.length ? 1 : a[a.length - d];
      int n = d > b.length ? 1 : b[b.length - d];
      out[out.length - d] = m == 1 ? n : m;
    }
    return out;
  }

  private static int product(int[] sizes) {
    return Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
  }
}
