package dev.flambeau.fuzz;

import dev.flambeau.Resources;
import java.util.ArrayList;
import java.util.List;

/**
 * The seeds that every build runs: {@code fuzz/seeds.txt} has a range for each kind of program, and
 * seeds that failed once, with what was wrong.
 */
public final class Seeds {
  /** {@code count} seeds from {@code first} on. */
  public record Range(long first, long count) {}

  private Seeds() {}

  /** Whether {@code -Pfuzz} asks for seeds of its own. */
  public static boolean areNew() {
    return Long.getLong("flambeau.fuzz.count", 0) > 0;
  }

  /** The ranges of a kind: those of {@code -Pfuzz}, else the fixed ones. */
  public static List<Range> of(String kind) {
    long count = Long.getLong("flambeau.fuzz.count", 0);
    if (count > 0) {
      String only = System.getProperty("flambeau.fuzz.kind", "");
      long first =
          Long.getLong("flambeau.fuzz.first", System.currentTimeMillis() / 1000 * 1_000_000);
      boolean wanted = only.isEmpty() || only.equals(kind);
      return wanted ? List.of(new Range(first, count)) : List.of();
    }
    List<Range> ranges = new ArrayList<>();
    for (String line : Resources.lines("fuzz/seeds.txt")) {
      String[] words = line.split("#")[0].strip().split("\\s+");
      if (words[0].equals(kind)) {
        ranges.add(
            new Range(Long.parseLong(words[1]), words.length < 3 ? 1 : Long.parseLong(words[2])));
      }
    }
    return ranges;
  }
}
