package dev.flambeau.fuzz;

import dev.flambeau.Backends;
import dev.flambeau.Device;
import dev.flambeau.spi.oracle.JavaBackend;
import java.io.DataOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/**
 * A program that runs random programs of a kind, which a process may die of: {@code Fuzz chaos
 * FIRST COUNT} runs those with the seeds from FIRST on, {@code Fuzz chaos SEED} one, and prints
 * every call before it is made. Kinds are {@code chaos}, {@code crowd}, {@code views} and {@code
 * tame}; of the last the values go into a file, if one is named behind the count.
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
    String kind = args[0];
    long first = Long.parseLong(args[1]);
    long count = args.length < 3 ? 1 : Long.parseLong(args[2]);
    PrintStream trace = args.length < 3 ? System.out : null;
    try (DataOutputStream values = args.length < 4 ? null : open(args[3])) {
      for (long seed = first; seed < first + count; seed++) {
        say(BEGIN + seed);
        String fault = run(kind, seed, trace, values);
        if (fault != null) {
          say(FAULT + seed + "\n" + fault + "\n" + END);
        }
      }
    }
    say(DONE);
    System.exit(0); // threads of a program that hangs do not keep it
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  private static DataOutputStream open(String file) throws IOException {
    return new DataOutputStream(new java.io.BufferedOutputStream(new FileOutputStream(file, true)));
  }

  /** Runs one program in a thread of its own, with whose end its scopes and modes are gone. */
  private static String run(String kind, long seed, PrintStream trace, DataOutputStream values)
      throws InterruptedException {
    String[] fault = new String[1];
    Throwable[] thrown = new Throwable[1];
    Thread t =
        new Thread(
            () -> {
              try {
                fault[0] =
                    switch (kind) {
                      case "chaos" -> faults(Chaos.run(seed, trace));
                      case "crowd" -> faults(Crowd.program(seed, trace));
                      case "views" -> ViewProgram.run(seed);
                      default -> Tame.compare(seed, values);
                    };
              } catch (Throwable e) {
                thrown[0] = e;
              }
            },
            kind + " " + seed);
    t.start();
    t.join();
    if (thrown[0] != null) {
      throw new IllegalStateException("the fuzzer itself failed at seed " + seed, thrown[0]);
    }
    return fault[0];
  }

  private static String faults(Program p) {
    List<String> faults = p.faults;
    return faults.isEmpty() ? null : String.join("\n", faults) + "\nthe program:\n" + p.text;
  }
}
