package dev.flambeau.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.openjdk.jmh.runner.RunnerException;

/**
 * One peer in a JVM of its own. Reads a command a line, and answers a line that begins with
 * {@code @}: libraries print what they like between.
 *
 * <pre>
 * check WORK                       @ ELEMENTS of the result
 * time WARMUPS ITERATIONS MILLIS   @ NANOSECONDS of each iteration, of the work checked last
 * memory SECONDS                   @ MEGABYTES grown and STEPS done: A3 with nothing released
 * peak                             @ MEGABYTES at most resident, after 20 steps of A4
 * first MILLIS                     @ milliseconds since that time of day, after A3's first step
 * </pre>
 *
 * An answer that begins with {@code @ failed} says why. The first line tells what the peer is.
 */
final class Worker {
  private final Engine engine;
  private Task task;

  Worker(Engine engine) {
    this.engine = engine;
  }

  /** Class of the engine, and number of threads. */
  public static void main(String[] args) throws Exception {
    PrintStream out = System.out;
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Worker worker = null;
    try {
      Engine engine = (Engine) Class.forName(args[0]).getDeclaredConstructor().newInstance();
      String about = engine.start(Integer.parseInt(args[1]));
      worker = new Worker(engine);
      out.println("@ " + about.replaceAll("\\s+", " "));
    } catch (Exception | LinkageError e) {
      out.println("@ failed " + reason(e));
    }
    for (String line = in.readLine(); line != null && worker != null; line = in.readLine()) {
      String answer;
      try {
        answer = worker.answer(line.split(" "));
      } catch (Exception | LinkageError | OutOfMemoryError e) {
        answer = "failed " + reason(e);
      }
      out.println("@ " + answer);
      out.flush();
    }
    // Some libraries leave threads behind that would keep the JVM alive.
    Runtime.getRuntime().halt(0);
  }

  String answer(String[] command) throws Exception {
    return switch (command[0]) {
      case "check" -> text(check(Work.named(command[1])));
      case "time" ->
          text(
              time(
                  new Timed.Plan(
                      Integer.parseInt(command[1]),
                      Integer.parseInt(command[2]),
                      Integer.parseInt(command[3]))));
      case "memory" -> text(memory(Double.parseDouble(command[1])));
      case "peak" -> text(peak());
      case "first" -> text(first(Long.parseLong(command[1])));
      default -> throw new IllegalArgumentException("no command is named " + command[0]);
    };
  }

  double[] check(Work work) {
    leave();
    task = work.prepare().apply(engine);
    for (int i = 0; i < work.steps(); i++) {
      task.run();
    }
    return Work.probes(task.result());
  }

  double[] time(Timed.Plan plan) throws RunnerException {
    try {
      return Timed.measure(task, plan);
    } finally {
      leave();
    }
  }

  private void leave() {
    if (task != null) {
      task.close();
      task = null;
    }
  }

  private double[] memory(double seconds) throws IOException {
    try (Task steps = engine.train(Net.named("A3"), false)) {
      for (int i = 0; i < 200; i++) {
        steps.run();
      }
      double before = megabytes("VmRSS");
      long end = System.nanoTime() + (long) (seconds * 1e9);
      int done = 0;
      double grown = 0;
      while (done < 200_000 && System.nanoTime() < end && grown < 6000) {
        for (int i = 0; i < 500; i++) {
          steps.run();
        }
        done += 500;
        grown = megabytes("VmRSS") - before;
      }
      return new double[] {grown, done};
    }
  }

  private double[] peak() throws IOException {
    try (Task steps = engine.train(Net.named("A4"), true)) {
      for (int i = 0; i < 20; i++) {
        steps.run();
      }
      return new double[] {megabytes("VmHWM")};
    }
  }

  private double[] first(long start) {
    try (Task steps = engine.train(Net.named("A3"), true)) {
      steps.run();
      return new double[] {System.currentTimeMillis() - start};
    }
  }

  private static double megabytes(String key) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith(key + ":")) {
        return Double.parseDouble(line.replaceAll("\\D", "")) / 1024;
      }
    }
    throw new UnsupportedOperationException("this system does not tell " + key);
  }

  private static String text(double[] values) {
    return Arrays.stream(values)
        .mapToObj(v -> String.format(Locale.ROOT, "%.9g", v))
        .collect(Collectors.joining(" "));
  }

  private static String reason(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String text = root.getMessage() == null ? root.toString() : root.getMessage();
    return text.replaceAll("\\s+", " ").strip();
  }
}
