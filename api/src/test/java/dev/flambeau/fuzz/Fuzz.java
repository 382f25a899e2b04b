package dev.flambeau.fuzz;

import dev.flambeau.Backends;
import dev.flambeau.Device;
import dev.flambeau.spi.oracle.JavaBackend;
import java.io.PrintStream;

/**
 * A program that runs random programs: {@code Fuzz chaos FIRST COUNT} with the seeds from FIRST on;
 * {@code Fuzz SEED} runs one, and prints every call before it is made.
 */
public final class Fuzz {
  private Fuzz() {}

  static final String BEGIN = "seed ";
  static final String FAULT = "fault ";
  static final String END = "end of fault";
  static final String DONE = "done";

  public static void main(String[] args) throws Exception {
    if (!Backends.isAvailable(Device.cpu())) {
      Backends.register(new JavaBackend());
    }
    PrintStream out = System.out;
    if (args.length == 1) {
      Program p = inThread(Long.parseLong(args[0]), out);
      p.faults.forEach(f -> out.println(FAULT + f));
      System.exit(p.faults.isEmpty() ? 0 : 1);
    }
    long first = Long.parseLong(args[1]);
    long count = Long.parseLong(args[2]);
    for (long seed = first; seed < first + count; seed++) {
      out.println(BEGIN + seed);
      out.flush();
      Program p = inThread(seed, null);
      if (!p.faults.isEmpty()) {
        out.println(FAULT + seed);
        out.println(String.join("\n", p.faults));
        out.println("the program:");
        out.println(p.text);
        out.println(END);
        out.flush();
      }
    }
    out.println(DONE);
    System.exit(0); // threads of a program that hangs do not keep it
  }

  /** Each program has a thread of its own, with whose end its scopes and modes are gone. */
  private static Program inThread(long seed, PrintStream live) throws InterruptedException {
    Program[] result = new Program[1];
    Throwable[] thrown = new Throwable[1];
    Thread t =
        new Thread(
            () -> {
              try {
                result[0] = Chaos.run(seed, live);
              } catch (Throwable e) {
                thrown[0] = e;
              }
            },
            "program " + seed);
    t.start();
    t.join();
    if (thrown[0] != null) {
      throw new IllegalStateException("the fuzzer itself failed at seed " + seed, thrown[0]);
    }
    return result[0];
  }
}
