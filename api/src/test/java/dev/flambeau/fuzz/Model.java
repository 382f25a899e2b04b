package dev.flambeau.fuzz;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntUnaryOperator;

/**
 * What a program of views and writes computes, by definition: flat arrays, and for each tensor a
 * list of the places where its elements are. It knows no graph. A program runs once as it is, then
 * again with a leaf's element moved a little; what no gradient flows through (detached values,
 * writes that are not recorded) then stays, or changes by, what it was in the first run.
 */
final class Model {
  /** A piece of memory. */
  static final class Cells {
    double[] values;
    int version;
    boolean frozen; // no more writes: a hook saw it

    Cells(double[] values) {
      this.values = values;
    }
  }

  /** A tensor: element {@code i}, in row-major order, is {@code cells.values[at[i]]}. */
  record Slot(Cells cells, int[] at, long[] sizes, boolean detached) {
    int numel() {
      return at.length;
    }

    /** A view: its element {@code i} is this one's element {@code from(i)}. */
    Slot view(long[] newSizes, IntUnaryOperator from) {
      int[] places = new int[count(newSizes)];
      Arrays.setAll(places, i -> at[from.applyAsInt(i)]);
      return new Slot(cells, places, newSizes, detached);
    }

    /** Whether two of its elements are in one place. */
    boolean overlapsItself() {
      return Arrays.stream(at).distinct().count() < at.length;
    }
  }

  final List<Slot> slots = new ArrayList<>();
  private final List<Cells> memory = new ArrayList<>();
  private final List<double[]> first; // what stayed in the first run, in order
  private final boolean isFirst;
  private int next;

  /** The first run. */
  Model() {
    first = new ArrayList<>();
    isFirst = true;
  }

  /** A later run of the same program. */
  Model(Model base) {
    first = base.first;
    isFirst = false;
  }

  static int count(long[] sizes) {
    long n = 1;
    for (long s : sizes) {
      n *= s;
    }
    return (int) n;
  }

  /** New memory, as a dense tensor. */
  Slot fresh(double[] values, long[] sizes) {
    Cells cells = new Cells(values.clone());
    memory.add(cells);
    int[] at = new int[values.length];
    Arrays.setAll(at, i -> i);
    return new Slot(cells, at, sizes, false);
  }

  /** What this is in the first run. */
  private double[] constant(double[] now) {
    if (isFirst) {
      first.add(now);
      return now;
    }
    return first.get(next++);
  }

  double[] read(Slot s) {
    double[] now = raw(s);
    return s.detached ? constant(now) : now;
  }

  double[] raw(Slot s) {
    return Arrays.stream(s.at).mapToDouble(i -> s.cells.values[i]).toArray();
  }

  /** Writes; if that is not recorded, what the graph sees there goes on being what it was. */
  void write(Slot s, double[] values, boolean recorded) {
    double[] now = raw(s);
    double[] change = new double[now.length];
    Arrays.setAll(change, i -> values[i] - now[i]);
    if (!recorded || s.detached) {
      change = constant(change);
    }
    for (int i = 0; i < now.length; i++) {
      s.cells.values[s.at[i]] = recorded && !s.detached ? values[i] : now[i] + change[i];
    }
    s.cells.version++;
  }

  /** From here on the gradient of these values is {@code factor} times what it would be. */
  void scaleGradient(Slot s, double factor) {
    double[] was = constant(raw(s));
    double[] now = raw(s);
    for (int i = 0; i < was.length; i++) {
      s.cells.values[s.at[i]] = was[i] + factor * (now[i] - was[i]);
    }
    s.cells.frozen = true;
  }

  double[] map(Slot s, DoubleUnaryOperator f) {
    return Arrays.stream(read(s)).map(f).toArray();
  }

  /** Both have one shape, or {@code b} has one element. */
  double[] map(Slot a, Slot b, DoubleBinaryOperator f) {
    double[] x = read(a);
    double[] y = read(b);
    double[] out = new double[x.length];
    Arrays.setAll(out, i -> f.applyAsDouble(x[i], y[y.length == 1 ? 0 : i]));
    return out;
  }

  /** Everything as it is now, to go back to. */
  Runnable mark() {
    int count = slots.size();
    int cells = memory.size();
    int constants = first.size();
    List<double[]> values = memory.stream().map(c -> c.values.clone()).toList();
    int[] versions = memory.stream().mapToInt(c -> c.version).toArray();
    boolean[] frozen = new boolean[cells];
    for (int i = 0; i < cells; i++) {
      frozen[i] = memory.get(i).frozen;
    }
    return () -> {
      slots.subList(count, slots.size()).clear();
      memory.subList(cells, memory.size()).clear();
      first.subList(constants, first.size()).clear();
      for (int i = 0; i < cells; i++) {
        memory.get(i).values = values.get(i);
        memory.get(i).version = versions[i];
        memory.get(i).frozen = frozen[i];
      }
    };
  }

  /** The greatest magnitude anywhere; NaN counts as infinite. */
  double most() {
    double most = 0;
    for (Cells c : memory) {
      for (double v : c.values) {
        most = Math.max(most, Double.isNaN(v) ? Double.POSITIVE_INFINITY : Math.abs(v));
      }
    }
    return most;
  }
}
