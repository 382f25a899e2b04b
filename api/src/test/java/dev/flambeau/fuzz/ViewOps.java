package dev.flambeau.fuzz;

import dev.flambeau.Tensor;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** Views, each as the library makes it and as a map of indices. */
final class ViewOps {
  private ViewOps() {}

  /**
   * @param many whether it is one of several views that one call gives
   */
  record View(
      String text,
      UnaryOperator<Tensor> op,
      long[] sizes,
      IntUnaryOperator from,
      boolean many,
      boolean mayCopy) {}

  static View any(Dice d, long[] sizes) {
    int rank = sizes.length;
    if (rank == 0) {
      return unsqueeze(sizes, 0);
    }
    int dim = d.below(rank);
    long n = sizes[dim];
    return switch (d.below(13)) {
      case 0, 1 -> reshape(d, sizes, true);
      case 2 -> reshape(d, sizes, false);
      case 3 -> {
        if (rank > 2) {
          yield permute(d, sizes);
        }
        yield transpose(sizes, 0, rank - 1, true);
      }
      case 4 -> transpose(sizes, dim, d.below(rank), false);
      case 5 -> n == 0 ? unsqueeze(sizes, dim) : select(sizes, dim, d.below((int) n));
      case 6 -> {
        long start = d.below((int) n + 1);
        yield narrow(sizes, dim, start, d.below((int) (n - start) + 1));
      }
      case 7, 8 -> {
        long step = d.of(1, 1, 2, 3);
        yield slice(sizes, dim, d.below((int) n + 1), d.between(0, n), step);
      }
      case 9 -> expand(sizes, dim, d.of(2, 3));
      case 10 -> unsqueeze(sizes, d.below(rank + 1));
      case 11 -> squeeze(sizes);
      default -> n == 0 ? squeeze(sizes) : unbind(sizes, dim, d.below((int) n));
    };
  }

  private static int[] unravel(int i, long[] sizes) {
    int[] index = new int[sizes.length];
    for (int k = sizes.length - 1; k >= 0; k--) {
      index[k] = (int) (i % sizes[k]);
      i /= (int) sizes[k];
    }
    return index;
  }

  private static int ravel(int[] index, long[] sizes) {
    int i = 0;
    for (int k = 0; k < sizes.length; k++) {
      i = i * (int) sizes[k] + index[k];
    }
    return i;
  }

  /** A view whose element at {@code index} is the old one's at {@code old(index)}. */
  private static View of(
      String text,
      UnaryOperator<Tensor> op,
      long[] sizes,
      long[] to,
      UnaryOperator<int[]> old,
      boolean many) {
    return new View(text, op, to, i -> ravel(old.apply(unravel(i, to)), sizes), many, false);
  }

  private static View reshape(Dice d, long[] sizes, boolean view) {
    long left = Model.count(sizes);
    long[] to;
    if (left == 0) {
      to = new long[] {0, 2};
    } else {
      long a = d.of(1, 2, 3, 4, 6);
      long b = d.of(1, 2, 3);
      a = left % a == 0 ? a : 1;
      b = left / a % b == 0 ? b : 1;
      to = d.of(new long[] {left}, new long[] {a, left / a}, new long[] {b, a, left / a / b});
    }
    String text = Numbers.text(to).replaceAll("[{}]", "");
    return new View(
        view ? "view(" + text + ")" : "reshape(" + text + ")",
        view ? t -> t.view(to) : t -> t.reshape(to),
        to,
        i -> i,
        false,
        !view);
  }

  private static View permute(Dice d, long[] sizes) {
    int[] order = IntStream.range(0, sizes.length).toArray();
    for (int i = order.length - 1; i > 0; i--) {
      int j = d.below(i + 1);
      int k = order[i];
      order[i] = order[j];
      order[j] = k;
    }
    return permuted(
        "permute(" + Arrays.toString(order).replaceAll("[\\[\\]]", "") + ")",
        t -> t.permute(order),
        sizes,
        order);
  }

  private static View transpose(long[] sizes, int a, int b, boolean short_) {
    int[] order = IntStream.range(0, sizes.length).toArray();
    order[a] = b;
    order[b] = a;
    return short_
        ? permuted("t()", Tensor::t, sizes, order)
        : permuted("transpose(" + a + ", " + b + ")", t -> t.transpose(a, b), sizes, order);
  }

  private static View permuted(String text, UnaryOperator<Tensor> op, long[] sizes, int[] order) {
    long[] to = new long[sizes.length];
    Arrays.setAll(to, i -> sizes[order[i]]);
    return of(
        text,
        op,
        sizes,
        to,
        index -> {
          int[] old = new int[index.length];
          for (int i = 0; i < index.length; i++) {
            old[order[i]] = index[i];
          }
          return old;
        },
        false);
  }

  private static View select(long[] sizes, int dim, int at) {
    return of(
        "select(" + dim + ", " + at + ")",
        t -> t.select(dim, at),
        sizes,
        without(sizes, dim),
        index -> with(index, dim, at),
        false);
  }

  private static View unbind(long[] sizes, int dim, int at) {
    return of(
        "unbind(" + dim + ").get(" + at + ")",
        t -> t.unbind(dim).get(at),
        sizes,
        without(sizes, dim),
        index -> with(index, dim, at),
        true);
  }

  private static long[] without(long[] sizes, int dim) {
    return IntStream.range(0, sizes.length)
        .filter(i -> i != dim)
        .mapToLong(i -> sizes[i])
        .toArray();
  }

  private static int[] with(int[] index, int dim, int at) {
    int[] old = new int[index.length + 1];
    for (int i = 0; i < old.length; i++) {
      old[i] = i < dim ? index[i] : i == dim ? at : index[i - 1];
    }
    return old;
  }

  private static View narrow(long[] sizes, int dim, long start, long length) {
    return strided(
        "narrow(" + dim + ", " + start + ", " + length + ")",
        t -> t.narrow(dim, start, length),
        sizes,
        dim,
        start,
        length,
        1);
  }

  private static View slice(long[] sizes, int dim, long start, long end, long step) {
    long length = end <= start ? 0 : (end - start + step - 1) / step;
    return strided(
        "slice(" + dim + ", " + start + ", " + end + ", " + step + ")",
        t -> t.slice(dim, start, end, step),
        sizes,
        dim,
        start,
        length,
        step);
  }

  private static View strided(
      String text,
      UnaryOperator<Tensor> op,
      long[] sizes,
      int dim,
      long start,
      long length,
      long step) {
    long[] to = sizes.clone();
    to[dim] = length;
    return of(
        text,
        op,
        sizes,
        to,
        index -> {
          int[] old = index.clone();
          old[dim] = (int) (start + index[dim] * step);
          return old;
        },
        false);
  }

  private static View expand(long[] sizes, int dim, long n) {
    long[] to = sizes.clone();
    if (to[dim] == 1) {
      to[dim] = n;
      return of(
          "expand(" + Numbers.text(to).replaceAll("[{}]", "") + ")",
          t -> t.expand(to),
          sizes,
          to,
          index -> {
            int[] old = index.clone();
            old[dim] = 0;
            return old;
          },
          false);
    }
    return unsqueeze(sizes, dim);
  }

  private static View unsqueeze(long[] sizes, int dim) {
    long[] to = new long[sizes.length + 1];
    for (int i = 0; i < to.length; i++) {
      to[i] = i < dim ? sizes[i] : i == dim ? 1 : sizes[i - 1];
    }
    return new View("unsqueeze(" + dim + ")", t -> t.unsqueeze(dim), to, i -> i, false, false);
  }

  private static View squeeze(long[] sizes) {
    long[] to = Arrays.stream(sizes).filter(s -> s != 1).toArray();
    return new View("squeeze()", Tensor::squeeze, to, i -> i, false, false);
  }
}
