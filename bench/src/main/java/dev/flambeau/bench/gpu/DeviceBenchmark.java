package dev.flambeau.bench.gpu;

import dev.flambeau.Device;
import dev.flambeau.Flambeau;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the host pays on a device, by JMH: {@code -p device=cpu} compares. {@code enqueue} ends when
 * an op is queued, and the device is waited for between invocations, each of which is so short that
 * the queue has room for it; {@code step} waits once for all steps of an invocation, {@code
 * latency} for each result.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class DeviceBenchmark {
  private static final int OPS = 200;
  private static final int STEPS = 50;

  /** As {@link Device#of} reads it. */
  @Param("cuda")
  public String device;

  private Device on;
  private dev.flambeau.Scope scope;
  private Runnable relu;
  private Runnable add;
  private Runnable create;
  private Runnable latency;
  private Runnable step;

  /** Makes the work ready on the device. */
  @Setup
  public void prepare() {
    on = Device.of(device);
    Flambeau.manualSeed(0);
    scope = dev.flambeau.Scope.open();
    GpuWork work = new GpuWork(on);
    relu = work.prepare("enqueue-relu", GpuLine.FLOAT32, 4);
    add = work.prepare("enqueue-add", GpuLine.FLOAT32, 4);
    create = work.prepare("create", GpuLine.FLOAT32, 1 << 10);
    latency = work.prepare("latency", GpuLine.FLOAT32, 1, 784, 128, 64, 10);
    step = work.prepare("step", GpuLine.FLOAT32, GpuLine.SMALL_STEP);
  }

  /** Outside the measured time. */
  @Setup(Level.Invocation)
  public void drain() {
    on.synchronize();
  }

  /** Gives all of it back. */
  @TearDown
  public void release() {
    on.synchronize();
    scope.close();
  }

  private static void repeat(Runnable work, int times) {
    for (int i = 0; i < times; i++) {
      work.run();
    }
  }

  /** relu of 4 elements, and the result's release. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public void enqueueRelu() {
    repeat(relu, OPS);
  }

  /** The sum of two tensors of 4 elements, and the result's release. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public void enqueueAdd() {
    repeat(add, OPS);
  }

  /** A tensor of 4 KB, made and released: no kernel runs. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public void createAndRelease() {
    repeat(create, OPS);
  }

  /** One row through 784-128-64-10, one number of the result read. */
  @Benchmark
  public void latency() {
    latency.run();
  }

  /** A training step of 784-128-64-10 at batch 64. */
  @Benchmark
  @OperationsPerInvocation(STEPS)
  public void step() {
    repeat(step, STEPS);
    on.synchronize();
  }
}
