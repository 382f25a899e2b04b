package dev.flambeau.internal.tensor;

import java.util.Arrays;

/**
 * How a tensor's elements lie in its storage: sizes, strides and offset, all in elements.
 * Immutable.
 *
 * <p>Every layout of new sizes is made by a method that takes the op's name and checks them: none
 * is negative, and their product is exact. What is computed of the sizes of a tensor therefore
 * cannot wrap. Whether the elements lie in a storage is checked where a tensor gets the two: {@link
 * #checkWithin}.
 */
public final class Layout {
  public final long[] sizes;
  public final long[] strides;
  public final long offset;
  final long numel;

  /** Row-major without gaps. */
  public final boolean contiguous;

  private Layout(String op, long[] sizes, long[] strides, long offset) {
    if (sizes.length != strides.length || offset < 0 || offset > Dims.LIMIT) {
      throw new IllegalArgumentException(
          op + ": no layout has " + text(sizes, strides, offset) + "; they do not fit together");
    }
    this.sizes = sizes;
    this.strides = strides;
    this.offset = offset;
    this.numel = Dims.numel(op, sizes);
    this.contiguous = isContiguous(sizes, strides, numel);
  }

  private Layout(String op, long[] sizes) {
    this.sizes = sizes;
    this.numel = Dims.numel(op, sizes);
    this.strides = Dims.contiguousStrides(sizes);
    this.offset = 0;
    this.contiguous = true;
  }

  /** The sizes of a layout that was checked, dense with these strides from the beginning. */
  private Layout(Layout of, long[] strides, boolean contiguous) {
    this.sizes = of.sizes;
    this.numel = of.numel;
    this.strides = strides;
    this.offset = 0;
    this.contiguous = contiguous;
  }

  public static final Layout SCALAR = new Layout("scalar", new long[0]);
  private static final Layout[] MATRICES = new Layout[64];

  /** A fresh row-major layout for {@code op}. The array is kept. */
  public static Layout contiguous(String op, long... sizes) {
    return sizes.length == 0 ? SCALAR : new Layout(op, sizes);
  }

  /** Where {@code op} sees elements in memory that is there already. The arrays are kept. */
  public static Layout strided(String op, long[] sizes, long[] strides, long offset) {
    return new Layout(op, sizes, strides, offset);
  }

  /** A fresh row-major matrix's layout: one of those made before, if it is still at hand. */
  public static Layout matrix(String op, long rows, long columns) {
    int slot = (int) (rows * 31 + columns) & (MATRICES.length - 1);
    Layout known = MATRICES[slot]; // threads may see different ones, and any that fits will do
    if (known == null || known.sizes[0] != rows || known.sizes[1] != columns) {
      MATRICES[slot] = known = new Layout(op, new long[] {rows, columns});
    }
    return known;
  }

  /** The same sizes row-major without gaps, from the beginning of a storage. */
  public Layout rowMajor() {
    return sizes.length == 0 ? SCALAR : new Layout(this, Dims.contiguousStrides(sizes), true);
  }

  /**
   * The layout a new tensor of the same shape gets: dense, and in this one's memory order, which of
   * one that is not dense is as {@link #of} has it.
   */
  public Layout fresh() {
    if (contiguous) {
      return offset == 0 ? this : rowMajor();
    }
    return isDense() ? new Layout(this, strides, false) : of("empty", sizes, this);
  }

  /**
   * A dense layout for what is computed of {@code operands}, which broadcast to {@code sizes}: its
   * dims lie in memory as those of the first operand that tells, as PyTorch's TensorIterator has
   * it. A dim that an operand is repeated along tells nothing.
   */
  public static Layout of(String op, long[] sizes, Layout... operands) {
    boolean rows = true;
    for (Layout l : operands) {
      rows &= l.contiguous;
    }
    if (rows) {
      return contiguous(op, sizes);
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
    return new Layout(op, sizes, strides, 0);
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

  /**
   * Refuses a layout of which an element of {@code width} bytes would lie outside a storage of
   * {@code bytes}.
   */
  void checkWithin(long bytes, int width) {
    if (!isWithin(bytes >> Integer.numberOfTrailingZeros(width))) {
      throw new IllegalArgumentException(
          "view: "
              + text(sizes, strides, offset)
              + " reaches beyond the "
              + bytes
              + " bytes of the memory they are seen in");
    }
  }

  /** Whether the least and the greatest place are in [0, room); nothing here can wrap. */
  private boolean isWithin(long room) {
    if (numel == 0) {
      return true;
    }
    if (contiguous) {
      return offset <= room - numel;
    }
    long all = offset;
    long greatest = offset;
    for (int i = 0; i < sizes.length; i++) {
      all |= sizes[i] | strides[i];
      greatest += (sizes[i] - 1) * strides[i];
    }
    boolean small = all >>> 28 == 0 && sizes.length < 64; // none is negative, nothing has wrapped
    return small ? greatest < room : isExactlyWithin(room);
  }

  private boolean isExactlyWithin(long room) {
    long least = offset;
    long greatest = offset;
    for (int i = 0; i < sizes.length; i++) {
      long steps = sizes[i] - 1;
      long reach = steps * strides[i];
      if (Math.multiplyHigh(steps, strides[i]) != reach >> 63
          || reach > Dims.LIMIT
          || reach < -Dims.LIMIT) {
        return false;
      }
      least += Math.min(reach, 0);
      greatest += Math.max(reach, 0);
      if (least < 0 || greatest >= room) { // at once, before a sum can wrap
        return false;
      }
    }
    return greatest < room;
  }

  private static String text(long[] sizes, long[] strides, long offset) {
    return "shape "
        + Dims.text(sizes)
        + " with strides "
        + Dims.text(strides)
        + " and offset "
        + offset;
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
  private int[] byStride() {
    int[] order = new int[sizes.length];
    for (int i = 0; i < order.length; i++) {
      int k = i;
      for (; k > 0 && strides[order[k - 1]] > strides[i]; k--) {
        order[k] = order[k - 1];
      }
      order[k] = i;
    }
    return order;
  }

  /** With a size of 1 for dims of stride 0: each place in memory once. */
  public Layout withoutRepeats() {
    long[] once = sizes.clone();
    for (int i = 0; i < once.length; i++) {
      once[i] = strides[i] == 0 ? Math.min(sizes[i], 1) : sizes[i];
    }
    return new Layout("view", once, strides, offset);
  }

  /** The same counted from the element at {@code start}. */
  public Layout from(long start) {
    return start == 0 ? this : new Layout("view", sizes, strides, offset - start);
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
