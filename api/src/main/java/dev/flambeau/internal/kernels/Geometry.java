package dev.flambeau.internal.kernels;

import dev.flambeau.spi.Memory;

/**
 * The strides of several operands over one shape, with neighbouring dims merged where every operand
 * allows it: the normal form of strided kernels. Operand 0 is the output.
 */
final class Geometry {
  /** Dims a kernel takes. */
  static final int MAX_RANK = 6;

  /**
   * A kernel call on one block: the table's address, and how far (in elements) each operand has
   * moved.
   */
  interface Call {
    int run(long table, long[] offsets);
  }

  private final long[] sizes;
  private final long[][] strides; // [operand][dim]
  private int rank;

  /** No size may be 0. */
  Geometry(long[] shape, long[]... operandStrides) {
    int n = shape.length;
    sizes = new long[Math.max(n, 1)];
    strides = new long[operandStrides.length][Math.max(n, 1)];
    for (int d = 0; d < n; d++) {
      if (shape[d] == 1) {
        continue;
      }
      if (rank > 0 && merges(operandStrides, shape[d], d)) {
        sizes[rank - 1] *= shape[d];
        rank--;
      } else {
        sizes[rank] = shape[d];
      }
      for (int k = 0; k < strides.length; k++) {
        strides[k][rank] = operandStrides[k][d];
      }
      rank++;
    }
    if (rank == 0) { // one element
      sizes[0] = 1;
      rank = 1;
    }
  }

  private boolean merges(long[][] operands, long size, int d) {
    for (int k = 0; k < operands.length; k++) {
      if (strides[k][rank - 1] != operands[k][d] * size) {
        return false;
      }
    }
    return true;
  }

  /** Calls the kernel once, or, beyond six dims, once for each position in the outer ones. */
  int call(Memory memory, Call kernel) {
    return call(memory, kernel, 0, new long[strides.length]);
  }

  private int call(Memory memory, Call kernel, int from, long[] offsets) {
    if (rank - from <= MAX_RANK) {
      return kernel.run(write(memory, from), offsets);
    }
    int status = 0;
    for (long i = 0; i < sizes[from] && status == 0; i++) {
      status = call(memory, kernel, from + 1, offsets);
      for (int k = 0; k < offsets.length; k++) {
        offsets[k] += strides[k][from];
      }
    }
    for (int k = 0; k < offsets.length; k++) {
      offsets[k] -= sizes[from] * strides[k][from];
    }
    return status;
  }

  private long write(Memory memory, int from) {
    int dims = rank - from;
    HostTable table = HostTable.geometry().begin(1 + dims * (1 + strides.length));
    table.put(dims);
    for (int d = from; d < rank; d++) {
      table.put(sizes[d]);
    }
    for (long[] s : strides) {
      for (int d = from; d < rank; d++) {
        table.put(s[d]);
      }
    }
    return table.address(memory);
  }
}
