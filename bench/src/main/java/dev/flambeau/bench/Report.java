package dev.flambeau.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;

/** The results as Markdown. */
final class Report {
  private final Options options;
  private final Results results;
  private final StringBuilder text = new StringBuilder();

  Report(Options options, Results results) {
    this.options = options;
    this.results = results;
  }

  /**
   * All of it.
   *
   * @param notes what a person has to say about it, and what a GPU did, as sections of their own
   */
  String text(String machine, String notes) throws IOException {
    line("# Results");
    line("");
    line("This file is written by the command below, with the text of `NOTES.md` and, for GPUs,");
    line("of `GPU.md`.");
    line("");
    results.runs.forEach(run -> line("- " + run + "."));
    line("- Machine: " + machine + ".");
    line("  An idle one begins with a load near 0 and ends near the number of threads; more means");
    line("  that other programs ran.");
    line(
        String.format(
            Locale.ROOT,
            "- Limits: %.0f GF/s a core (given), copy bandwidth %s (measured).",
            options.gflops(),
            bandwidths()));
    Timed.Plan plan = options.plan();
    line(
        "- Figures: the median (least to greatest) of %d rounds of %d iterations of %d ms, in µs."
            .formatted(options.rounds(), plan.iterations(), plan.millis()));
    line("  Slow work gets fewer iterations. Peers take turns, line by line. Warm-up: until three");
    line(
        "  slices agree within 5 to 15 %%, at first %.1f s at most (steps: thrice), then %.1f s."
            .formatted(plan.warm() / 1e3, Bench.AGAIN / 1e3));
    line("- **ratio**: Flambeau's median over the fastest peer's; below 1 Flambeau is ahead.");
    line("  Plain loops and Smile are floors for comparison, not peers.");
    line(
        "- **limit**: Flambeau's share of what the machine can do at most; arrays that fit a"
            + " cache can");
    line("  exceed the bandwidth of memory.");
    line("");
    line("![Times as multiples of Flambeau's](results.png)");
    line("");
    new Targets(options, results).section().forEach(this::line);
    if (!notes.isBlank()) {
      line(notes.strip());
      line("");
    }
    costs();
    neighbour();
    Set<String> groups = new LinkedHashSet<>();
    Work.ALL.forEach(w -> groups.add(w.group()));
    for (String group : groups) {
      for (int threads : options.threads()) {
        table(group, threads);
      }
    }
    about();
    return text.toString();
  }

  private void line(String s) {
    text.append(s).append('\n');
  }

  private void row(List<String> cells) {
    line("| " + String.join(" | ", cells) + " |");
  }

  private void head(List<String> cells) {
    row(cells);
    line("|" + " --- |".repeat(cells.size()));
  }

  private String bandwidths() {
    List<String> all = new ArrayList<>();
    results.bandwidth.forEach(
        (threads, gigabytes) ->
            all.add(String.format(Locale.ROOT, "%.1f GB/s with %d", gigabytes, threads)));
    return String.join(", ", all) + (all.size() > 1 ? " threads" : " thread");
  }

  private void table(String group, int threads) {
    List<Work> works =
        Work.ALL.stream()
            .filter(w -> w.group().equals(group))
            .filter(w -> results.peers.keySet().stream().anyMatch(p -> has(w, threads, p)))
            .toList();
    List<Peer> peers =
        results.peers.keySet().stream()
            .filter(p -> works.stream().anyMatch(w -> has(w, threads, p)))
            .toList();
    if (works.isEmpty()) {
      return;
    }
    line("## " + group + ", " + threads + (threads == 1 ? " thread" : " threads"));
    line("");
    List<String> titles = new ArrayList<>(List.of("work"));
    peers.forEach(p -> titles.add(p.title()));
    titles.addAll(List.of("ratio", "limit"));
    head(titles);
    for (Work work : works) {
      List<String> cells = new ArrayList<>(List.of(work.name()));
      for (Peer peer : peers) {
        cells.add(has(work, threads, peer) ? cell(results.of(work, threads, peer)) : "");
      }
      OptionalDouble ratio = results.ratio(work, threads);
      cells.add(
          ratio.isPresent() ? String.format(Locale.ROOT, "**%.2f**", ratio.getAsDouble()) : "");
      OptionalDouble share = results.share(work, threads, options.gflops());
      cells.add(
          share.isPresent()
              ? String.format(Locale.ROOT, "%.0f %%", share.getAsDouble() * 100)
              : "");
      row(cells);
    }
    line("");
  }

  private boolean has(Work work, int threads, Peer peer) {
    return results.of(work, threads, peer) != null;
  }

  private static String cell(double[] ns) {
    double[] x = ns.clone();
    Arrays.sort(x);
    return Figures.digits(Figures.median(x) / 1000)
        + " ("
        + Figures.digits(x[0] / 1000)
        + "–"
        + Figures.digits(x[x.length - 1] / 1000)
        + ")";
  }

  private void costs() {
    if (results.costs.isEmpty()) {
      return;
    }
    line("## Start-up, memory, size");
    line("");
    line("One thread, a fresh JVM with the options it comes with. Start-up: from the process's");
    line(
        "start to the first step of A3 done, the median (least to greatest) of %d. First time: the"
            .formatted(Costs.STARTS));
    line(
        "same where libraries have yet to be unpacked from their jars, of %d. Peak: resident after"
            .formatted(Costs.EVERS));
    line("20 steps of A4. Growth: resident size gained over steps of A3 in a plain loop where");
    line(
        "nothing is released, until %,d steps, %,d MB or (others) %d s. Jars: what a user of this"
            .formatted(Memory.STEPS, Memory.MOST, options.seconds()));
    line("platform downloads.");
    line("");
    head(
        List.of(
            "peer",
            "start-up, ms",
            "first time, ms",
            "peak, MB",
            "growth, MB",
            "steps",
            "in the second half, MB",
            "jars, MB"));
    for (Peer peer : results.peers.keySet()) {
      if (peer.passive()) {
        continue;
      }
      Function<String, double[]> of = w -> results.costs.get(new Results.Cost(peer.name(), w));
      double[] memory = of.apply(Costs.MEMORY);
      row(
          List.of(
              peer.title(),
              spread(of.apply(Costs.START)),
              spread(of.apply(Costs.EVER)),
              single(of.apply(Costs.PEAK)),
              memory == null ? "" : Figures.digits(memory[0]),
              memory == null ? "" : String.format(Locale.ROOT, "%,.0f", memory[1]),
              memory == null ? "" : Figures.digits(memory[0] - memory[2]),
              single(of.apply(Costs.JARS))));
    }
    line("");
  }

  private static String spread(double[] x) {
    return x == null ? "" : cell(Arrays.stream(x).map(ms -> ms * 1000).toArray());
  }

  private static String single(double[] x) {
    return x == null ? "" : Figures.digits(x[0]);
  }

  private void neighbour() {
    if (results.tails.isEmpty()) {
      return;
    }
    line("## With a busy neighbour");
    line("");
    line("Single runs with 2 threads for 2 s, alone and while another program keeps one thread");
    line("of the machine busy: median and 99th percentile, in µs.");
    line("");
    head(List.of("work", "peer", "alone", "p99", "with a neighbour", "p99"));
    for (String work : Neighbour.WORKS) {
      for (Peer peer : results.peers.keySet()) {
        double[] alone = results.tails.get(new Results.Tail(work, peer.name(), false));
        double[] busy = results.tails.get(new Results.Tail(work, peer.name(), true));
        if (alone != null && busy != null) {
          row(
              List.of(
                  work,
                  peer.title(),
                  Figures.digits(alone[0] / 1000),
                  Figures.digits(alone[1] / 1000),
                  Figures.digits(busy[0] / 1000),
                  Figures.digits(busy[1] / 1000)));
        }
      }
    }
    line("");
  }

  private void about() {
    line("## Who was measured");
    line("");
    results.peers.forEach((peer, about) -> line("- " + peer.title() + ": " + about));
    List<String> left = new ArrayList<>(results.leftOut);
    left.addAll(results.refusals());
    if (!left.isEmpty()) {
      line("");
      line("Left out:");
      line("");
      left.forEach(why -> line("- " + why));
    }
  }
}
