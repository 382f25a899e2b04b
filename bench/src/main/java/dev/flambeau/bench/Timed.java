package dev.flambeau.bench;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * JMH's view of a task. Each peer has a JVM of its own, which the {@link Worker} is: JMH runs
 * inside it, not in forks, so that peers can alternate benchmark by benchmark.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Timed {
  /** So many slices in a row must agree before a task counts as warm. */
  private static final int AGREE = 3;

  private static Task current;

  private Task task;

  /** Takes the task over. */
  @Setup(Level.Trial)
  public void begin() {
    task = current;
  }

  /** Lets a library that needs it free what it holds. */
  @TearDown(Level.Iteration)
  public void rest() {
    task.rest();
  }

  /** The measured work. */
  @Benchmark
  public void run() {
    task.run();
  }

  /**
   * How long and how often.
   *
   * @param warm milliseconds of warm-up at most
   * @param iterations that count, each of {@code millis}; slow work gets fewer
   */
  record Plan(int warm, int iterations, int millis) {
    /** As many iterations as fit into twice the time that is meant for all; two at least. */
    int iterations(double ns) {
      double fit = 2e6 * iterations * millis / ns;
      return (int) Math.max(Math.min(2, iterations), Math.min(iterations, fit));
    }
  }

  /** Nanoseconds of one run, one figure an iteration, after a warm-up. */
  static double[] measure(Task task, Plan plan) throws RunnerException {
    double ns = warmUp(task, plan);
    current = task;
    Options options =
        new OptionsBuilder()
            .include("^" + Timed.class.getName().replace(".", "\\.") + "\\.run$")
            .forks(0)
            .warmupIterations(ns < 1e5 ? 1 : 0)
            .warmupTime(TimeValue.milliseconds(plan.millis))
            .measurementIterations(plan.iterations(ns))
            .measurementTime(TimeValue.milliseconds(plan.millis))
            .shouldDoGC(false)
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT)
            .build();
    Collection<RunResult> results = new Runner(options).run();
    return results
        .iterator()
        .next()
        .getBenchmarkResults()
        .iterator()
        .next()
        .getIterationResults()
        .stream()
        .mapToDouble(r -> r.getPrimaryResult().getScore())
        .toArray();
  }

  /**
   * Runs until three slices in a row agree within 5 % (half the time gone: 15 %) and the JVM
   * compiled next to nothing meanwhile, or until the plan's time is up.
   *
   * @return nanoseconds of one run
   */
  static double warmUp(Task task, Plan plan) {
    CompilationMXBean jit = ManagementFactory.getCompilationMXBean();
    long end = System.nanoTime() + plan.warm * 1_000_000L;
    double[] last = new double[AGREE];
    int calm = 0;
    for (int slice = 0; ; slice++) {
      long compiled = jit.getTotalCompilationTime();
      double ns = slice(task, plan.millis);
      last[slice % AGREE] = ns;
      task.rest();
      boolean quiet = jit.getTotalCompilationTime() - compiled <= plan.millis / 10;
      calm = quiet ? calm + 1 : 0;
      long left = end - System.nanoTime();
      double near = left * 2 > plan.warm * 1_000_000L ? 1.05 : 1.15;
      double least = Arrays.stream(last).min().getAsDouble();
      double most = Arrays.stream(last).max().getAsDouble();
      if (calm >= AGREE && most < near * least || left <= 0) {
        return ns;
      }
    }
  }

  private static double slice(Task task, int millis) {
    long start = System.nanoTime();
    long now = start;
    long runs = 0;
    long batch = 1;
    while (now - start < millis * 1_000_000L) {
      long before = now;
      for (long i = 0; i < batch; i++) {
        task.run();
      }
      runs += batch;
      now = System.nanoTime();
      // The clock is read a hundred times a slice or so: it must not count.
      if ((now - before) * 100 < millis * 1_000_000L) {
        batch *= 2;
      }
    }
    return (double) (now - start) / runs;
  }

  /** Nanoseconds of single runs, after a warm-up, for so many milliseconds. */
  static double[] singles(Task task, Plan plan, int millis) {
    warmUp(task, plan);
    double[] ns = new double[1 << 20];
    int n = 0;
    long now = System.nanoTime();
    long end = now + millis * 1_000_000L;
    while (n < ns.length && now < end) {
      task.run();
      long then = now;
      now = System.nanoTime();
      ns[n++] = now - then;
    }
    return Arrays.copyOf(ns, n);
  }
}
