package dev.flambeau.bench;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures Flambeau beside its peers. Every peer waits in a process of its own, and they take turns
 * benchmark by benchmark, each round from another one on: a drift of the machine hits all alike. A
 * result is compared with {@link Reference} before it is timed.
 */
public final class Bench {
  private static final PrintStream OUT = System.out;

  /** Later rounds find a warm JVM: so many ms of warm-up at most. */
  static final int AGAIN = 100;

  private final Options options;
  private final Path home;
  private final File log;
  private final Results results = new Results();
  private final Reference reference = new Reference();

  private Bench(Options options, Path home) {
    this.options = options;
    this.home = home;
    log = home.resolve("target/workers.log").toFile();
  }

  /** As {@link Options#USAGE} says; the property {@code bench.home} names the folder. */
  public static void main(String[] args) throws Exception {
    if (List.of(args).contains("--help")) {
      OUT.print(Options.USAGE);
      return;
    }
    Options options;
    try {
      options = Options.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    Path home = Path.of(System.getProperty("bench.home", "bench"));
    new Bench(options, home).run();
    System.exit(0);
  }

  private void run() throws IOException, InterruptedException {
    results.open(home.resolve("target/results.tsv"), options.resume());
    String before = Machine.load();
    long end = System.nanoTime() + options.minutes() * 60_000_000_000L;
    if (options.minutes() > 0) {
      for (int threads : options.threads()) {
        results.note("bandwidth", threads, Machine.copyBandwidth(threads));
      }
      if (options.costs()) {
        new Costs(
                options.peers().stream().filter(p -> !p.passive()).toList(),
                options.seconds(),
                home,
                log,
                results)
            .measure();
      }
      lines(end);
      if (options.neighbour() && System.nanoTime() < end) {
        Neighbour.measure(options.peers(), options.plan(), home, log, results);
      }
      results.note(
          "run",
          "`bench/run %s` on %s; load average of 1, 5 and 15 minutes: %s before, %s after"
              .formatted(options.text(), LocalDate.now(ZoneOffset.UTC), before, Machine.load()));
    }
    StringBuilder notes = new StringBuilder();
    for (String name : new String[] {"NOTES.md", "GPU.md"}) {
      Path file = home.resolve(name);
      if (Files.exists(file)) {
        notes.append(Files.readString(file)).append('\n');
      }
    }
    String text = new Report(options, results).text(Machine.describe(), notes.toString());
    Files.writeString(home.resolve("RESULTS.md"), text);
    new Chart(results, options.threads()).write(home.resolve("results.png"));
    OUT.println("written: " + home.resolve("RESULTS.md") + " and results.png");
  }

  private void lines(long end) throws IOException {
    // The cheapest first: should time run out, it runs out on the few that take longest.
    List<Work> order = new ArrayList<>(options.works());
    order.sort(Comparator.comparingDouble(w -> w.flops() + 10 * w.bytes()));
    List<Remote> remotes = start();
    for (Work work : order) {
      if (System.nanoTime() < end) {
        measure(work, remotes);
      } else {
        results.leftOut.add(work.name() + ", for want of time");
      }
    }
    remotes.forEach(Remote::close);
  }

  private List<Remote> start() throws IOException {
    List<Remote> remotes = new ArrayList<>();
    for (Peer peer : options.peers()) {
      for (int threads : options.threads()) {
        if (peer.floor() && threads > 1) {
          continue;
        }
        try {
          Remote remote = new Remote(peer, threads, peer.command(home, threads), log);
          remotes.add(remote);
          results.note("peer", peer.name(), remote.about);
        } catch (IOException e) {
          String why = peer.title() + ", threads: " + threads + ": " + e.getMessage();
          results.leftOut.add(why);
          OUT.println("left out: " + why);
        }
      }
    }
    return remotes;
  }

  private static Results.Key key(Work work, Remote remote) {
    return new Results.Key(work.name(), remote.threads, remote.peer.name());
  }

  private void measure(Work work, List<Remote> remotes) throws IOException {
    Map<Remote, List<Double>> times = new LinkedHashMap<>();
    for (Remote remote : remotes) {
      if (!results.knows(key(work, remote))) {
        times.put(remote, new ArrayList<>());
      }
    }
    long start = System.nanoTime();
    List<Remote> turns = new ArrayList<>(times.keySet());
    for (int round = 0; round < options.rounds(); round++) {
      for (Remote remote : List.copyOf(turns)) {
        String why = turn(work, remote, round == 0, times.get(remote));
        if (why != null) {
          turns.remove(remote);
          times.remove(remote);
          results.note("refused", work.name(), remote.threads, remote.peer.name(), why);
        }
      }
      Collections.rotate(turns, -2);
    }
    StringBuilder line = new StringBuilder(work.name());
    for (Map.Entry<Remote, List<Double>> entry : times.entrySet()) {
      Remote remote = entry.getKey();
      double[] ns = entry.getValue().stream().mapToDouble(Double::doubleValue).toArray();
      results.note("time", work.name(), remote.threads, remote.peer.name(), ns);
      line.append("  ").append(remote.peer.name()).append('/').append(remote.threads);
      line.append(' ').append(Figures.digits(Figures.median(ns) / 1000));
    }
    OUT.println(line + "  [" + (System.nanoTime() - start) / 1_000_000_000L + " s]");
  }

  /** Null, or why there is no time. A worker keeps its work between rounds. */
  private String turn(Work work, Remote remote, boolean first, List<Double> times) {
    Timed.Plan plan = options.plan();
    try {
      if (first) {
        double[] got = remote.ask("check " + work.name());
        boolean comparable = got.length > 0 || !remote.peer.floor();
        String wrong = comparable ? work.verdict(reference, got) : null;
        if (wrong != null) {
          return wrong;
        }
      }
      int warm = first ? work.patience() * plan.warm() : Math.min(AGAIN, plan.warm());
      double[] ns = remote.ask("time %d %d %d".formatted(warm, plan.iterations(), plan.millis()));
      Arrays.stream(ns).forEach(times::add);
      return null;
    } catch (IOException e) {
      return e.getMessage();
    }
  }
}
