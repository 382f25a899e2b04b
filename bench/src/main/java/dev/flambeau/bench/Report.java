package dev.flambeau.bench;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;

/** The results as Markdown. */
final class Report {
  private final Options options;
  private final Results results;
  private final StringBuilder text = new StringBuilder();

  Report(Options options, Results results) {
    this.options = options;
    this.results = results;
  }

  String text(String loadBefore, String loadAfter, String machine) {
    line("# Results");
    line("");
    line("Written by `bench/run " + options.text() + "` on " + LocalDate.now(ZoneOffset.UTC) + ".");
    line("");
    line("- Machine: " + machine + ".");
    line(
        "- Load average of 1, 5 and 15 minutes: "
            + loadBefore
            + " before, "
            + loadAfter
            + " after.");
    line(
        "  A quiet machine begins near 0 and ends near the number of threads; above that, others"
            + " worked too.");
    line(
        String.format(
            Locale.ROOT,
            "- Limits: %.0f GF/s a core (given), copy bandwidth %s (measured).",
            options.gflops(),
            bandwidths()));
    Timed.Plan plan = options.plan();
    line(
        "- Figures: the median (least to greatest) of %d iterations of %d ms, in µs; rounds: %d;"
            .formatted(plan.iterations() * options.rounds(), plan.millis(), options.rounds()));
    line(
        "  iterations of warm-up: %d, in the first round %d. Peers take turns, line by line."
            .formatted(plan.warmups(), Bench.FIRST * plan.warmups()));
    line("- **ratio**: Flambeau's median over the fastest peer's; below 1 Flambeau is ahead.");
    line("  Plain loops are a floor to look at, not a peer.");
    line(
        "- **limit**: Flambeau's share of what the machine can do at most; arrays that fit a cache");
    line("  can pass the bandwidth of memory.");
    line("");
    line("![Times as multiples of Flambeau's](results.png)");
    line("");
    Set<String> groups = new LinkedHashSet<>();
    options.works().forEach(w -> groups.add(w.group()));
    for (String group : groups) {
      for (int threads : options.threads()) {
        table(group, threads);
      }
    }
    costs();
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
    for (int threads : options.threads()) {
      double gigabytes = results.bandwidth.get(threads);
      all.add(String.format(Locale.ROOT, "%.1f GB/s with %d", gigabytes, threads));
    }
    return String.join(", ", all) + (options.threads().size() > 1 ? " threads" : " thread");
  }

  private void table(String group, int threads) {
    List<Work> works =
        options.works().stream()
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
    line("One thread. Start-up: from the process's start to the first step of A3 done, the median");
    line("of three; libraries are unpacked already. Peak: resident after 20 steps of A4. Growth:");
    line("resident size gained over steps of A3 in a plain loop where nothing is released, in 8");
    line("seconds, 200,000 steps or 6 GB. Jars: what a user of this platform downloads.");
    line("");
    head(List.of("peer", "start-up, ms", "peak, MB", "growth, MB", "jars, MB"));
    results.costs.forEach(this::row);
    line("");
  }

  private void about() {
    line("## Who was measured");
    line("");
    results.peers.forEach((peer, about) -> line("- " + peer.title() + ": " + about));
    if (!results.leftOut.isEmpty()) {
      line("");
      line("Left out:");
      line("");
      results.leftOut.forEach(why -> line("- " + why));
    }
  }
}
