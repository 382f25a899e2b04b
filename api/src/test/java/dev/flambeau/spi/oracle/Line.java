package dev.flambeau.spi.oracle;

import java.util.function.Consumer;

/**
 * One line along the middle of (outer, len, inner): element k is at {@code first + k * step}, its
 * result at {@code row} of (outer, inner).
 */
record Line(long row, long first, long len, long step) {
  long at(long k) {
    return first + k * step;
  }

  static void each(long outer, long len, long inner, Consumer<Line> action) {
    for (long o = 0; o < outer; o++) {
      for (long i = 0; i < inner; i++) {
        action.accept(new Line(o * inner + i, o * len * inner + i, len, inner));
      }
    }
  }
}
