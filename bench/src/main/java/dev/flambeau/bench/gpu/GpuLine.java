package dev.flambeau.bench.gpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * A line of the table for GPUs. Workers, {@link GpuWorker} and {@code gpu.py}, know the kinds.
 *
 * @param dtype float32, tf32 (float32 whose products may round to TF32), atomic (float32 whose sums
 *     at an index may come in any order) or bfloat16
 * @param dims n; rows and columns; rows, width and picked rows; a batch and a net's widths
 * @param bytes what must cross to and from memory, 0 where something else is the limit
 * @param flops of products; 0 where there is none
 */
public record GpuLine(
    String group,
    String kind,
    String dtype,
    long[] dims,
    double bytes,
    double flops,
    GpuTarget target) {
  static final String FLOAT32 = "float32", TF32 = "tf32", ATOMIC = "atomic", BFLOAT16 = "bfloat16";
  static final long[] SMALL_STEP = {64, 784, 128, 64, 10};

  private static final long M = 1 << 20;
  private static final int INDEX = 8; // bytes
  private static final String LAUNCH_BOUND = ", launch-bound";

  public static final List<GpuLine> ALL = all();

  private static List<GpuLine> all() {
    List<GpuLine> all = new ArrayList<>();
    pointwise(all, "Pointwise and sums", 64 * M, GpuTarget.copy(0.9));
    pointwise(all, "Pointwise and sums" + LAUNCH_BOUND, M, GpuTarget.pytorch(1));
    rows(all, "Rows of 1024" + LAUNCH_BOUND, 1 << 10, 1 << 10, GpuTarget.pytorch(1));
    for (long columns : new long[] {10, 1 << 10, 32 << 10}) {
      long rows = columns == 10 ? 4 * M : 64 * M / columns;
      rows(all, "Rows of " + columns, rows, columns, GpuTarget.copy(0.85));
    }
    memory(all, "Layouts, indices, random numbers, Adam");
    for (String dtype : List.of(FLOAT32, TF32, BFLOAT16)) {
      for (long n : new long[] {1 << 10, 4 << 10, 8 << 10}) {
        double flops = 2.0 * n * n * n;
        GpuTarget target = GpuTarget.pytorch(0.97);
        all.add(new GpuLine("Products", "matmul", dtype, new long[] {n}, 0, flops, target));
      }
    }
    String small = "Small work and whole steps";
    all.add(line(small, "enqueue-relu", 0, GpuTarget.micros(2.5), 4));
    all.add(line(small, "enqueue-add", 0, GpuTarget.micros(2.5), 4));
    all.add(line(small, "latency", 0, GpuTarget.pytorch(1), 1, 784, 128, 64, 10));
    all.add(line(small, "step", 0, GpuTarget.pytorch(4), SMALL_STEP));
    all.add(line(small, "step", 0, GpuTarget.pytorch(1), 1024, 784, 4096, 4096, 10));
    String copies = "Copies, from and to memory of the host";
    all.add(line(copies, "upload", 0, GpuTarget.bus(0.9), 64 * M));
    all.add(line(copies, "download", 0, GpuTarget.bus(0.9), 64 * M));
    // PyTorch's tensors in memory that is not pinned, as ours always are.
    all.add(line(copies, "upload-pageable", 0, GpuTarget.pytorch(1), 64 * M));
    all.add(line(copies, "download-pageable", 0, GpuTarget.pytorch(1), 64 * M));
    return List.copyOf(all);
  }

  private static void pointwise(List<GpuLine> all, String group, long n, GpuTarget target) {
    all.add(line(group, "copy", 8 * n, GpuTarget.pytorch(1), n));
    all.add(line(group, "add", 12 * n, target, n));
    for (String kind : List.of("relu", "exp", "gelu")) {
      all.add(line(group, kind, 8 * n, target, n));
    }
    all.add(line(group, "sum", 4 * n, target, n));
  }

  private static void rows(
      List<GpuLine> all, String group, long rows, long columns, GpuTarget target) {
    long n = rows * columns;
    long classes = INDEX * rows;
    all.add(line(group, "softmax", 8 * n, target, rows, columns));
    all.add(line(group, "softmax-backward", 12 * n, target, rows, columns));
    all.add(line(group, "cross-entropy", 4 * n + classes, target, rows, columns));
    all.add(line(group, "cross-entropy-backward", 8 * n + classes, target, rows, columns));
    all.add(line(group, "layer-norm", 8 * n, target, rows, columns));
    all.add(line(group, "layer-norm-backward", 12 * n, target, rows, columns));
  }

  private static void memory(List<GpuLine> all, String group) {
    GpuTarget target = GpuTarget.pytorch(1);
    all.add(line(group, "sum-columns", 4 * 64 * M, target, 64 << 10, 1 << 10));
    all.add(line(group, "transpose", 8 * 64 * M, target, 8 << 10, 8 << 10));
    // A million rows of 64, from or to 100,000 of them: the table crosses once, each way.
    long table = 4 * 64 * 100_000;
    long picked = M * (4 * 64 + INDEX);
    long[] rows = {100_000, 64, M};
    long[] elements = {32 << 10, 1 << 10};
    all.add(line(group, "gather-rows", table + picked, target, rows));
    all.add(line(group, "gather", (4 + INDEX + 4) * 32 * M, target, elements));
    for (String dtype : List.of(FLOAT32, ATOMIC)) {
      all.add(new GpuLine(group, "add-rows", dtype, rows, 2 * table + picked, 0, target));
      double bytes = (4 + INDEX + 4 + 4) * 32 * M;
      all.add(new GpuLine(group, "scatter-add", dtype, elements, bytes, 0, target));
    }
    for (String kind : List.of("uniform", "normal", "bernoulli")) {
      all.add(line(group, kind, 4 * 64 * M, target, 64 * M));
    }
    all.add(line(group, "adam", 28 * 20_000_000L, target, 20_000_000));
  }

  private static GpuLine line(
      String group, String kind, double bytes, GpuTarget target, long... dims) {
    return new GpuLine(group, kind, FLOAT32, dims, bytes, 0, target);
  }

  /** Whether its tensors may stay in the GPU's cache: then memory's bandwidth says nothing. */
  boolean cached() {
    return group.endsWith(LAUNCH_BOUND);
  }

  /** Whether our own kernel is measured too, without cuBLAS. */
  boolean fallback() {
    return kind.equals("matmul") && dtype.equals(FLOAT32);
  }

  /** The same with sizes divided, to try the benchmark itself where it would take too long. */
  GpuLine shrunk(long by) {
    if (by == 1
        || kind.equals("latency")
        || kind.startsWith("enqueue")
        || Arrays.equals(dims, SMALL_STEP)) {
      return this;
    }
    long[] less = dims.clone();
    less[0] = Math.max(1, less[0] / by);
    if (kind.endsWith("-rows")) {
      less[2] = Math.max(1, less[2] / by);
    }
    for (int i = 2; kind.equals("step") && i < less.length - 1; i++) {
      less[i] = Math.max(1, less[i] / by);
    }
    double cubed = kind.equals("matmul") ? (double) by * by * by : by;
    return new GpuLine(group, kind, dtype, less, bytes / by, flops / cubed, target);
  }

  public String name() {
    String shape = LongStream.of(dims).mapToObj(GpuLine::size).collect(Collectors.joining("x"));
    return kind + (dtype.equals(FLOAT32) ? "." : "." + dtype + ".") + shape;
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
