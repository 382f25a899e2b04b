package dev.flambeau;

import dev.flambeau.rows.OpCase;
import dev.flambeau.rows.OpCases;
import dev.flambeau.spi.oracle.JavaBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A program: eight threads run every row of {@link OpCases}, forward and backward, dropping all
 * they make, while another thread calls for garbage collections without pause. Ends with status 0
 * if all values stayed right. Meant for a heap so small that handles die while kernels run.
 */
public final class GcStress {
  private GcStress() {}

  private record Expected(OpCase row, List<double[]> values, List<double[]> gradients) {}

  public static void main(String[] args) throws Exception {
    if (!Backends.isAvailable(Device.cpu())) {
      Backends.register(new JavaBackend());
    }
    long end = System.nanoTime() + Long.parseLong(args[0]) * 1_000_000_000L;
    List<Expected> expected = new ArrayList<>();
    for (OpCase c : OpCases.all()) {
      expected.add(run(c));
    }
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread collector =
        new Thread(
            () -> {
              while (true) {
                System.gc();
              }
            });
    collector.setDaemon(true);
    collector.start();
    long[] rounds = new long[8];
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      int me = t;
      Thread thread =
          new Thread(
              () -> {
                try {
                  for (int i = me * 17; System.nanoTime() < end && failure.get() == null; i++) {
                    check(expected.get(i % expected.size()));
                    rounds[me]++;
                  }
                } catch (Throwable e) {
                  failure.compareAndSet(null, e);
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread t : threads) {
      t.join();
    }
    if (failure.get() != null) {
      failure.get().printStackTrace();
      System.exit(1);
    }
    long total = 0;
    for (long r : rounds) {
      total += r;
    }
    Backends.releaseUnused(Device.cpu());
    System.out.println(total + " ops right, live bytes " + Backends.memory().liveBytes());
    System.exit(total > 500 ? 0 : 2);
  }

  private static Expected run(OpCase c) {
    Tensor[] in = c.inputs(0, DType.FLOAT32, Device.cpu());
    for (Tensor t : in) {
      if (c.differentiable) {
        t.requiresGrad_();
      }
    }
    List<double[]> values = new ArrayList<>();
    List<double[]> gradients = new ArrayList<>();
    Tensor total = null;
    for (Tensor y : c.outputs(in)) {
      values.add(y.toDoubleArray());
      if (y.requiresGrad()) {
        Tensor squares = y.mul(y).sum();
        total = total == null ? squares : total.add(squares);
      }
    }
    if (c.differentiable) {
      total.backward();
      for (Tensor t : in) {
        gradients.add(t.grad() == null ? new double[0] : t.grad().toDoubleArray());
      }
    }
    return new Expected(c, values, gradients);
  }

  private static void check(Expected e) {
    Expected now = run(e.row);
    for (int i = 0; i < e.values.size(); i++) {
      same(e.row + " value " + i, e.values.get(i), now.values.get(i));
    }
    for (int i = 0; i < e.gradients.size(); i++) {
      same(e.row + " gradient " + i, e.gradients.get(i), now.gradients.get(i));
    }
  }

  private static void same(String what, double[] a, double[] b) {
    for (int i = 0; i < a.length; i++) {
      if (Double.doubleToLongBits(a[i]) != Double.doubleToLongBits(b[i])) {
        throw new AssertionError(what + ": element " + i + " was " + a[i] + ", now " + b[i]);
      }
    }
  }
}
