package dev.flambeau.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * A line of the table for GPUs. Workers, {@link GpuWorker} and {@code gpu.py}, know the kinds.
 *
 * @param dtype float32, tf32 (float32 whose products may round to TF32) or bfloat16
 * @param dims n; rows and columns; rows, width and picked rows; a batch and a net's widths
 * @param bytes what must cross to and from memory, 0 where something else is the limit
 * @param flops of products; 0 where there is none
 */
record GpuLine(String group, String kind, String dtype, long[] dims, double bytes, double flops) {
  private static final long M = 1 << 20;

  static final List<GpuLine> ALL = all();

  private static List<GpuLine> all() {
    List<GpuLine> all = new ArrayList<>();
    for (long n : new long[] {64 * M, M}) {
      all.add(line("Pointwise and sums", "copy", 8, n));
      all.add(line("Pointwise and sums", "add", 12, n));
      for (String kind : List.of("relu", "exp", "gelu")) {
        all.add(line("Pointwise and sums", kind, 8, n));
      }
      all.add(line("Pointwise and sums", "sum", 4, n));
    }
    for (long columns : new long[] {10, 1 << 10, 32 << 10}) {
      long rows = columns == 10 ? 4 * M : 64 * M / columns;
      String group = "Rows of " + columns;
      all.add(line(group, "softmax", 8, rows, columns));
      all.add(line(group, "softmax-backward", 12, rows, columns));
      all.add(line(group, "cross-entropy", 4, rows, columns));
      all.add(line(group, "cross-entropy-backward", 8, rows, columns));
      all.add(line(group, "layer-norm", 8, rows, columns));
      all.add(line(group, "layer-norm-backward", 12, rows, columns));
    }
    all.add(line("Layouts, indices, random numbers, Adam", "sum-columns", 4, 64 << 10, 1 << 10));
    all.add(line("Layouts, indices, random numbers, Adam", "transpose", 8, 8 << 10, 8 << 10));
    all.add(rows("gather", 8));
    all.add(rows("scatter-add", 12));
    all.add(line("Layouts, indices, random numbers, Adam", "uniform", 4, 64 * M));
    all.add(line("Layouts, indices, random numbers, Adam", "normal", 4, 64 * M));
    all.add(line("Layouts, indices, random numbers, Adam", "adam", 28, 20_000_000));
    for (String dtype : List.of("float32", "tf32", "bfloat16")) {
      for (long n : new long[] {1 << 10, 4 << 10, 8 << 10}) {
        all.add(new GpuLine("Products", "matmul", dtype, new long[] {n}, 0, 2.0 * n * n * n));
      }
    }
    String small = "Small work and whole steps";
    all.add(new GpuLine(small, "enqueue", "float32", new long[] {4}, 0, 0));
    all.add(new GpuLine(small, "latency", "float32", new long[] {1, 784, 128, 64, 10}, 0, 0));
    all.add(new GpuLine(small, "step", "float32", new long[] {64, 784, 128, 64, 10}, 0, 0));
    all.add(new GpuLine(small, "step", "float32", new long[] {1024, 784, 4096, 4096, 10}, 0, 0));
    all.add(line("Copies, from and to memory of the host", "upload", 0, 64 * M));
    all.add(line("Copies, from and to memory of the host", "download", 0, 64 * M));
    return List.copyOf(all);
  }

  /** float32; so many bytes cross for each element. */
  private static GpuLine line(String group, String kind, int bytes, long... dims) {
    long n = LongStream.of(dims).reduce(1, (a, b) -> a * b);
    return new GpuLine(group, kind, "float32", dims, (double) bytes * n, 0);
  }

  /** A million rows of 64, picked from or added to 100,000. */
  private static GpuLine rows(String kind, int bytes) {
    return new GpuLine(
        "Layouts, indices, random numbers, Adam",
        kind,
        "float32",
        new long[] {100_000, 64, M},
        bytes * 64.0 * M,
        0);
  }

  /** The same with sizes divided, to try the benchmark itself where it would take too long. */
  GpuLine shrunk(long by) {
    if (by == 1 || kind.equals("step") || kind.equals("latency") || kind.equals("enqueue")) {
      return this;
    }
    long[] less = dims.clone();
    less[0] = Math.max(1, less[0] / by);
    if (kind.startsWith("gather") || kind.startsWith("scatter")) {
      less[2] = Math.max(1, less[2] / by);
    }
    double cubed = kind.equals("matmul") ? (double) by * by * by : by;
    return new GpuLine(group, kind, dtype, less, bytes / by, flops / cubed);
  }

  String name() {
    String shape = LongStream.of(dims).mapToObj(GpuLine::size).collect(Collectors.joining("x"));
    return kind + (dtype.equals("float32") ? "." : "." + dtype + ".") + shape;
  }

  private static String size(long n) {
    return n >= M && n % M == 0 ? n / M + "M" : Long.toString(n);
  }

  /** What a worker is asked. */
  String command() {
    String sizes = LongStream.of(dims).mapToObj(Long::toString).collect(Collectors.joining(","));
    return String.format(Locale.ROOT, "%s %s %s", kind, dtype, sizes);
  }
}
