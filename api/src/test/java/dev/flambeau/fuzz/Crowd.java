package dev.flambeau.fuzz;

import dev.flambeau.Backends;
import dev.flambeau.Device;
import dev.flambeau.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Several threads that compute with the same tensors, close them, and must not disturb others. */
final class Crowd {
  private Crowd() {}

  static void run(Program p) {
    if (p.dice.chance(0.4)) {
      closing(p);
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

  private static void join(List<Thread> threads) {
    for (Thread t : threads) {
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
