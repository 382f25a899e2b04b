package dev.flambeau.bench.gpu;

import dev.flambeau.Backends;
import dev.flambeau.Device;
import dev.flambeau.Flambeau;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import dev.flambeau.bench.Figures;
import dev.flambeau.bench.Worker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Flambeau on a GPU behind the protocol of {@code gpu.py}: a line "KIND DTYPE DIMS", answered by "@
 * NS BYTES", the median time of one run and what the device was asked for meanwhile beyond what it
 * had given before. Arguments: the device, and {@code first} for nothing but the first training
 * step of a fresh JVM.
 */
final class GpuWorker {
  private static final int BATCHES = 15;
  private static final int ENQUEUED = 200;

  /** Warm-up: of work that takes long, and of work that Java's compilers have to learn. */
  private static final long LONG_NS = 500_000_000L, SHORT_NS = 1_000_000_000L;

  private final Device device;
  private final GpuWork work;

  private GpuWorker(Device device) {
    this.device = device;
    work = new GpuWork(device);
  }

  public static void main(String[] args) throws IOException {
    Flambeau.manualSeed(0);
    GpuWorker worker;
    try {
      worker = new GpuWorker(Device.of(args[0]));
      if (List.of(args).contains("first")) {
        worker.work.prepare("step", "float32", GpuLine.SMALL_STEP).run();
        worker.device.synchronize();
        System.out.println("@ done");
        return;
      }
      System.out.println("@ " + worker.about());
    } catch (RuntimeException | LinkageError e) {
      System.out.println("@ failed " + Worker.reason(e));
      return;
    }
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String answer;
      try {
        answer = worker.answer(line.split(" "));
      } catch (RuntimeException | OutOfMemoryError e) {
        answer = "failed " + Worker.reason(e);
      }
      System.out.println("@ " + answer);
    }
  }

  private String about() {
    Tensor x = Tensor.ones(64, 64).to(device);
    x.matmul(x).sum().item(); // cuBLAS is looked for
    return Backends.report().strip().replaceAll("\\s*\n\\s*", "; ");
  }

  private String answer(String[] words) {
    long[] dims = Arrays.stream(words[2].split(",")).mapToLong(Long::parseLong).toArray();
    try (var scope = Scope.open()) {
      Runnable run = work.prepare(words[0], words[1], dims);
      return words[0].startsWith("enqueue") ? enqueue(run) : measure(run);
    } finally {
      Backends.releaseUnused(device);
    }
  }

  private long held() {
    Backends.MemoryUse use = Backends.memory(device);
    return use.liveBytes() + use.cachedBytes();
  }

  /** Median ns of a run, where many are queued and waited for together. */
  private String measure(Runnable run) {
    int count = 1;
    long start = System.nanoTime();
    long end = start + SHORT_NS;
    do {
      double ns = batch(run, count);
      if (ns > 2e5) {
        end = Math.min(end, start + LONG_NS);
      }
      if (ns * count < 1e7 && count < 1 << 14) {
        count *= 2;
      }
    } while (System.nanoTime() < end);
    long before = held();
    double[] ns = new double[BATCHES];
    for (int i = 0; i < BATCHES; i++) {
      ns[i] = batch(run, count);
    }
    return Figures.median(ns) + " " + (held() - before);
  }

  private double batch(Runnable run, int count) {
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      run.run();
    }
    device.synchronize();
    return (System.nanoTime() - start) / (double) count;
  }

  /** Median ns until a run is queued: nobody waits for the device meanwhile. */
  private String enqueue(Runnable run) {
    long end = System.nanoTime() + SHORT_NS;
    do {
      queued(run);
    } while (System.nanoTime() < end);
    long before = held();
    double[] ns = new double[10 * BATCHES];
    for (int i = 0; i < ns.length; i++) {
      ns[i] = queued(run);
    }
    return Figures.median(ns) + " " + (held() - before);
  }

  /** So few that the queue has room for all of them. */
  private double queued(Runnable run) {
    long start = System.nanoTime();
    for (int k = 0; k < ENQUEUED; k++) {
      run.run();
    }
    long done = System.nanoTime();
    device.synchronize();
    return (done - start) / (double) ENQUEUED;
  }
}
