package dev.flambeau.internal.tensor;

import java.util.Arrays;

/**
 * How a tensor's elements lie in its storage: sizes, strides and offset, all in elements.
 * Immutable.
 */
public final class Layout {
  public final long[] sizes;
  public final long[] strides;
  public final long offset;
  final long numel;

  /** Row-major without gaps. */
  public final boolean contiguous;

  public Layout(long[] sizes, long[] strides, long offset) {
    this.sizes = sizes;
    this.strides = strides;
    this.offset = offset;
    this.numel = Dims.numel(sizes);
    this.contiguous = isContiguous(sizes, strides, numel);
  }

  private Layout(long[] sizes) {
    this.sizes = sizes;
    this.strides = Dims.contiguousStrides(sizes);
    this.offset = 0;
    this.numel = Dims.numel(sizes);
    this.contiguous = true;
  }

  public static final Layout SCALAR = new Layout(new long[0]);
  private static final Layout[] MATRICES = new Layout[64];

  /** A fresh row-major layout. The array is kept. */
  public static Layout contiguous(long[] sizes) {
    return sizes.length == 0 ? SCALAR : new Layout(sizes);
  }

  /** A fresh row-major matrix's layout: one of those made before, if it is still at hand. */
  public static Layout matrix(long rows, long columns) {
    int slot = (int) (rows * 31 + columns) & (MATRICES.length - 1);
    Layout known = MATRICES[slot]; // threads may see different ones, and any that fits will do
    if (known == null || known.sizes[0] != rows || known.sizes[1] != columns) {
      MATRICES[slot] = known = new Layout(new long[] {rows, columns});
    }
    return known;
  }

  /**
   * The layout a new tensor of the same shape gets: dense, and in this one's memory order, which of
   * one that is not dense is as {@link #of} has it.
   */
  public Layout fresh() {
    if (contiguous) {
      return offset == 0 ? this : contiguous(sizes);
    }
    return isDense() ? new Layout(sizes, strides, 0) : of(sizes, this);
  }

  /**
   * A dense layout for what is computed of {@code operands}, which broadcast to {@code sizes}: its
   * dims lie in memory as those of the first operand that tells, as PyTorch's TensorIterator has
   * it. A dim that an operand is repeated along tells nothing.
   */
  public static Layout of(long[] sizes, Layout... operands) {
    boolean rows = true;
    for (Layout l : operands) {
      rows &= l.contiguous;
    }
    if (rows) {
      return contiguous(sizes);
    }
    long[][] steps = new long[operands.length][];
    for (int k = 0; k < steps.length; k++) {
      steps[k] = operands[k].broadcastStrides(sizes);
    }
    int n = sizes.length;
    int[] order = new int[n]; // from the innermost dim; ties leave row-major order
    for (int i = 0; i < n; i++) {
      order[i] = n - 1 - i;
    }
    for (int i = 1; i < n; i++) {
      int at = i;
      for (int before = i - 1; before >= 0; before--) {
        int c = compare(steps, sizes, order[before], order[at]);
        if (c < 0) {
          break;
        }
        if (c > 0) {
          int dim = order[before];
          order[before] = order[at];
          order[at] = dim;
          at = before;
        }
      }
    }
    long[] strides = new long[n];
    long step = 1;
    for (int d : order) {
      strides[d] = step;
      step *= Math.max(sizes[d], 1);
    }
    return new Layout(sizes, strides, 0);
  }

  /** Above 0: dim {@code a} lies outside of dim {@code b}; 0: no operand tells. */
  private static int compare(long[][] steps, long[] sizes, int a, int b) {
    for (long[] s : steps) {
      if (s[a] == 0 || s[b] == 0) {
        continue;
      }
      if (s[a] != s[b]) {
        return Long.compare(s[a], s[b]);
      }
      if (sizes[a] > sizes[b]) {
        return 1;
      }
    }
    return 0;
  }

  /** Whether the elements fill one gapless stretch of memory, in any order of dims. */
  public boolean isDense() {
    if (contiguous) {
      return true;
    }
    long step = 1;
    for (int i : byStride()) {
      if (sizes[i] == 1) {
        continue;
      }
      if (strides[i] != step) {
        return false;
      }
      step *= sizes[i];
    }
    return true;
  }

  /** Over how many elements of memory it reaches, from the first to the last, gaps included. */
  public long reach() {
    long last = 0;
    for (int i = 0; i < sizes.length; i++) {
      last += (sizes[i] - 1) * strides[i];
    }
    return numel == 0 ? 0 : last + 1;
  }

  /**
   * Whether two elements may lie at one place: a stride of 0, or one within what the dims of
   * smaller strides reach over.
   */
  public boolean overlaps() {
    if (contiguous || numel < 2) {
      return false;
    }
    long reached = 0;
    for (int i : byStride()) {
      if (sizes[i] != 1) {
        if (strides[i] <= reached) {
          return true;
        }
        reached += (sizes[i] - 1) * strides[i];
      }
    }
    return false;
  }

  /** The dims from the smallest stride to the greatest. */
  private Integer[] byStride() {
    Integer[] order = new Integer[sizes.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Long.compare(strides[a], strides[b]));
    return order;
  }

  /** With a size of 1 for dims of stride 0: each place in memory once. */
  public Layout withoutRepeats() {
    long[] once = sizes.clone();
    for (int i = 0; i < once.length; i++) {
      once[i] = strides[i] == 0 ? Math.min(sizes[i], 1) : sizes[i];
    }
    return new Layout(once, strides, offset);
  }

  /** The same counted from the element at {@code start}. */
  public Layout from(long start) {
    return start == 0 ? this : new Layout(sizes, strides, offset - start);
  }

  public boolean sameOrder(Layout other) {
    return this == other
        || Arrays.equals(sizes, other.sizes)
            && (contiguous && other.contiguous || Arrays.equals(strides, other.strides));
  }

  /** The strides this layout has when read as {@code target}, a shape it broadcasts to. */
  public long[] broadcastStrides(long[] target) {
    if (target == sizes) {
      return strides;
    }
    long[] out = new long[target.length];
    int shift = target.length - sizes.length;
    for (int i = 0; i < sizes.length; i++) {
      out[i + shift] = sizes[i] == 1 && target[i + shift] != 1 ? 0 : strides[i];
    }
    return out;
  }

  /**
   * The strides with which the same memory can be read as {@code target} (same numel), or null if
   * it cannot.
   */
  public long[] viewStrides(long[] target) {
    if (contiguous || numel == 0) {
      return Dims.contiguousStrides(target);
    }
    // Walk from the last dim. A run of dims that lies evenly in memory may be cut anew; where a run
    // ends in the old
    // shape, a dim must end in the new one.
    long[] out = new long[target.length];
    int t = target.length - 1;
    long step = strides[sizes.length - 1];
    long run = 1;
    long covered = 1;
    for (int i = sizes.length - 1; i >= 0; i--) {
      run *= sizes[i];
      if (i == 0 || sizes[i - 1] != 1 && strides[i - 1] != run * step) {
        while (t >= 0 && (covered < run || target[t] == 1)) {
          out[t] = covered * step;
          covered *= target[t--];
        }
        if (covered != run) {
          return null;
        }
        if (i > 0) {
          step = strides[i - 1];
          run = covered = 1;
        }
      }
    }
    return out;
  }

  private static boolean isContiguous(long[] sizes, long[] strides, long numel) {
    if (numel == 0) {
      return true;
    }
    long step = 1;
    for (int i = sizes.length - 1; i >= 0; i--) {
      if (sizes[i] != 1) {
        if (strides[i] != step) {
          return false;
        }
        step *= sizes[i];
      }
    }
    return true;
  }
}
