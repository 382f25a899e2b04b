package dev.flambeau.fuzz;

import dev.flambeau.Autograd;
import dev.flambeau.Backends;
import dev.flambeau.Device;
import dev.flambeau.Tensor;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;

/** Several threads that compute with the same tensors, close them, and must not disturb others. */
final class Crowd {
  private Crowd() {}

  /** A program that is nothing else. */
  static Program program(long seed, PrintStream trace) {
    Program p = new Program(seed, "", false, trace);
    p.begin(0);
    for (int i = 0; i < 4; i++) {
      Fresh.make(p, p.newName("x"));
    }
    for (int i = 1; i <= 6; i++) {
      p.begin(i);
      run(p);
    }
    return p;
  }

  static void run(Program p) {
    double kind = p.dice.real();
    if (kind < 0.25) {
      closing(p);
      return;
    }
    if (kind < 0.5) {
      race(p);
      return;
    }
    if (kind < 0.65) {
      hooks(p);
      return;
    }
    List<Program> programs = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Program part = p.part("b" + i + "_");
      part.tensors.putAll(p.tensors);
      programs.add(part);
    }
    p.say("// two threads with the tensors so far, a third with its own");
    List<Thread> threads = new ArrayList<>();
    programs.forEach(
        part ->
            threads.add(
                new Thread(
                    () -> {
                      Chaos.steps(part, 1001 + p.step * 100, 1008 + p.step * 100, 0);
                      part.begin(1009);
                      Chaos.end(part);
                    })));
    Fault[] fault = new Fault[1];
    threads.add(
        new Thread(
            () -> {
              try {
                for (int i = 0; i < 100; i++) {
                  Witness.check();
                }
              } catch (Fault f) {
                fault[0] = f;
              }
            }));
    join(threads);
    for (Program part : programs) {
      p.text.append(part.text.toString().indent(4));
      p.faults.addAll(part.faults);
    }
    if (fault[0] != null) {
      p.say("// beside them");
      p.fault(fault[0]);
    }
  }

  /** Two threads are the first to use a view after its base was written. */
  private static void race(Program p) {
    int rounds = 400;
    p.say(
        "// " + rounds + " times: two threads ask for the gradient of a view of what was written");
    Fault[] fault = new Fault[1];
    CyclicBarrier barrier = new CyclicBarrier(2);
    Tensor[] shared = new Tensor[2];
    List<Thread> threads = new ArrayList<>();
    for (int k = 0; k < 2; k++) {
      boolean makes = k == 0;
      threads.add(
          new Thread(
              () -> {
                try {
                  for (int i = 0; i < rounds; i++) {
                    if (makes) {
                      Tensor w = Tensor.ones(4).requiresGrad_();
                      Tensor h = w.mul(1.0);
                      shared[1] = h.view(2, 2).t();
                      h.mul_(3.0);
                      shared[0] = w;
                    }
                    barrier.await();
                    try {
                      Tensor g = twelve(shared[1], shared[0]);
                      if (g.sum().item() != 12) {
                        fault[0] = new Fault("a gradient of threes is " + g);
                      }
                    } catch (RuntimeException e) {
                      fault[0] = new Fault("a view that two threads use: " + e, e);
                    }
                    barrier.await();
                  }
                } catch (InterruptedException | BrokenBarrierException e) {
                  throw new IllegalStateException(e);
                }
              }));
    }
    join(threads);
    if (fault[0] != null) {
      p.fault(fault[0]);
    }
  }

  /** One thread's hooks write into the gradients they see, another one's gradients stay right. */
  private static void hooks(Program p) {
    p.say("// a thread whose hook is g -> { g.mul_(5); return null; }, and one without");
    Fault[] fault = new Fault[1];
    Thread writes =
        new Thread(
            () -> {
              for (int i = 0; i < 1000; i++) {
                Tensor h = Tensor.ones(4).requiresGrad_().mul(1.0);
                h.registerHook(
                    g -> {
                      g.mul_(5);
                      return null;
                    });
                try {
                  h.sum().backward();
                } catch (IllegalArgumentException | IllegalStateException e) {
                  // may be refused
                }
              }
            });
    Thread right =
        new Thread(
            () -> {
              try {
                for (int i = 0; i < 1000; i++) {
                  Witness.check();
                }
              } catch (Fault f) {
                fault[0] = f;
              }
            });
    join(List.of(writes, right));
    if (fault[0] != null) {
      p.fault(fault[0]);
    }
  }

  private static Tensor twelve(Tensor y, Tensor x) {
    return Autograd.grad(List.of(y.sum()), List.of(x), null, true, false).get(0);
  }

  private static void join(List<Thread> threads) {
    List<Throwable> thrown = Collections.synchronizedList(new ArrayList<>());
    for (Thread t : threads) {
      t.setUncaughtExceptionHandler((thread, e) -> thrown.add(e));
      t.setDaemon(true);
      t.start();
    }
    try {
      for (Thread t : threads) {
        t.join();
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (!thrown.isEmpty()) {
      throw new IllegalStateException("a thread of the fuzzer failed", thrown.get(0));
    }
  }

  /** One thread computes with a large tensor, another closes it and gives memory back. */
  private static void closing(Program p) {
    Dice d = p.dice;
    long n = d.ofLongs(1 << 16, 1 << 20, 3 << 20);
    int rounds = d.of(3, 20);
    p.say("// " + rounds + " times: two threads compute with a tensor of " + n + ", one closes it");
    List<Throwable> wrong = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      Tensor x = Tensor.ones(n);
      Tensor y = Tensor.ones(n);
      List<Thread> threads = new ArrayList<>();
      for (int k = 0; k < 2; k++) {
        threads.add(
            new Thread(
                () -> {
                  try {
                    for (int j = 0; j < 10; j++) {
                      x.add_(y);
                      x.mul(y).close();
                    }
                  } catch (IllegalStateException e) {
                    // released: what must be said
                  } catch (Throwable e) {
                    synchronized (wrong) {
                      wrong.add(e);
                    }
                  }
                }));
      }
      threads.add(
          new Thread(
              () -> {
                Thread.yield();
                x.close();
                y.close();
                Backends.releaseUnused(Device.cpu());
              }));
      join(threads);
    }
    for (Throwable e : wrong) {
      p.fault(new Fault("a tensor that is closed meanwhile: " + e, e));
    }
  }
}
