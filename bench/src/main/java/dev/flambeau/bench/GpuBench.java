package dev.flambeau.bench;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Measures Flambeau on a GPU beside PyTorch on the same one, and writes a Markdown section: {@code
 * GpuBench FILE [--only REGEX] [--rounds N] [--shrink N] [--device NAME]}. Each side waits in
 * processes of its own; they take turns line by line, each round from another one on. Without a
 * PyTorch that has CUDA there are our figures alone, and the section says so. The copy, whose
 * bandwidth shares are of, is always measured. With {@code --device cpu} both sides compute there,
 * which tries this program where there is no GPU.
 *
 * <p>Properties: {@code bench.python}, the interpreter; {@code bench.worker}, where gpu.py is.
 */
final class GpuBench {
  private static final String OURS = GpuSection.OURS;
  private static final String THEIRS = GpuSection.THEIRS;
  private static final String FALLBACK = GpuSection.FALLBACK;
  private static final int STARTS = 5;

  /** What our backend gives cuBLAS to work in, as PyTorch and cuBLASLt are told. */
  private static final Map<String, String> WORKSPACE =
      Map.of("CUBLAS_WORKSPACE_CONFIG", ":4096:8", "CUBLASLT_WORKSPACE_SIZE", "32768");

  /** GB/s of a lane of PCI Express, by generation. */
  private static final double[] LANE = {0, 0.25, 0.5, 0.985, 1.969, 3.938, 7.563};

  private final Map<String, Remote> remotes = new LinkedHashMap<>();
  private final GpuSection section = new GpuSection();
  private final String device;
  private final List<String> python;
  private final File log;

  private GpuBench(String device, File log) {
    this.device = device;
    this.log = log;
    python =
        List.of(
            System.getProperty("bench.python", "python3"),
            System.getProperty("bench.worker", "bench/src/main/python/gpu.py"),
            device);
  }

  public static void main(String[] args) throws Exception {
    Path file = Path.of(args[0]);
    Pattern only = Pattern.compile("");
    int rounds = 3;
    int shrink = 1;
    String device = "cuda";
    for (int i = 1; i < args.length; i += 2) {
      if (i + 1 == args.length) {
        throw new IllegalArgumentException(args[i] + " needs a value");
      }
      switch (args[i]) {
        case "--only" -> only = Pattern.compile(args[i + 1]);
        case "--rounds" -> rounds = Integer.parseInt(args[i + 1]);
        case "--shrink" -> shrink = Integer.parseInt(args[i + 1]);
        case "--device" -> device = args[i + 1];
        default -> throw new IllegalArgumentException("no option is named " + args[i]);
      }
    }
    List<GpuLine> lines = new ArrayList<>();
    for (GpuLine line : GpuLine.ALL) {
      if (lines.isEmpty() || only.matcher(line.name()).find()) {
        lines.add(line.shrunk(shrink));
      }
    }
    GpuBench bench = new GpuBench(device, new File(file + ".log"));
    bench.run(lines, rounds);
    Files.writeString(file, bench.section.text());
    System.out.println("written: " + file);
    System.exit(bench.section.complete() ? 0 : 1);
  }

  private void run(List<GpuLine> lines, int rounds) throws IOException, InterruptedException {
    section.note(
        "%s, by the bundle of docs/cuda.md: `./run bench`, %d rounds; %s; load average %s before"
            .formatted(LocalDate.now(ZoneOffset.UTC), rounds, Machine.describe(), Machine.load()));
    section.note(first(OURS, java(List.of(), "first")));
    section.note(first(THEIRS, with(python, "first")));
    open(OURS, java(List.of()));
    open(GpuLine.TF32, java(List.of("-Dflambeau.cuda.tf32=true")));
    open(GpuLine.ATOMIC, java(List.of("-Dflambeau.cuda.fastScatter=true")));
    open(FALLBACK, java(List.of("-Dflambeau.cublas=none")));
    open(THEIRS, python);
    section.note("cuBLAS works in 32 MiB on both sides: " + WORKSPACE);
    bus();
    for (GpuLine line : lines) {
      measure(line, rounds);
    }
    remotes.values().forEach(Remote::close);
  }

  // ---- processes

  /** A worker in a JVM like this one; its own options outrank this one's. */
  private List<String> java(List<String> options, String... arguments) {
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
    command.addAll(List.of(GpuWorker.class.getName(), device));
    command.addAll(List.of(arguments));
    return command;
  }

  private static List<String> with(List<String> command, String... more) {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of(more));
    return all;
  }

  private Remote start(String name, List<String> command) throws IOException {
    Peer p = Peer.named(name.equals(THEIRS) ? THEIRS : OURS);
    Peer peer =
        new Peer(p.name(), p.title(), p.module(), p.engine(), p.floor(), p.options(), WORKSPACE);
    return new Remote(peer, 1, command, log);
  }

  private void open(String name, List<String> command) {
    try {
      Remote remote = start(name, command);
      remotes.put(name, remote);
      if (name.equals(OURS) || name.equals(THEIRS)) {
        section.note(remote.about);
      }
    } catch (IOException e) {
      section.note("left out: " + name + ": " + e.getMessage());
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

  /** What the driver says of the bus. */
  private void bus() throws InterruptedException {
    try {
      Process smi =
          new ProcessBuilder(
                  "nvidia-smi",
                  "--query-gpu=pcie.link.gen.max,pcie.link.width.max",
                  "--format=csv,noheader")
              .redirectError(ProcessBuilder.Redirect.appendTo(log))
              .start();
      String text = new String(smi.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      smi.waitFor();
      Matcher said = Pattern.compile("(\\d+), (\\d+)").matcher(text);
      if (said.find()) {
        int generation = Math.min(Integer.parseInt(said.group(1)), LANE.length - 1);
        double most = LANE[generation] * Integer.parseInt(said.group(2));
        section.bus(most);
        section.note(
            "bus: PCI Express %s x%s, %s GB/s by its specification; its share below is of"
                    .formatted(said.group(1), said.group(2), Figures.digits(most))
                + " PyTorch's copy of pinned memory, where there is one");
      }
    } catch (IOException e) {
      section.note("bus: not known: " + e.getMessage());
    }
  }

  // ---- turns

  /** Which of our processes serves a line. */
  private static List<String> sides(GpuLine line) {
    boolean product = line.kind().equals("matmul");
    List<String> sides = new ArrayList<>();
    sides.add(OURS);
    if (product && line.dtype().equals(GpuLine.FLOAT32)) {
      sides.add(FALLBACK);
    }
    sides.add(THEIRS);
    return sides;
  }

  private Remote remote(String side, GpuLine line) {
    boolean special = line.dtype().equals(GpuLine.TF32) || line.dtype().equals(GpuLine.ATOMIC);
    return remotes.get(side.equals(OURS) && special ? line.dtype() : side);
  }

  private void measure(GpuLine line, int rounds) {
    section.begin(line);
    List<String> sides = new ArrayList<>(sides(line));
    sides.removeIf(side -> remote(side, line) == null);
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < sides.size(); i++) {
        String side = sides.get((i + round) % sides.size());
        try {
          double[] answer = remote(side, line).ask(line.command());
          section.measured(line, side, answer[0]);
          if (answer.length > 1 && answer[1] != 0) {
            section.grew(line, answer[1]);
          }
        } catch (IOException e) {
          section.note(line.name() + ", " + side + ": " + e.getMessage());
          sides.remove(side);
          i--;
        }
      }
    }
    System.out.println(section.line(line));
  }
}
