package dev.flambeau.spi.oracle;

/** A geometry table: sizes, and for each operand its strides in elements, output first. */
final class Geometry {
  private final int operands;
  private final long[] sizes;
  private final long[][] strides;

  private Geometry(int operands, long[] sizes, long[][] strides) {
    this.operands = operands;
    this.sizes = sizes;
    this.strides = strides;
  }

  static Geometry read(Elements table, int operands) {
    int rank = (int) table.getLong(0);
    if (rank < 1 || rank > 6) {
      throw new IllegalArgumentException("a geometry has rank 1 to 6, not " + rank);
    }
    long[] sizes = new long[rank];
    long[][] strides = new long[operands][rank];
    for (int d = 0; d < rank; d++) {
      sizes[d] = table.getLong(1 + d);
      for (int k = 0; k < operands; k++) {
        strides[k][d] = table.getLong(1 + rank * (1L + k) + d);
      }
    }
    return new Geometry(operands, sizes, strides);
  }

  /** Called with the position of each operand's element. */
  interface Visitor {
    void at(long[] positions);
  }

  /** Visits every element once, the last dimension fastest. */
  void each(Visitor visitor) {
    visit(0, new long[operands], visitor);
  }

  private void visit(int dim, long[] positions, Visitor visitor) {
    if (dim == sizes.length) {
      visitor.at(positions);
      return;
    }
    for (long i = 0; i < sizes[dim]; i++) {
      visit(dim + 1, positions, visitor);
      move(dim, 1, positions);
    }
    move(dim, -sizes[dim], positions);
  }

  private void move(int dim, long steps, long[] positions) {
    for (int k = 0; k < operands; k++) {
      positions[k] += steps * strides[k][dim];
    }
  }
}
