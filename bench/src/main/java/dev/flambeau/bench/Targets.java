package dev.flambeau.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;

/** What Flambeau aims at, from {@code targets.txt}, and how far it is. */
final class Targets {
  private static final double BEHIND = 1.05;

  /**
   * One work's targets.
   *
   * @param micros for 1 and 2 threads
   * @param peers the fastest peer's time on the same machine; NaN where it is not known
   */
  record Target(double[] micros, double[] peers) {
    /** The target as a ratio to the fastest peer. */
    OptionalDouble ratio(int threads) {
      double ratio = micros[threads - 1] / peers[threads - 1];
      return Double.isNaN(ratio) ? OptionalDouble.empty() : OptionalDouble.of(ratio);
    }
  }

  /** A target that is no time of a line. */
  private record Bound(String title, String what, double most, String unit) {}

  private static final List<Bound> BOUNDS =
      List.of(
          new Bound("JVM start to the first A3 step", Costs.START, 300, "ms"),
          new Bound("the same, first time ever", Costs.EVER, 1200, "ms"),
          new Bound("peak resident size of A4", Costs.PEAK, 140, "MB"),
          new Bound("jars of a linux-x86_64 user", Costs.JARS, 25, "MB"));

  private final Map<String, Target> all = new HashMap<>();
  private final Options options;
  private final Results results;
  private final List<String> lines = new ArrayList<>();

  Targets(Options options, Results results) throws IOException {
    this.options = options;
    this.results = results;
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                Targets.class.getResourceAsStream("targets.txt"), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (!line.startsWith("#")) {
          String[] f = line.split(" ");
          all.put(
              Work.named(f[0]).name(),
              new Target(
                  new double[] {number(f[1]), number(f[2])},
                  new double[] {number(f[3]), number(f[4])}));
        }
      }
    }
  }

  private static double number(String text) {
    return text.equals("-") ? Double.NaN : Double.parseDouble(text);
  }

  /** The section's lines; empty where nothing with a target was measured. */
  List<String> section() {
    List<Work> works =
        Work.ALL.stream()
            .filter(w -> all.containsKey(w.name()))
            .filter(w -> options.threads().stream().anyMatch(t -> ours(w, t).isPresent()))
            .toList();
    if (works.isEmpty()) {
      return lines;
    }
    lines.add("## Targets");
    lines.add("");
    lines.add("Set on a reference machine, with these peers; with " + threads() + " threads.");
    lines.add("**Ratio**: to the fastest peer, as the target has it and as measured here, since a");
    lines.add("slower machine changes the times of all. Met: in time, or else as a ratio; missed:");
    lines.add("by the smaller of the two distances.");
    lines.add("");
    lines.add("| work | target, µs | Flambeau, µs | ratio asked | ratio here | |");
    lines.add("| --- | --- | --- | --- | --- | --- |");
    for (Work work : works) {
      Target target = all.get(work.name());
      lines.add(
          "| "
              + String.join(
                  " | ",
                  work.name(),
                  each(t -> Figures.digits(target.micros[t - 1])),
                  each(t -> micros(ours(work, t))),
                  each(t -> two(target.ratio(t))),
                  each(t -> two(results.ratio(work, t))),
                  each(t -> verdict(work, target, t)))
              + " |");
    }
    lines.add("");
    bounds();
    others();
    return lines;
  }

  private String threads() {
    return String.join(" / ", options.threads().stream().map(t -> "" + t).toList());
  }

  private String each(Function<Integer, String> cell) {
    List<String> cells = options.threads().stream().filter(t -> t <= 2).map(cell).toList();
    return String.join(" / ", cells.stream().distinct().count() == 1 ? cells.subList(0, 1) : cells);
  }

  private OptionalDouble ours(Work work, int threads) {
    return results.ours(work, threads);
  }

  private static String micros(OptionalDouble ns) {
    return ns.isPresent() ? Figures.digits(ns.getAsDouble() / 1000) : "";
  }

  private static String two(OptionalDouble x) {
    return x.isPresent() ? String.format(Locale.ROOT, "%.2f", x.getAsDouble()) : "–";
  }

  private String verdict(Work work, Target target, int threads) {
    OptionalDouble ns = ours(work, threads);
    if (ns.isEmpty()) {
      return "not measured";
    }
    double off = ns.getAsDouble() / 1000 / target.micros[threads - 1];
    OptionalDouble asked = target.ratio(threads);
    OptionalDouble here = results.ratio(work, threads);
    if (off <= 1) {
      return "met";
    }
    if (asked.isPresent() && here.isPresent()) {
      double byRatio = here.getAsDouble() / asked.getAsDouble();
      if (byRatio <= 1) {
        return "met as a ratio";
      }
      off = Math.min(off, byRatio);
    }
    return missed(off);
  }

  private static String missed(double off) {
    return off < 2
        ? String.format(Locale.ROOT, "**missed by %.0f %%**", Math.ceil((off - 1) * 100))
        : String.format(Locale.ROOT, "**missed, %.1f times**", off);
  }

  private void bounds() {
    List<String> rows = new ArrayList<>();
    for (Bound bound : BOUNDS) {
      double[] x = results.costs.get(new Results.Cost(Peer.OURS, bound.what));
      if (x != null) {
        double got = Figures.median(x);
        String verdict = got <= bound.most ? "met" : missed(got / bound.most);
        rows.add(
            "| %s | %.0f %s | %s | %s |"
                .formatted(bound.title, bound.most, bound.unit, Figures.digits(got), verdict));
      }
    }
    double[] grown = results.costs.get(new Results.Cost(Peer.OURS, Costs.MEMORY));
    if (grown != null) {
      double late = grown[0] - grown[2];
      rows.add(
          "| growth in the second half of %s A3 steps, nothing released | level | %s MB | %s |"
              .formatted(
                  Figures.digits(grown[1]),
                  Figures.digits(late),
                  late < 10 ? "met" : "**missed**"));
    }
    if (!rows.isEmpty()) {
      lines.add("| | target | Flambeau | |");
      lines.add("| --- | --- | --- | --- |");
      lines.addAll(rows);
      lines.add("");
    }
  }

  /** Where no target is set: not behind the fastest peer. */
  private void others() {
    int count = 0;
    List<String> behind = new ArrayList<>();
    for (Work work : Work.ALL) {
      for (int threads : options.threads()) {
        OptionalDouble ratio = results.ratio(work, threads);
        if (!all.containsKey(work.name()) && ratio.isPresent()) {
          count++;
          if (ratio.getAsDouble() > BEHIND) {
            behind.add("%s with %d (%s)".formatted(work.name(), threads, two(ratio)));
          }
        }
      }
    }
    if (count > 0) {
      lines.add(
          "Every other line: not more than 5 % behind the fastest peer. "
              + (behind.isEmpty()
                  ? "All %d are met.".formatted(count)
                  : "Of %d, %d are missed (ratio): %s."
                      .formatted(count, behind.size(), String.join(", ", behind))));
      lines.add("");
    }
  }
}
