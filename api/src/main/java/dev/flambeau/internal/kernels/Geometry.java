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

  /**
   * With the dims in the order in which the output lies in memory: for kernels that may visit the
   * elements in any order. No size may be 0.
   */
  static Geometry inOrderOfOutput(long[] shape, long[]... strides) {
    long[] sizes = shape;
    for (int i = 1; i < shape.length; i++) { // by insertion: mostly there is nothing to do
      for (int k = i; k > 0 && strides[0][k - 1] < strides[0][k]; k--) {
        if (sizes == shape) {
          sizes = shape.clone();
          for (int o = 0; o < strides.length; o++) {
            strides[o] = strides[o].clone();
          }
        }
        swap(sizes, k);
        for (long[] s : strides) {
          swap(s, k);
        }
      }
    }
    return new Geometry(sizes, strides);
  }

  private static void swap(long[] a, int k) {
    long before = a[k - 1];
    a[k - 1] = a[k];
    a[k] = before;
  }

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
