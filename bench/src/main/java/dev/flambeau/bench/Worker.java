package dev.flambeau.bench;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.openjdk.jmh.runner.RunnerException;

/**
 * One peer in a JVM of its own. Reads a command a line, and answers a line that begins with
 * {@code @}: libraries print what they like between.
 *
 * <pre>
 * check WORK                          @ ELEMENTS of the result; none where it cannot be compared
 * time WARM ITERATIONS MILLIS         @ NANOSECONDS of each iteration, of the work checked last
 * tail WARM ITERATIONS MILLIS LENGTH  @ MEDIAN and P99 of single runs, in ns, of LENGTH ms
 * memory SECONDS                      @ as {@link Memory#growth} says
 * peak                                @ MEGABYTES at most resident, after 20 steps of A4
 * </pre>
 *
 * An answer that begins with {@code @ failed} says why. The first line tells what the peer is.
 */
public final class Worker {
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
      engine.start(Integer.parseInt(args[1]));
      worker = new Worker(engine);
      out.println("@ " + engine.about().replaceAll("\\s+", " "));
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
      case "time" -> text(time(plan(command)));
      case "tail" -> {
        double[] ns = Timed.singles(task, plan(command), Integer.parseInt(command[4]));
        yield text(new double[] {Figures.median(ns), Figures.percentile(ns, 99)});
      }
      case "memory" -> text(Memory.growth(engine, Double.parseDouble(command[1])));
      case "peak" -> text(new double[] {Memory.peak(engine)});
      default -> throw new IllegalArgumentException("no command is named " + command[0]);
    };
  }

  private static Timed.Plan plan(String[] command) {
    return new Timed.Plan(
        Integer.parseInt(command[1]), Integer.parseInt(command[2]), Integer.parseInt(command[3]));
  }

  /** Leaves the work before, makes this one ready, and says what it results in. */
  double[] check(Work work) {
    if (task != null) {
      task.close();
      task = null;
    }
    task = work.prepare().apply(engine);
    for (int i = 0; i < work.steps(); i++) {
      task.run();
    }
    float[] result = task.result();
    return result == null ? new double[0] : Work.probes(result);
  }

  double[] time(Timed.Plan plan) throws RunnerException {
    return Timed.measure(task, plan);
  }

  private static String text(double[] values) {
    return Arrays.stream(values)
        .mapToObj(v -> String.format(Locale.ROOT, "%.9g", v))
        .collect(Collectors.joining(" "));
  }

  public static String reason(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String text = root.getMessage() == null ? root.toString() : root.getMessage();
    return text.replaceAll("\\s+", " ").strip();
  }
}
