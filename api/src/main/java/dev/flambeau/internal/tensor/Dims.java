package dev.flambeau.internal.tensor;

import java.util.Arrays;

/** Arithmetic on dimensions and sizes, broadcasting and negative dims included. */
public final class Dims {
  /** The most elements of a tensor: their bytes, and places in any layout of them, fit a long. */
  public static final long LIMIT = 1L << 58;

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

  /**
   * The number of elements, exactly. Refuses negative sizes, and sizes that without the zeros among
   * them have a product above {@link #LIMIT}: strides and parts of a shape are products too.
   */
  public static long numel(String op, long... sizes) {
    long n = 1;
    for (long s : sizes) {
      if ((n | s - 1) >>> 29 != 0) { // the product might not be below 2^58, or this is 0
        return exactly(op, sizes);
      }
      n *= s;
    }
    return n;
  }

  private static long exactly(String op, long[] sizes) {
    long n = 1;
    boolean empty = false;
    for (long s : sizes) {
      if (s == 0) {
        empty = true;
        continue;
      }
      long high = Math.multiplyHigh(n, s);
      n *= s;
      if ((s | high) < 0 || high > 0 || n < 0 || n > LIMIT) {
        throw refused(op, sizes);
      }
    }
    return empty ? 0 : n;
  }

  private static IllegalArgumentException refused(String op, long[] sizes) {
    boolean negative = Arrays.stream(sizes).anyMatch(s -> s < 0);
    return new IllegalArgumentException(
        negative
            ? op + ": sizes cannot be negative, got " + text(sizes)
            : op + ": shape " + text(sizes) + " has too many elements; at most 2^58 are possible");
  }

  /** Refuses what {@link #numel} refuses. */
  public static long[] check(String op, long... sizes) {
    numel(op, sizes);
    return sizes;
  }

  /** The product of some sizes of a tensor, whose layout has made sure that it is exact. */
  public static long product(long[] sizes, int from, int to) {
    long n = 1;
    for (int i = from; i < to; i++) {
      n *= sizes[i];
    }
    return n;
  }

  /** Row-major strides, in elements, of sizes that {@link #numel} takes. */
  public static long[] contiguousStrides(long[] sizes) {
    long[] strides = new long[sizes.length];
    long step = 1;
    for (int i = sizes.length - 1; i >= 0; i--) {
      strides[i] = step;
      step *= Math.max(sizes[i], 1);
    }
    return strides;
  }

  /** The shape both broadcast to, aligned at the last dim; two shapes of tensors. */
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
    return check(op, out);
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
