package dev.flambeau;

import dev.flambeau.internal.tensor.Devices;
import dev.flambeau.optim.SGD;
import dev.flambeau.spi.oracle.JavaBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
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
  private static final int[] SIZES = {3, 20, 100, 700, 40_000, 300_000};
  private static final int EACH = 4; // shared tensors of a size

  private final AtomicReferenceArray<Tensor> shared =
      new AtomicReferenceArray<>(SIZES.length * EACH);
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
      shared.set(i, Tensor.full(1.0, size(i)));
    }
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 2; t++) {
      int me = t;
      threads.add(thread(20 + t, this::write));
      threads.add(thread(30 + t, random -> exchange(random, 100 + me)));
      threads.add(thread(40 + t, this::train));
    }
    threads.add(thread(50, this::read));
    threads.add(thread(60, this::giveBack));
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

  private static int size(int place) {
    return SIZES[place / EACH];
  }

  private void read(Random random) {
    Tensor x = shared.get(random.nextInt(shared.length()));
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
    Tensor x = shared.get(random.nextInt(shared.length()));
    switch (random.nextInt(5)) {
      case 0 -> x.fill_(-3.0);
      case 1 -> x.mul_(1.5);
      case 2 -> x.uniform_(-9, -8);
      case 3 -> x.sub_(x.detach());
      default -> {
        try (Scope s = Scope.open()) {
          x.narrow(0, 0, x.numel() / 2).tanh_();
        }
      }
    }
  }

  /** Puts another tensor in a place, closes the one that was there, and checks what comes next. */
  private void exchange(Random random, int value) {
    int place = random.nextInt(shared.length());
    Tensor mine = Tensor.full(1.0, size(place));
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
    Tensor[] next = new Tensor[size(place) > 100_000 ? 2 : 8];
    for (int i = 0; i < next.length; i++) {
      next[i] = Tensor.full(value + i, size(place));
    }
    for (int look = 0; look < 3; look++) {
      for (int i = 0; i < next.length; i++) {
        float[] values = next[i].toFloatArray();
        for (int k = 0; k < values.length; k += values.length > 1000 ? 7 : 1) {
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
      Thread.yield();
    }
    for (Tensor t : next) {
      t.close();
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
