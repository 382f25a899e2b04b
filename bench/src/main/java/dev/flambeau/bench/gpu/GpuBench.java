package dev.flambeau.bench.gpu;

import dev.flambeau.bench.Figures;
import dev.flambeau.bench.Machine;
import dev.flambeau.bench.Peer;
import dev.flambeau.bench.Remote;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Measures Flambeau on a GPU beside PyTorch on the same one, and writes a Markdown section: {@code
 * GpuBench FILE [--only REGEX] [--rounds N] [--shrink N] [--device NAME]}. Each side waits in
 * processes of its own; they take turns line by line, each round from another one on. Without a
 * PyTorch that has CUDA there are our figures alone, and the section says so. The copy, whose
 * bandwidth shares are of, is always measured. With {@code --device cpu} both sides compute there,
 * which tries this program where there is no GPU; with {@code --rounds 0} nobody computes, and the
 * section lists the lines and their targets alone.
 *
 * <p>The file is written anew after every line: who is ended early leaves what there was. A worker
 * that fails at a line, or does not answer in time, is started again for the next one.
 *
 * <p>Properties: {@code bench.python}, the interpreter; {@code bench.worker}, where gpu.py is;
 * {@code bench.starts}, how many fresh processes are timed until their first step (5; none where
 * {@code --only} does not find "start-up"); {@code bench.answer.seconds}, how long a worker may
 * take for a line (20), and a third of what it may take to start.
 */
final class GpuBench {
  private static final String OURS = GpuSection.OURS;
  private static final String THEIRS = GpuSection.THEIRS;
  private static final String FALLBACK = GpuSection.FALLBACK;

  /** What {@code --only} has to find for fresh processes to be timed. */
  private static final String START = "start-up";

  private static final int STARTS = Integer.getInteger("bench.starts", 5);
  private static final Duration ANSWER =
      Duration.ofSeconds(Integer.getInteger("bench.answer.seconds", 20));

  /** What our backend gives cuBLAS to work in, as PyTorch and cuBLASLt are told. */
  private static final Map<String, String> WORKSPACE =
      Map.of("CUBLAS_WORKSPACE_CONFIG", ":4096:8", "CUBLASLT_WORKSPACE_SIZE", "32768");

  /** GB/s of a lane of PCI Express, by generation. */
  private static final double[] LANE = {0, 0.25, 0.5, 0.985, 1.969, 3.938, 7.563};

  /** By their names: how they are started, and those that are there. */
  private final Map<String, List<String>> commands = new LinkedHashMap<>();

  private final Map<String, Remote> remotes = new LinkedHashMap<>();
  private final GpuSection section = new GpuSection();
  private final Path file;
  private final String device;
  private final List<String> python;
  private final File log;

  private GpuBench(Path file, String device) {
    this.file = file.toAbsolutePath();
    this.device = device;
    log = new File(this.file + ".log");
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
    GpuBench bench = new GpuBench(file, device);
    // Where this process is told to end, its workers end too, even one that hangs.
    Thread end =
        new Thread(
            () -> ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly));
    Runtime.getRuntime().addShutdownHook(end);
    bench.run(lines, rounds, rounds > 0 && only.matcher(START).find() ? STARTS : 0);
    System.out.println("written: " + file);
    System.exit(rounds == 0 || bench.section.complete() ? 0 : 1);
  }

  private void run(List<GpuLine> lines, int rounds, int starts)
      throws IOException, InterruptedException {
    lines.forEach(section::begin);
    if (rounds == 0) {
      write();
      return;
    }
    section.note(
        "%s, by the bundle of docs/cuda.md: `./run bench`, %d rounds; %s; load average %s before"
            .formatted(LocalDate.now(ZoneOffset.UTC), rounds, Machine.describe(), Machine.load()));
    if (starts > 0) {
      section.note(first(OURS, java(List.of(), "first"), starts));
      section.note(first(THEIRS, with(python, "first"), starts));
    }
    commands.put(OURS, java(List.of()));
    commands.put(GpuLine.TF32, java(List.of("-Dflambeau.cuda.tf32=true")));
    commands.put(GpuLine.ATOMIC, java(List.of("-Dflambeau.cuda.fastScatter=true")));
    commands.put(FALLBACK, java(List.of("-Dflambeau.cublas=none")));
    commands.put(THEIRS, python);
    for (String name : commands.keySet()) {
      if (lines.stream().anyMatch(line -> processes(line).contains(name))) {
        String about = open(name);
        if (about != null && (name.equals(OURS) || name.equals(THEIRS))) {
          section.note(about);
        }
      }
    }
    section.note("cuBLAS works in 32 MiB on both sides: " + WORKSPACE);
    bus();
    write();
    for (GpuLine line : lines) {
      measure(line, rounds);
      write();
    }
    remotes.values().forEach(Remote::close);
  }

  /** At once or not at all: whoever reads it meanwhile, or ends this program, finds it whole. */
  private void write() throws IOException {
    Path part = Path.of(file + ".part");
    Files.writeString(part, section.text());
    Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  // ---- processes

  /** A worker in a JVM like this one; its own options outrank this one's. */
  private List<String> java(List<String> options, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xmx4g"));
    command.add("-XX:ErrorFile=" + file.resolveSibling("hs_err_%p.log"));
    command.add("-XX:-CreateCoredumpOnCrash");
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
    return new Remote(peer, 1, command, log, ANSWER.multipliedBy(3), ANSWER);
  }

  /** What the process says it is; null: it is left out. */
  private String open(String name) {
    try {
      Remote remote = start(name, commands.get(name));
      remotes.put(name, remote);
      return remote.about;
    } catch (IOException e) {
      section.note("left out: " + name + ": " + e.getMessage());
      return null;
    }
  }

  /** From the start of a process to the end of its first training step. */
  private String first(String name, List<String> command, int starts) {
    double[] ms = new double[starts];
    for (int i = 0; i < starts; i++) {
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
        starts);
  }

  /** What the driver says of the bus. */
  private void bus() throws InterruptedException {
    try {
      Path answer = Files.createTempFile("bus", ".txt");
      Process smi =
          new ProcessBuilder(
                  "nvidia-smi",
                  "--query-gpu=pcie.link.gen.max,pcie.link.width.max",
                  "--format=csv,noheader")
              .redirectError(ProcessBuilder.Redirect.appendTo(log))
              .redirectOutput(answer.toFile())
              .start();
      if (!smi.waitFor(ANSWER.toSeconds(), TimeUnit.SECONDS)) {
        smi.destroyForcibly();
      }
      String text = Files.readString(answer);
      Files.delete(answer);
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

  /** Who is measured at a line. */
  private static List<String> sides(GpuLine line) {
    return line.fallback() ? List.of(OURS, FALLBACK, THEIRS) : List.of(OURS, THEIRS);
  }

  /** The process that serves a side: ours are several. */
  private static String process(String side, GpuLine line) {
    boolean special = line.dtype().equals(GpuLine.TF32) || line.dtype().equals(GpuLine.ATOMIC);
    return side.equals(OURS) && special ? line.dtype() : side;
  }

  private static List<String> processes(GpuLine line) {
    return sides(line).stream().map(side -> process(side, line)).toList();
  }

  private void measure(GpuLine line, int rounds) {
    List<String> sides = new ArrayList<>(sides(line));
    sides.removeIf(side -> !remotes.containsKey(process(side, line)));
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < sides.size(); i++) {
        String side = sides.get((i + round) % sides.size());
        String name = process(side, line);
        try {
          double[] answer = remotes.get(name).ask(line.command());
          if (answer.length == 0) {
            throw new IOException("it answered nothing");
          }
          section.measured(line, side, answer[0]);
          if (answer.length > 1 && answer[1] != 0) {
            section.grew(line, answer[1]);
          }
        } catch (IOException e) {
          section.note(line.name() + ", " + side + ": " + e.getMessage());
          sides.remove(side);
          i--;
          // A kernel that has died leaves a process that the GPU serves no more.
          remotes.remove(name).close();
          open(name);
        }
      }
    }
    System.out.println(section.line(line));
  }
}
