package dev.flambeau.spi.contract;

import dev.flambeau.spi.oracle.DtypeInfo;
import java.util.Arrays;

/**
 * The memory layout of an operand: its strides, the offset of its first element, and the elements
 * it spans.
 */
record Strides(long[] strides, int first, int span) {
  /** Kinds of layout. An output may not have the two broadcast ones. */
  enum Kind {
    DENSE,
    TRANSPOSED,
    SLICED,
    FLIPPED,
    OUTER_BROADCAST,
    INNER_BROADCAST
  }

  static final Kind[] OUTPUTS = {Kind.DENSE, Kind.TRANSPOSED, Kind.SLICED, Kind.FLIPPED};

  static Strides of(Kind kind, long[] sizes) {
    int rank = sizes.length;
    long[] strides = new long[rank];
    long next = kind == Kind.SLICED ? 2 : 1;
    for (int i = 0; i < rank; i++) {
      int dim = kind == Kind.TRANSPOSED ? i : rank - 1 - i;
      boolean repeated =
          kind == Kind.OUTER_BROADCAST && dim == 0
              || kind == Kind.INNER_BROADCAST && dim == rank - 1;
      strides[dim] = repeated ? 0 : next;
      next *= repeated ? 1 : sizes[dim] + (kind == Kind.SLICED ? 1 : 0);
    }
    long first = 0;
    if (kind == Kind.FLIPPED) {
      for (int dim = 0; dim < rank; dim += 2) {
        first += strides[dim] * (sizes[dim] - 1);
        strides[dim] = -strides[dim];
      }
    }
    return new Strides(strides, (int) first, (int) next);
  }

  /** The address of the first element of an operand with this layout. */
  long at(DifferentialCheck.Side side, DifferentialCheck.Operand x) {
    return side.at(x) + (long) first * DtypeInfo.bytes(x.dtype());
  }

  /** A geometry table, output first. */
  static long[] table(long[] sizes, Strides... operands) {
    long[] table =
        Arrays.copyOf(new long[] {sizes.length}, 1 + sizes.length * (1 + operands.length));
    System.arraycopy(sizes, 0, table, 1, sizes.length);
    for (int k = 0; k < operands.length; k++) {
      System.arraycopy(operands[k].strides, 0, table, 1 + sizes.length * (1 + k), sizes.length);
    }
    return table;
  }
}
