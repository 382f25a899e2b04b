package dev.flambeau.internal.tensor;

import java.util.Arrays;

/** Arithmetic on dimensions and sizes, broadcasting and negative dims included. */
public final class Dims {
  private Dims() {}

  /**
   * A dim in {@code [-rank, rank)} as one in {@code [0, rank)}; a 0-d tensor counts as having one
   * dim.
   */
  public static int wrap(String op, int dim, int rank) {
    int r = Math.max(rank, 1);
    if (dim < -r || dim >= r) {
      throw new IndexOutOfBoundsException(
          op
              + ": dim "
              + dim
              + " is out of range; a tensor of "
              + rank
              + " dimensions has dims "
              + -r
              + " to "
              + (r - 1));
    }
    return dim < 0 ? dim + r : dim;
  }

  /** Which dims are meant: all when none is given; each at most once. */
  public static boolean[] mask(String op, int[] dims, int rank) {
    boolean[] mask = new boolean[rank];
    if (dims.length == 0) {
      Arrays.fill(mask, true);
      return mask;
    }
    for (int d : dims) {
      int w = wrap(op, d, rank);
      if (rank == 0) {
        continue;
      }
      if (mask[w]) {
        throw new IllegalArgumentException(
            op + ": dim " + w + " appears twice in " + Arrays.toString(dims));
      }
      mask[w] = true;
    }
    return mask;
  }

  public static long numel(long[] sizes) {
    long n = 1;
    for (long s : sizes) {
      n *= s;
    }
    return n;
  }

  public static long product(long[] sizes, int from, int to) {
    long n = 1;
    for (int i = from; i < to; i++) {
      n *= sizes[i];
    }
    return n;
  }

  /** Refuses negative sizes and more elements than 2^58. */
  public static long[] check(String op, long[] sizes) {
    long n = 1;
    for (long s : sizes) {
      if (s < 0) {
        throw new IllegalArgumentException(op + ": sizes cannot be negative, got " + text(sizes));
      }
      if (s != 0 && n > (1L << 58) / s) {
        throw new IllegalArgumentException(
            op + ": shape " + text(sizes) + " has too many elements");
      }
      n *= s == 0 ? 1 : s;
    }
    return sizes;
  }

  /** Row-major strides, in elements. */
  public static long[] contiguousStrides(long[] sizes) {
    long[] strides = new long[sizes.length];
    long step = 1;
    for (int i = sizes.length - 1; i >= 0; i--) {
      strides[i] = step;
      step *= Math.max(sizes[i], 1);
    }
    return strides;
  }

  /** The shape both broadcast to, aligned at the last dim. */
  public static long[] broadcast(String op, long[] a, long[] b) {
    if (Arrays.equals(a, b)) {
      return a;
    }
    int rank = Math.max(a.length, b.length);
    long[] out = new long[rank];
    for (int i = 1; i <= rank; i++) {
      long x = i <= a.length ? a[a.length - i] : 1;
      long y = i <= b.length ? b[b.length - i] : 1;
      if (x != y && x != 1 && y != 1) {
        throw new IllegalArgumentException(
            op
                + ": shapes "
                + text(a)
                + " and "
                + text(b)
                + " do not broadcast; at dim -"
                + i
                + " the sizes "
                + x
                + " and "
                + y
                + " differ and neither is 1");
      }
      out[rank - i] = x == 1 ? y : x;
    }
    return out;
  }

  /** Whether a tensor of shape {@code from} broadcasts to {@code to}. */
  public static boolean expands(long[] from, long[] to) {
    int shift = to.length - from.length;
    if (shift < 0) {
      return false;
    }
    for (int i = 0; i < from.length; i++) {
      if (from[i] != 1 && from[i] != to[i + shift]) {
        return false;
      }
    }
    return true;
  }

  /** The sizes without the dims of the mask, or with them as 1. */
  public static long[] reduced(long[] sizes, boolean[] mask, boolean keepdim) {
    long[] out = new long[sizes.length];
    int n = 0;
    for (int i = 0; i < sizes.length; i++) {
      if (!mask[i]) {
        out[n++] = sizes[i];
      } else if (keepdim) {
        out[n++] = 1;
      }
    }
    return Arrays.copyOf(out, n);
  }

  /** {@code (4, 3)}, {@code (4,)}, {@code ()}: as messages show shapes. */
  public static String text(long[] sizes) {
    if (sizes.length == 1) {
      return "(" + sizes[0] + ",)";
    }
    String s = Arrays.toString(sizes);
    return "(" + s.substring(1, s.length() - 1) + ")";
  }
}
