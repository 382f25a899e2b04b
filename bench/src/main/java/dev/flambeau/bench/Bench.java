package dev.flambeau.bench;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * Measures Flambeau beside its peers. Every peer waits in a process of its own, and they take turns
 * benchmark by benchmark, each round from another one on: a drift of the machine hits all alike. A
 * result is compared with {@link Reference} before it is timed.
 */
public final class Bench {
  private static final PrintStream OUT = System.out;
  private static final double MEMORY_SECONDS = 8;

  /** The first round warms up this many times as long: the JVM compiles then. */
  static final int FIRST = 5;

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
    String before = Machine.load();
    for (int threads : options.threads()) {
      results.bandwidth.put(threads, Machine.copyBandwidth(threads));
    }
    long end = System.nanoTime() + options.minutes() * 60_000_000_000L;
    if (options.costs()) {
      costs();
    }
    List<Remote> remotes = start();
    List<Work> works = options.works();
    // The cheapest first: should time run out, it runs out on the few that take longest.
    List<Work> order = new ArrayList<>(works);
    order.sort(Comparator.comparingDouble(w -> w.flops() + 10 * w.bytes()));
    for (Work work : order) {
      if (System.nanoTime() > end) {
        results.leftOut.add(work.name() + ", for want of time");
        continue;
      }
      measure(work, remotes);
    }
    remotes.forEach(Remote::close);
    String text = new Report(options, results).text(before, Machine.load(), Machine.describe());
    Files.writeString(home.resolve("RESULTS.md"), text);
    new Chart(results, works, options.threads().get(0)).write(home.resolve("results.png"));
    OUT.println("written: " + home.resolve("RESULTS.md") + " and results.png");
  }

  private List<Remote> start() {
    List<Remote> remotes = new ArrayList<>();
    for (Peer peer : options.peers()) {
      for (int threads : options.threads()) {
        try {
          Remote remote = new Remote(peer, threads, home, log);
          remotes.add(remote);
          results.peers.putIfAbsent(peer, remote.about);
        } catch (IOException e) {
          leaveOut(peer.title() + " with " + threads + " threads: " + e.getMessage());
        }
      }
    }
    return remotes;
  }

  private void leaveOut(String what) {
    results.leftOut.add(what);
    OUT.println("left out: " + what);
  }

  private void measure(Work work, List<Remote> remotes) {
    List<Remote> turns = new ArrayList<>(remotes);
    for (int round = 0; round < options.rounds(); round++) {
      for (Remote remote : List.copyOf(turns)) {
        String why = turn(work, remote, round == 0 ? FIRST : 1);
        if (why != null) {
          turns.remove(remote);
          // Of a floor nobody expects that it does everything.
          if (!remote.peer.floor()) {
            leaveOut(remote.peer.title() + ", " + work.name() + ", " + remote.threads + ": " + why);
          }
        }
      }
      Collections.rotate(turns, -2);
    }
    StringBuilder line = new StringBuilder(work.name());
    for (Remote remote : remotes) {
      double[] ns = results.of(work, remote.threads, remote.peer);
      if (ns != null) {
        line.append("  ").append(remote.peer.name()).append('/').append(remote.threads);
        line.append(' ').append(Figures.digits(Figures.median(ns) / 1000));
      }
    }
    OUT.println(line);
  }

  /** Null, or why there is no time. */
  private String turn(Work work, Remote remote, int warmer) {
    Timed.Plan plan = options.plan();
    try {
      String wrong = work.verdict(reference, remote.ask("check " + work.name()));
      if (wrong != null) {
        return wrong;
      }
      double[] ns =
          remote.ask(
              "time " + warmer * plan.warmups() + " " + plan.iterations() + " " + plan.millis());
      results.add(new Results.Key(work.name(), remote.threads, remote.peer.name()), ns);
      return null;
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  /** What is asked of a fresh process each. */
  private void costs() {
    for (Peer peer : options.peers()) {
      List<String> row = new ArrayList<>();
      row.add(peer.title());
      List<Double> starts = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        long now = System.currentTimeMillis();
        double[] ms = fresh(peer, "first " + now);
        if (ms != null) {
          starts.add(ms[0]);
        }
      }
      if (starts.isEmpty()) {
        continue;
      }
      double[] ms = starts.stream().mapToDouble(Double::doubleValue).toArray();
      row.add(Figures.digits(Figures.median(ms)));
      double[] peak = peer.floor() ? null : fresh(peer, "peak");
      row.add(peak == null ? "" : Figures.digits(peak[0]));
      double[] memory = fresh(peer, "memory " + MEMORY_SECONDS);
      row.add(
          memory == null
              ? ""
              : Figures.digits(memory[0]) + " in " + Figures.digits(memory[1]) + " steps");
      row.add(jars(peer));
      results.costs.add(row);
      OUT.println(String.join("  ", row));
    }
  }

  private String jars(Peer peer) {
    try {
      double megabytes = peer.floor() ? Double.NaN : peer.jars(home);
      return Double.isNaN(megabytes) ? "" : Figures.digits(megabytes);
    } catch (IOException e) {
      return "";
    }
  }

  private double[] fresh(Peer peer, String command) {
    try (Remote remote = new Remote(peer, 1, home, log)) {
      return remote.ask(command);
    } catch (IOException e) {
      OUT.println(peer.title() + ", " + command + ": " + e.getMessage());
      return null;
    }
  }
}
