package dev.flambeau.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A line of the table.
 *
 * @param group its heading
 * @param prepare makes it ready on an engine
 * @param steps runs before the result is compared
 * @param expected the results that are right, a few elements of each
 * @param flops floating-point operations in products, 0 where memory is the limit
 * @param bytes what must cross to and from memory, 0 where something else is the limit
 */
record Work(
    String name,
    String group,
    Function<Engine, Task> prepare,
    int steps,
    Function<Reference, List<double[]>> expected,
    double tolerance,
    double flops,
    double bytes) {
  static final List<Work> ALL = all();
  private static final int LARGE = 1 << 20;

  private static List<Work> all() {
    List<Work> all = new ArrayList<>();
    for (Net net : Net.ALL) {
      all.add(
          new Work(
              "step." + net.name(),
              "Training steps",
              e -> e.train(net, true),
              2,
              r -> r.losses(net),
              net.dropout() > 0 ? 0.5 : 1e-4,
              net.stepFlops(),
              0));
    }
    for (Net net : Net.ALL) {
      for (int rows : new int[] {net.batch(), 1}) {
        all.add(
            new Work(
                "forward." + net.name() + ".batch" + rows,
                "Inference",
                e -> e.infer(net, rows),
                1,
                r -> r.output(net, rows),
                1e-4,
                rows > 1 ? net.forwardFlops(rows) : 0,
                0));
      }
    }
    for (Op op : Op.all()) {
      boolean overhead = op.dims()[0] == 4;
      String group =
          overhead
              ? "Overhead"
              : op.kind().isProduct()
                  ? "Matrix products"
                  : op.dims().length == 1 ? "Pointwise" : "Rows, sums, layouts";
      all.add(
          new Work(
              op.name(),
              group,
              e -> e.op(op),
              1,
              r -> r.op(op),
              1e-4,
              op.flops(),
              op.bytes() >= 4.0 * LARGE && op.flops() == 0 ? op.bytes() : 0));
    }
    return List.copyOf(all);
  }

  static Work named(String name) {
    return ALL.stream()
        .filter(w -> w.name.equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no work is named " + name));
  }

  /** How many times as long as others it may warm up: a step runs a lot of code to compile. */
  int patience() {
    return name.startsWith("step.") ? 3 : 1;
  }

  /** At most 64 elements of a result, evenly spread: what is compared. */
  static double[] probes(float[] result) {
    double[] some = new double[Math.min(64, result.length)];
    for (int i = 0; i < some.length; i++) {
      some[i] = result[probe(i, result.length)];
    }
    return some;
  }

  /** Where probe {@code i} of a result of {@code size} elements lies. */
  static int probe(int i, int size) {
    int n = Math.min(64, size);
    return n < 2 ? 0 : (int) ((long) i * (size - 1) / (n - 1));
  }

  /** Null for a right result, or what is wrong with it. */
  String verdict(Reference reference, double[] got) {
    double least = Double.POSITIVE_INFINITY;
    for (double[] right : expected.apply(reference)) {
      least = Math.min(least, difference(right, got));
    }
    return least <= tolerance ? null : "its result is off by " + Figures.digits(least);
  }

  private static double difference(double[] right, double[] got) {
    if (right.length != got.length) {
      return Double.POSITIVE_INFINITY;
    }
    double worst = 0;
    for (int i = 0; i < got.length; i++) {
      double off = Math.abs(got[i] - right[i]) / (1 + Math.abs(right[i]));
      worst = Double.isNaN(off) ? Double.POSITIVE_INFINITY : Math.max(worst, off);
    }
    return worst;
  }
}
