package dev.flambeau.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Measures Flambeau on a GPU beside PyTorch on the same one, and writes a Markdown section: {@code
 * GpuBench FILE [--only REGEX] [--rounds N] [--shrink N]}. Each side waits in processes of its own;
 * they take turns line by line, each round from another one on. Without a PyTorch that has CUDA
 * there are our figures alone, and the section says so.
 *
 * <p>Properties: {@code bench.python}, the interpreter; {@code bench.worker}, where gpu.py is.
 */
final class GpuBench {
  private static final String OURS = "flambeau";
  private static final String THEIRS = "python";
  private static final String TF32 = "tf32";
  private static final String FALLBACK = "without cuBLAS";
  private static final int STARTS = 5;

  private final Map<String, Remote> remotes = new LinkedHashMap<>();
  private final Map<GpuLine, Map<String, List<Double>>> times = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();
  private final List<String> python =
      List.of(
          System.getProperty("bench.python", "python3"),
          System.getProperty("bench.worker", "bench/src/main/python/gpu.py"));
  private final File log;

  private GpuBench(File log) {
    this.log = log;
  }

  public static void main(String[] args) throws Exception {
    Path file = Path.of(args[0]);
    Pattern only = Pattern.compile("");
    int rounds = 3;
    int shrink = 1;
    for (int i = 1; i + 1 < args.length; i += 2) {
      switch (args[i]) {
        case "--only" -> only = Pattern.compile(args[i + 1]);
        case "--rounds" -> rounds = Integer.parseInt(args[i + 1]);
        case "--shrink" -> shrink = Integer.parseInt(args[i + 1]);
        default -> throw new IllegalArgumentException("no option is named " + args[i]);
      }
    }
    List<GpuLine> lines = new ArrayList<>();
    for (GpuLine line : GpuLine.ALL) {
      if (only.matcher(line.name()).find()) {
        lines.add(line.shrunk(shrink));
      }
    }
    GpuBench bench = new GpuBench(new File(file + ".log"));
    bench.run(lines, rounds);
    String text = bench.text();
    Files.writeString(file, text);
    System.out.println("written: " + file);
    System.exit(bench.measured() ? 0 : 1);
  }

  private boolean measured() {
    return times.values().stream().allMatch(m -> m.containsKey(OURS));
  }

  private void run(List<GpuLine> lines, int rounds) throws IOException, InterruptedException {
    notes.add(first(OURS, java(List.of(), "first")));
    notes.add(first(THEIRS, with(python, "first")));
    open(OURS, java(List.of()));
    open(TF32, java(List.of("-Dflambeau.cuda.tf32=true")));
    open(FALLBACK, java(List.of("-Dflambeau.cublas=none")));
    open(THEIRS, python);
    for (GpuLine line : lines) {
      measure(line, rounds);
    }
    remotes.values().forEach(Remote::close);
  }

  // ---- processes

  /** A worker in a JVM like this one; its own options outrank this one's. */
  private static List<String> java(List<String> options, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xmx4g"));
    System.getProperties()
        .forEach(
            (key, value) -> {
              String name = key.toString();
              if (name.startsWith("flambeau.") || name.startsWith("org.bytedeco.")) {
                command.add("-D" + name + "=" + value);
              }
            });
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(GpuWorker.class.getName());
    command.addAll(List.of(arguments));
    return command;
  }

  private static List<String> with(List<String> command, String... more) {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of(more));
    return all;
  }

  private Remote start(String name, List<String> command) throws IOException {
    return new Remote(Peer.named(name.equals(THEIRS) ? THEIRS : OURS), 1, command, log);
  }

  private void open(String name, List<String> command) {
    try {
      Remote remote = start(name, command);
      remotes.put(name, remote);
      if (name.equals(OURS) || name.equals(THEIRS)) {
        notes.add(remote.about);
      }
    } catch (IOException e) {
      notes.add("left out: " + name + ": " + e.getMessage());
    }
  }

  /** From the start of a process to the end of its first training step. */
  private String first(String name, List<String> command) throws InterruptedException {
    double[] ms = new double[STARTS];
    for (int i = 0; i < STARTS; i++) {
      long start = System.nanoTime();
      try (Remote remote = start(name, command)) {
        ms[i] = (System.nanoTime() - start) / 1e6;
      } catch (IOException e) {
        return "first step of a fresh process, " + name + ": none: " + e.getMessage();
      }
    }
    return String.format(
        Locale.ROOT,
        "first step of a fresh process, %s: %s ms (median of %d)",
        name,
        Figures.digits(Figures.median(ms)),
        STARTS);
  }

  // ---- turns

  /** Which of our processes serves a line. */
  private static List<String> sides(GpuLine line) {
    boolean product = line.kind().equals("matmul");
    List<String> sides = new ArrayList<>();
    sides.add(OURS);
    if (product && line.dtype().equals("float32")) {
      sides.add(FALLBACK);
    }
    sides.add(THEIRS);
    return sides;
  }

  private Remote remote(String side, GpuLine line) {
    return remotes.get(side.equals(OURS) && line.dtype().equals(TF32) ? TF32 : side);
  }

  private void measure(GpuLine line, int rounds) {
    Map<String, List<Double>> found = new LinkedHashMap<>();
    times.put(line, found);
    List<String> sides = sides(line);
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < sides.size(); i++) {
        String side = sides.get((i + round) % sides.size());
        Remote remote = remote(side, line);
        if (remote == null) {
          continue;
        }
        try {
          double ns = remote.ask(line.command())[0];
          found.computeIfAbsent(side, s -> new ArrayList<>()).add(ns);
        } catch (IOException e) {
          notes.add(line.name() + ", " + side + ": " + e.getMessage());
          break;
        }
      }
    }
    StringBuilder said = new StringBuilder(line.name());
    found.forEach((side, ns) -> said.append("  ").append(side).append(' ').append(micros(ns)));
    System.out.println(said + " us");
  }

  private static double median(List<Double> ns) {
    return Figures.median(ns.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private static String micros(List<Double> ns) {
    return ns == null ? "-" : Figures.digits(median(ns) / 1000);
  }

  // ---- text

  /** Bytes per ns (GB/s) of the faster of both copies of 64M elements; NaN where not measured. */
  private double bandwidth() {
    double best = Double.NaN;
    for (Map.Entry<GpuLine, Map<String, List<Double>>> e : times.entrySet()) {
      GpuLine line = e.getKey();
      if (line.kind().equals("copy")) {
        for (List<Double> ns : e.getValue().values()) {
          best = Math.max(Double.isNaN(best) ? 0 : best, line.bytes() / median(ns));
        }
      }
    }
    return best;
  }

  private String text() {
    StringBuilder s = new StringBuilder("## On a GPU\n\n");
    notes.forEach(n -> s.append("- ").append(n).append('\n'));
    double bandwidth = bandwidth();
    s.append("- copies move ")
        .append(Figures.digits(bandwidth))
        .append(" GB/s, read and written\n");
    s.append(
        """

        Times in us, medians of all rounds; x: how many times faster than PyTorch. Share: bytes that must cross, against
        the copy's; products in TFLOP/s.
        """);
    String group = "";
    for (Map.Entry<GpuLine, Map<String, List<Double>>> e : times.entrySet()) {
      GpuLine line = e.getKey();
      if (!line.group().equals(group)) {
        group = line.group();
        s.append("\n| ").append(group).append(" | Flambeau | PyTorch | x | share |\n");
        s.append("| --- | ---: | ---: | ---: | ---: |\n");
      }
      List<Double> theirs = e.getValue().get(THEIRS);
      row(s, line.name(), line, e.getValue().get(OURS), theirs, bandwidth);
      List<Double> fallback = e.getValue().get(FALLBACK);
      if (fallback != null) {
        row(s, line.name() + ", our own kernel", line, fallback, theirs, bandwidth);
      }
    }
    return s.toString();
  }

  private static void row(
      StringBuilder s,
      String name,
      GpuLine line,
      List<Double> ours,
      List<Double> theirs,
      double bandwidth) {
    String share = "";
    if (ours != null && line.flops() > 0) {
      share = Figures.digits(line.flops() / median(ours) / 1000) + " TFLOP/s";
    } else if (ours != null && line.bytes() > 0) {
      share = Math.round(100 * line.bytes() / median(ours) / bandwidth) + " %";
    } else if (ours != null && line.kind().endsWith("load")) {
      share = Figures.digits(4.0 * line.dims()[0] / median(ours)) + " GB/s";
    }
    String ratio =
        ours == null || theirs == null ? "" : Figures.digits(median(theirs) / median(ours));
    s.append(
        "| %s | %s | %s | %s | %s |%n"
            .formatted(name, micros(ours), micros(theirs), ratio, share)
            .replace("\r", ""));
  }
}
