package dev.flambeau.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** What the machine is, and what it can do at most. */
public final class Machine {
  private Machine() {}

  /** Processor, cores, memory, system, JVM. */
  public static String describe() throws IOException {
    String processor = System.getProperty("os.arch");
    Path info = Path.of("/proc/cpuinfo");
    if (Files.isReadable(info)) {
      processor =
          Files.readAllLines(info).stream()
              .filter(l -> l.startsWith("model name"))
              .map(l -> l.substring(l.indexOf(':') + 1).strip())
              .findFirst()
              .orElse(processor);
    }
    return processor
        + ", "
        + Runtime.getRuntime().availableProcessors()
        + " cores, "
        + System.getProperty("os.name")
        + " "
        + System.getProperty("os.version")
        + ", Java "
        + Runtime.version();
  }

  /** Load averages of 1, 5 and 15 minutes, or nothing. */
  public static String load() throws IOException {
    Path load = Path.of("/proc/loadavg");
    return Files.isReadable(load)
        ? String.join(" ", List.of(Files.readString(load).split(" ")).subList(0, 3))
        : "unknown";
  }

  /**
   * Bytes read and written per nanosecond (GB/s) where the C library copies 64 MB, as the best of
   * 25: it copies arrays of that size by non-temporal stores.
   */
  static double copyBandwidth(int threads) throws InterruptedException {
    long bytes = 64L << 20;
    double best = 0;
    try (Pointer from = new BytePointer(bytes * threads).fill(1);
        Pointer to = new BytePointer(bytes * threads).fill(2)) {
      for (int i = 0; i < 25; i++) {
        long start = System.nanoTime();
        List<Thread> copies = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
          long offset = bytes * t;
          Pointer a = new BytePointer(from).position(offset);
          Pointer b = new BytePointer(to).position(offset);
          copies.add(new Thread(() -> Pointer.memcpy(b, a, bytes)));
        }
        copies.forEach(Thread::start);
        for (Thread copy : copies) {
          copy.join();
        }
        best = Math.max(best, 2.0 * bytes * threads / (System.nanoTime() - start));
      }
    }
    return best;
  }
}
