package dev.flambeau.bench;

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
   * @param warmups iterations of {@code millis} that do not count
   */
  record Plan(int warmups, int iterations, int millis) {}

  /** Nanoseconds of one run, one figure an iteration. */
  static double[] measure(Task task, Plan plan) throws RunnerException {
    current = task;
    Options options =
        new OptionsBuilder()
            .include("^" + Timed.class.getName().replace(".", "\\.") + "\\.run$")
            .forks(0)
            .warmupIterations(plan.warmups)
            .warmupTime(TimeValue.milliseconds(plan.millis))
            .measurementIterations(plan.iterations)
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
}
