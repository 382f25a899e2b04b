package dev.flambeau.spi.oracle;

import dev.flambeau.spi.Kernels;

/** Reading and writing along the middle of (outer, length, inner) at given places. */
final class IndexOracle {
  private final JavaMemory memory;

  IndexOracle(JavaMemory memory) {
    this.memory = memory;
  }

  void gather(
      int dtype, long outer, long length, long count, long inner, long x, long index, long y) {
    Places places = new Places("gather", outer, length, count, inner, index, true);
    move(dtype, places, x, y, Mode.READ);
  }

  void scatter(
      boolean add,
      int dtype,
      long outer,
      long length,
      long count,
      long inner,
      long index,
      long source,
      long y) {
    Places places = new Places("scatter", outer, length, count, inner, index, true);
    move(dtype, places, y, source, add ? Mode.ADD : Mode.SET);
  }

  void indexSelect(
      int dtype, long outer, long length, long count, long inner, long x, long index, long y) {
    Places places = new Places("index select", outer, length, count, inner, index, false);
    move(dtype, places, x, y, Mode.READ);
  }

  void indexAdd(
      int dtype, long outer, long length, long count, long inner, long index, long source, long y) {
    Places places = new Places("index add", outer, length, count, inner, index, false);
    move(dtype, places, y, source, Mode.ADD);
  }

  private enum Mode {
    READ,
    SET,
    ADD
  }

  /**
   * Between the indexed side (outer, length, inner) and the dense one (outer, count, inner), in
   * order.
   */
  private void move(int dtype, Places places, long indexed, long dense, Mode mode) {
    boolean adds = mode == Mode.ADD;
    Elements big = adds ? memory.elements(dtype, indexed) : memory.stored(dtype, indexed);
    Elements small = adds ? memory.elements(dtype, dense) : memory.stored(dtype, dense);
    boolean floating = DtypeInfo.isFloating(dtype);
    places.each(
        (place, i) -> {
          Elements from = mode == Mode.READ ? big : small;
          Elements to = mode == Mode.READ ? small : big;
          long source = mode == Mode.READ ? place : i;
          long target = mode == Mode.READ ? i : place;
          if (floating) {
            double old = mode == Mode.ADD ? to.get(target) : 0;
            to.set(target, mode == Mode.ADD ? old + from.get(source) : from.get(source));
          } else {
            long old = mode == Mode.ADD ? to.getLong(target) : 0;
            to.setLong(target, old + from.getLong(source));
          }
        });
  }

  private interface Pair {
    void at(long place, long dense);
  }

  /** Checked indices: one for each element of (outer, count, inner), or one for each of count. */
  private final class Places {
    private final Elements index;
    private final long outer;
    private final long length;
    private final long count;
    private final long inner;
    private final boolean each;

    Places(String op, long outer, long length, long count, long inner, long index, boolean each) {
      this.index = memory.elements(Kernels.INT64, index);
      this.outer = outer;
      this.length = length;
      this.count = count;
      this.inner = inner;
      this.each = each;
      for (long i = 0; i < (each ? outer * count * inner : count); i++) {
        long place = this.index.getLong(i);
        if (place < 0 || place >= length) {
          throw Refusal.badIndex(op, place, length);
        }
      }
    }

    void each(Pair pair) {
      for (long o = 0; o < outer; o++) {
        for (long c = 0; c < count; c++) {
          for (long i = 0; i < inner; i++) {
            long dense = (o * count + c) * inner + i;
            long place = index.getLong(each ? dense : c);
            pair.at((o * length + place) * inner + i, dense);
          }
        }
      }
    }
  }
}
