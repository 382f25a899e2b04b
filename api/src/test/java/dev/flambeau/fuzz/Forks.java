package dev.flambeau.fuzz;

import java.io.BufferedReader;
import java.io.File;
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
  record Found(long seed, String what, String program) {
    @Override
    public String toString() {
      return "seed " + seed + ": " + what + "\n" + program.indent(2);
    }
  }

  private final Map<String, String> environment;
  final List<Found> found = new ArrayList<>();
  int deaths;

  Forks(Map<String, String> environment) {
    this.environment = environment;
  }

  /** Only Linux lets a process be limited so that huge tensors cannot hurt the machine. */
  static boolean possible() {
    return System.getProperty("os.name").equals("Linux") && Files.isExecutable(Path.of("/bin/sh"));
  }

  /** A process that runs {@link Fuzz} (or another class) with these arguments. */
  Process start(Class<?> program, List<String> arguments) {
    List<String> command =
        new ArrayList<>(List.of("/bin/sh", "-c", "ulimit -c 0; ulimit -v " + ADDRESSES + "; exec \"$@\"", "sh"));
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:CompressedClassSpaceSize=64m",
            "-XX:ReservedCodeCacheSize=64m",
            "-XX:-OmitStackTraceInFastThrow",
            "-XX:ErrorFile=" + errors(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            program.getName()));
    command.addAll(arguments);
    ProcessBuilder b = new ProcessBuilder(command).redirectErrorStream(true);
    b.environment().putAll(environment);
    try {
      return b.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String errors() {
    return new File(System.getProperty("java.io.tmpdir"), "flambeau-fuzz-%p.log").getPath();
  }

  /** Runs the programs of these seeds, restarting as often as a process dies. */
  Forks chaos(long first, long count) {
    long end = first + count;
    for (long next = first; next < end; ) {
      next = process(next, end);
    }
    return this;
  }

  /** Runs one process; returns the seed to go on with. */
  private long process(long first, long end) {
    Process p = start(Fuzz.class, List.of("chaos", "" + first, "" + (end - first)));
    BlockingQueue<String> lines = lines(p);
    long seed = first;
    List<String> other = new ArrayList<>();
    List<String> fault = null;
    try {
      while (true) {
        String line = lines.poll(PATIENCE, TimeUnit.SECONDS);
        if (line == null) {
          p.destroyForcibly().waitFor();
          return again(seed, "no end after " + PATIENCE + " s", other);
        }
        if (line.equals(Fuzz.DONE)) {
          p.waitFor();
          return end;
        }
        if (line.equals(OVER)) {
          return again(seed, "the JVM ended with status " + p.waitFor(), other);
        }
        if (line.startsWith(Fuzz.BEGIN)) {
          seed = Long.parseLong(line.substring(Fuzz.BEGIN.length()));
          other.clear();
        } else if (line.startsWith(Fuzz.FAULT)) {
          fault = new ArrayList<>();
        } else if (line.equals(Fuzz.END)) {
          found.add(new Found(seed, fault.get(0), String.join("\n", fault)));
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
  private long again(long seed, String what, List<String> said) throws InterruptedException {
    deaths++;
    Process p = start(Fuzz.class, List.of("" + seed));
    BlockingQueue<String> lines = lines(p);
    if (!p.waitFor(PATIENCE, TimeUnit.SECONDS)) {
      p.destroyForcibly().waitFor();
    }
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
    found.add(new Found(seed, message, before + "with each call printed:\n" + String.join("\n", trace)));
    return seed + 1;
  }
}
