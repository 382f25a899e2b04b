package dev.flambeau.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a process holds of the machine's memory, as Linux tells. */
final class Memory {
  static final int STEPS = 200_000;
  static final int MOST = 9000;
  private static final int FIRST = 200;
  private static final int STRIDE = 500;

  private Memory() {}

  /**
   * Steps of A3 in a plain loop that gives nothing back, until there were {@value #STEPS}, the
   * process has grown by {@value #MOST} MB, the time is up, or memory is.
   *
   * @return megabytes grown, steps done, and megabytes grown at half of them
   */
  static double[] growth(Engine engine, double seconds) throws IOException {
    try (Task steps = engine.train(Net.named("A3"), false)) {
      for (int i = 0; i < FIRST; i++) {
        steps.run();
      }
      double before = megabytes("VmRSS");
      long end = System.nanoTime() + (long) (seconds * 1e9);
      List<Double> grown = new ArrayList<>(List.of(0.0));
      try {
        while (grown.size() <= STEPS / STRIDE
            && System.nanoTime() < end
            && grown.get(grown.size() - 1) < MOST) {
          for (int i = 0; i < STRIDE; i++) {
            steps.run();
          }
          grown.add(megabytes("VmRSS") - before);
        }
      } catch (OutOfMemoryError e) {
        // The library's own bound: what was reached tells enough.
      }
      int n = grown.size() - 1;
      return new double[] {grown.get(n), n * (double) STRIDE, grown.get(n / 2)};
    }
  }

  /** Megabytes resident at most, 20 steps of A4 included. */
  static double peak(Engine engine) throws IOException {
    try (Task steps = engine.train(Net.named("A4"), true)) {
      for (int i = 0; i < 20; i++) {
        steps.run();
      }
      return megabytes("VmHWM");
    }
  }

  private static double megabytes(String key) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith(key + ":")) {
        return Double.parseDouble(line.replaceAll("\\D", "")) / 1024;
      }
    }
    throw new UnsupportedOperationException("this system does not tell " + key);
  }
}
