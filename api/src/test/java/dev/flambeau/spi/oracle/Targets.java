package dev.flambeau.spi.oracle;

import dev.flambeau.spi.Kernels;

/** Checked class targets (outer, inner) of scores (outer, classes, inner). */
final class Targets {
  /**
   * Called for each target with its row of (outer, inner), the place it picks, and its weight (0:
   * ignored).
   */
  interface Pick {
    void at(long row, long place, double weight);
  }

  private final Elements target;
  private final Elements weight;
  private final long outer;
  private final long classes;
  private final long inner;
  private final long ignoreIndex;

  Targets(
      JavaMemory memory,
      int dtype,
      long outer,
      long classes,
      long inner,
      long target,
      long weight,
      long ignoreIndex) {
    this.target = memory.elements(Kernels.INT64, target);
    this.weight = weight == 0 ? null : memory.elements(dtype, weight);
    this.outer = outer;
    this.classes = classes;
    this.inner = inner;
    this.ignoreIndex = ignoreIndex;
    for (long row = 0; row < outer * inner; row++) {
      long t = this.target.getLong(row);
      if (t != ignoreIndex && (t < 0 || t >= classes)) {
        throw Refusal.badIndex("nll loss target", t, classes);
      }
    }
  }

  /** The class of a row; -1: it is ignored. */
  long label(long row) {
    long t = target.getLong(row);
    return t == ignoreIndex ? -1 : t;
  }

  double weight(long label) {
    return label < 0 ? 0 : weight == null ? 1 : weight.get(label);
  }

  void each(Pick pick) {
    Line.each(
        outer,
        classes,
        inner,
        line -> {
          long t = label(line.row());
          pick.at(line.row(), t < 0 ? 0 : line.at(t), weight(t));
        });
  }
}
