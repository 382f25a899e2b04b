package dev.flambeau.internal.memory;

import dev.flambeau.Backends;
import dev.flambeau.Device;
import dev.flambeau.Flambeau;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import dev.flambeau.internal.tensor.Devices;
import dev.flambeau.optim.SGD;
import dev.flambeau.spi.oracle.JavaBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A program: threads compute with tensors, read them and write to them in place, while others close
 * those very tensors, and return memory to the system. Whoever closed one takes the memory at once
 * for a tensor of his own, and looks whether it keeps its values. Ends with status 0 if all did.
 *
 * <p>The calls that raced may have any values, or find their tensor released.
 */
public final class ClosingStress {
  private static final int[] SIZES = {3, 100, 40_000, 300_000};

  private static final int COMPUTING = 4; // threads

  private final AtomicLongArray steps = new AtomicLongArray(COMPUTING); // that they made
  private final AtomicReferenceArray<Tensor> shared = new AtomicReferenceArray<>(SIZES.length);
  private final Tensor weight = Tensor.ones(300_000).requiresGrad_();
  private final Tensor bias = Tensor.ones(20).requiresGrad_();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final AtomicLong calls = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong closed = new AtomicLong();
  private final long end;

  private ClosingStress(long millis) {
    end = System.nanoTime() + millis * 1_000_000;
  }

  public static void main(String[] args) throws Exception {
    if (!Backends.isAvailable(Device.cpu())) {
      Backends.register(new JavaBackend());
    }
    Flambeau.setNumThreads(1);
    ClosingStress stress = new ClosingStress(Long.parseLong(args[0]));
    stress.run();
    System.out.println(
        stress.calls
            + " calls, "
            + stress.refused
            + " found it released, "
            + stress.closed
            + " tensors closed");
    if (stress.failure.get() != null) {
      stress.failure.get().printStackTrace(System.out);
      System.exit(1);
    }
    System.exit(0); // not by the end of main: so that a dead JVM never looks like success
  }

  private interface Step {
    void run(Random random) throws Exception;
  }

  private void run() throws Exception {
    for (int i = 0; i < shared.length(); i++) {
      shared.set(i, Tensor.full(1.0, SIZES[i]));
    }
    List<Thread> threads = new ArrayList<>();
    Step[] computing = {this::write, this::write, this::read, this::train};
    for (int t = 0; t < COMPUTING; t++) {
      int me = t;
      threads.add(
          thread(
              t,
              random -> {
                try {
                  computing[me].run(random);
                } finally {
                  steps.incrementAndGet(me);
                }
              }));
    }
    threads.add(thread(10, random -> exchange(random, 100)));
    threads.add(thread(11, random -> exchange(random, 200)));
    threads.add(thread(12, this::giveBack));
    for (Thread t : threads) {
      t.start();
    }
    for (Thread t : threads) {
      t.join();
    }
  }

  private Thread thread(int seed, Step step) {
    return new Thread(
        () -> {
          Random random = new Random(seed);
          while (System.nanoTime() < end && failure.get() == null) {
            try {
              step.run(random);
              calls.incrementAndGet();
            } catch (IllegalStateException e) {
              if (e.getMessage().contains("was released")) {
                refused.incrementAndGet();
              } else {
                failure.compareAndSet(null, e);
              }
            } catch (Throwable e) {
              failure.compareAndSet(null, e);
            }
          }
        });
  }

  /** Mostly the largest, in which calls take long. */
  private static int place(Random random) {
    return Math.min(random.nextInt(3 * SIZES.length), SIZES.length - 1);
  }

  private void read(Random random) {
    Tensor x = shared.get(place(random));
    switch (random.nextInt(5)) {
      case 0 -> x.exp().close();
      case 1 -> x.sum().item();
      case 2 -> x.add(x.flip(0)).close();
      case 3 -> x.toFloatArray();
      default -> {
        try (Scope s = Scope.open()) {
          x.view(1, -1).matmul(x.view(-1, 1)).item();
        }
      }
    }
  }

  private void write(Random random) {
    Tensor x = shared.get(place(random));
    switch (random.nextInt(8)) {
      case 0 -> x.fill_(-3.0);
      case 1 -> x.mul_(1.5);
      case 2 -> x.sub_(x.detach());
      case 3, 4 -> x.normal_(-9, 1);
      case 5, 6 -> x.pow_(0.3);
      default -> {
        try (Scope s = Scope.open()) {
          x.narrow(0, 0, x.numel() / 2).tanh_();
        }
      }
    }
  }

  /** Puts another tensor in a place, closes the one that was there, and checks what comes next. */
  private void exchange(Random random, int value) throws Exception {
    int place = place(random);
    Tensor mine = Tensor.full(1.0, SIZES[place]);
    Tensor before = shared.getAndSet(place, mine);
    if (random.nextBoolean()) { // a view holds the memory a little longer
      Tensor view = before.detach();
      before.close();
      view.close();
    } else {
      before.close();
    }
    before.close();
    closed.incrementAndGet();
    if (random.nextBoolean()) {
      Devices.cpu().reclaimer.trim();
      awaitCalls();
    }
    Tensor[] next = new Tensor[2];
    for (int i = 0; i < next.length; i++) {
      next[i] = Tensor.full(value + i, SIZES[place]);
    }
    awaitCalls();
    for (int i = 0; i < next.length; i++) {
      float[] values = next[i].toFloatArray();
      for (int k = 0; k < values.length; k += 1 + values.length / 1000) {
        if (values[k] != value + i) {
          throw new AssertionError(
              "element "
                  + k
                  + " of "
                  + values.length
                  + " became "
                  + values[k]
                  + " for "
                  + (value + i)
                  + ", from "
                  + Arrays.toString(around(values, k)));
        }
      }
    }

    for (Tensor t : next) {
      t.close();
    }
  }

  /** Waits until every call that runs now has ended. */
  private void awaitCalls() throws InterruptedException {
    long[] before = new long[COMPUTING];
    for (int i = 0; i < COMPUTING; i++) {
      before[i] = steps.get(i);
    }
    for (int i = 0; i < COMPUTING; i++) {
      while (steps.get(i) == before[i] && System.nanoTime() < end && failure.get() == null) {
        Thread.sleep(0, 100_000);
      }
    }
  }

  private static float[] around(float[] values, int k) {
    return Arrays.copyOfRange(values, Math.max(0, k - 2), Math.min(values.length, k + 3));
  }

  /** With the parameters, and gradients, of another thread. */
  private void train(Random random) throws Exception {
    switch (random.nextInt(4)) {
      case 0 -> {
        weight.zeroGrad();
        bias.zeroGrad();
      }
      case 1 -> new SGD(List.of(weight, bias), 1e-3).step();
      default -> {
        try (Scope s = Scope.open()) {
          weight.mul(2).sum().add(bias.mul(3).sum()).backward();
        }
      }
    }
    Thread.sleep(random.nextInt(2));
  }

  private void giveBack(Random random) throws Exception {
    if (random.nextInt(50) == 0) {
      Backends.releaseUnused(Device.cpu());
    } else {
      Devices.cpu().reclaimer.trim();
    }
    Thread.sleep(2);
  }
}
