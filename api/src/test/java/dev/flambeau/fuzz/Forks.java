package dev.flambeau.fuzz;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Runs programs in Java processes that may die: each with limits of memory, and watched. A process
 * that dies or hangs is started again behind the program that did it.
 */
final class Forks {
  /** Kilobytes of addresses that a process may have: what asks for more is refused. */
  private static final int ADDRESSES = 4_500_000;

  /** Seconds without a new program after which a process counts as hanging. */
  private static final int PATIENCE = Integer.getInteger("flambeau.fuzz.patience", 120);

  /** What went wrong with one seed. */
  record Found(String kind, long seed, String set, String what, String program) {
    @Override
    public String toString() {
      String again =
          "again: mvn verify -Pfuzz -Dflambeau.fuzz.kind=%s -Dflambeau.fuzz.first=%d -Dflambeau.fuzz.count=1%n"
              .formatted(kind, seed);
      return "seed %d, %s%s: %s%n%s".formatted(seed, kind, set, what, again) + program.indent(2);
    }
  }

  private static final Path ERRORS = Path.of(System.getProperty("java.io.tmpdir"));

  private final Map<String, String> environment;
  final List<Found> found = new ArrayList<>();
  int deaths;
  private long programs;

  Forks(Map<String, String> environment) {
    this.environment = environment;
  }

  private void found(String kind, long seed, String what, String program) {
    String set = environment.getOrDefault("FLAMBEAU_ISA", "");
    found.add(new Found(kind, seed, set.isEmpty() ? "" : " on " + set, what, program));
  }

  /** What was run, and how it ended. */
  String summary() {
    return "%d programs%s, %d failed, %d processes died"
        .formatted(
            programs,
            environment.isEmpty() ? "" : " on " + environment.get("FLAMBEAU_ISA"),
            found.size(),
            deaths);
  }

  /** Compares what two kernels gave. */
  void compare(String which, Map<Long, List<Outcome>> a, Map<Long, List<Outcome>> b) {
    a.forEach(
        (seed, outcomes) -> {
          List<Outcome> others = b.get(seed);
          String differs = others == null ? null : Tame.differs(outcomes, others, true);
          if (differs != null) {
            found("tame", seed, which + ": " + differs, Tame.text(seed, true));
          }
        });
  }

  /** Only Linux lets a process be limited so that huge tensors cannot hurt the machine. */
  static boolean possible() {
    return System.getProperty("os.name").equals("Linux") && Files.isExecutable(Path.of("/bin/sh"));
  }

  /** A process that runs {@link Fuzz} with these arguments. */
  private Process start(List<String> arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "/bin/sh", "-c", "ulimit -c 0; ulimit -v " + ADDRESSES + "; exec \"$@\"", "sh"));
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:CompressedClassSpaceSize=64m",
            "-XX:ReservedCodeCacheSize=64m",
            "-XX:-OmitStackTraceInFastThrow",
            "-XX:ErrorFile=" + ERRORS.resolve("flambeau-fuzz-%p.log"),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            Fuzz.class.getName()));
    command.addAll(arguments);
    ProcessBuilder b = new ProcessBuilder(command).redirectErrorStream(true);
    b.environment().putAll(environment);
    try {
      return b.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs the programs of a kind with these seeds, restarting as often as a process dies. */
  Forks run(String kind, long first, long count, String... more) {
    long end = first + count;
    for (long next = first; next < end; ) {
      next = process(kind, next, end, more);
    }
    return this;
  }

  /** Runs one process; returns the seed to go on with. */
  private long process(String kind, long first, long end, String... more) {
    List<String> arguments = new ArrayList<>(List.of(kind, "" + first, "" + (end - first)));
    arguments.addAll(List.of(more));
    Process p = start(arguments);
    BlockingQueue<String> lines = lines(p);
    long seed = first;
    List<String> other = new ArrayList<>();
    List<String> fault = null;
    try {
      while (true) {
        String line = lines.poll(PATIENCE, TimeUnit.SECONDS);
        if (line == null) {
          p.destroyForcibly().waitFor();
          return again(kind, seed, "no end after " + PATIENCE + " s", other);
        }
        if (line.equals(Fuzz.DONE)) {
          p.waitFor();
          return end;
        }
        if (line.equals(OVER)) {
          String what = "the JVM ended with status " + p.waitFor();
          other.add(frames(p));
          return again(kind, seed, what, other);
        }
        if (line.startsWith(Fuzz.BEGIN)) {
          seed = Long.parseLong(line.substring(Fuzz.BEGIN.length()));
          programs++;
          other.clear();
        } else if (line.startsWith(Fuzz.FAULT)) {
          fault = new ArrayList<>();
        } else if (line.equals(Fuzz.END)) {
          found(kind, seed, fault.get(0), String.join("\n", fault));
          fault = null;
        } else {
          (fault != null ? fault : other).add(line);
        }
      }
    } catch (InterruptedException e) {
      p.destroyForcibly();
      throw new IllegalStateException(e);
    }
  }

  /** The Java calls in what the Java machine wrote about its end, which is deleted. */
  private static String frames(Process p) {
    Path file = ERRORS.resolve("flambeau-fuzz-" + p.pid() + ".log");
    if (!Files.exists(file)) {
      return "";
    }
    try {
      List<String> lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
      Files.delete(file);
      int from =
          Math.max(
              lines.indexOf("Java frames: (J=compiled Java code, j=interpreted, Vv=VM code)"), 0);
      return lines.stream().skip(from).limit(14).collect(Collectors.joining("\n", "", "\n"));
    } catch (IOException e) {
      return e + "\n";
    }
  }

  private static final String OVER = "\0";

  private static BlockingQueue<String> lines(Process p) {
    BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    Thread reader =
        new Thread(
            () -> {
              try (var in =
                  new BufferedReader(
                      new InputStreamReader(p.getInputStream(), StandardCharsets.UTF_8))) {
                in.lines().forEach(lines::add);
              } catch (IOException | UncheckedIOException e) {
                lines.add(e.toString());
              }
              lines.add(OVER);
            });
    reader.setDaemon(true);
    reader.start();
    return lines;
  }

  /** Runs the seed again, with each call printed before it is made. */
  private long again(String kind, long seed, String what, List<String> said)
      throws InterruptedException {
    deaths++;
    Process p = start(List.of(kind, "" + seed));
    BlockingQueue<String> lines = lines(p);
    if (!p.waitFor(PATIENCE, TimeUnit.SECONDS)) {
      p.destroyForcibly().waitFor();
    }
    frames(p);
    Thread.sleep(100); // what the reader still has
    List<String> trace = new ArrayList<>(lines);
    trace.remove(OVER);
    String signal =
        said.stream()
            .filter(l -> l.matches("#.*(SIG|Internal Error|EXCEPTION|\\[).*"))
            .map(l -> l.substring(1).strip())
            .collect(Collectors.joining("; "));
    String message = what + (signal.isEmpty() ? "" : ": " + signal);
    String before = said.isEmpty() ? "" : String.join("\n", said) + "\n";
    found(kind, seed, message, before + "with each call printed:\n" + String.join("\n", trace));
    return seed + 1;
  }
}
