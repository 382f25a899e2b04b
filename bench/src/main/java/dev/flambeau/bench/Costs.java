package dev.flambeau.bench;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What is asked of fresh processes: start-up, peak and growth of memory, and the jars' size. */
final class Costs {
  static final String START = "start-up";
  static final String EVER = "first start-up ever";
  static final String PEAK = "peak of memory";
  static final String MEMORY = "growth of memory";
  static final String JARS = "jars";
  static final int STARTS = 5;
  static final int EVERS = 3;

  /** Flambeau does all steps: it has so many times as long as a peer. */
  private static final int OURS = 10;

  private static final PrintStream OUT = System.out;

  private final List<Peer> peers;
  private final int seconds;
  private final Path home;
  private final File log;
  private final Results results;

  Costs(List<Peer> peers, int seconds, Path home, File log, Results results) {
    this.peers = peers;
    this.seconds = seconds;
    this.home = home;
    this.log = log;
    this.results = results;
  }

  void measure() throws IOException {
    starts(START, STARTS, peers);
    starts(EVER, EVERS, peers.stream().filter(Peer::unpacks).toList());
    for (Peer peer : peers) {
      if (peer.floor()) {
        continue;
      }
      fresh(peer, PEAK, "peak");
      int most = peer.name().equals(Peer.OURS) ? OURS * seconds : seconds;
      fresh(peer, MEMORY, "memory " + most);
      double megabytes = peer.jars(home);
      if (!Double.isNaN(megabytes)) {
        results.note("cost", peer.name(), JARS, new double[] {megabytes});
      }
    }
  }

  private boolean known(Peer peer, String what) {
    return results.costs.containsKey(new Results.Cost(peer.name(), what))
        || results.knows(new Results.Key(what, 1, peer.name()));
  }

  /** Peers take turns. */
  private void starts(String what, int count, List<Peer> all) throws IOException {
    List<Peer> asked = all.stream().filter(p -> !known(p, what)).toList();
    List<List<Double>> times = new ArrayList<>();
    asked.forEach(p -> times.add(new ArrayList<>()));
    for (int i = 0; i < count; i++) {
      for (int p = 0; p < asked.size(); p++) {
        try {
          times.get(p).add(start(asked.get(p), what));
        } catch (IOException e) {
          if (i == 0) {
            results.note("refused", what, 1, asked.get(p).name(), e.getMessage());
          }
        }
      }
    }
    for (int p = 0; p < asked.size(); p++) {
      double[] ms = times.get(p).stream().mapToDouble(Double::doubleValue).toArray();
      if (ms.length > 0) {
        results.note("cost", asked.get(p).name(), what, ms);
        OUT.println(asked.get(p).title() + ", " + what + ": " + Figures.median(ms) + " ms");
      }
    }
  }

  private double start(Peer peer, String what) throws IOException {
    Path cache = what.equals(EVER) ? Files.createTempDirectory("flambeau-bench") : null;
    try {
      List<String> command = peer.firstCommand(home, cache);
      long now = System.currentTimeMillis();
      try (Remote remote = new Remote(peer, 1, command, log)) {
        return Double.parseDouble(remote.about) - now;
      }
    } finally {
      if (cache != null) {
        delete(cache);
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private void fresh(Peer peer, String what, String command) throws IOException {
    if (known(peer, what)) {
      return;
    }
    try (Remote remote = new Remote(peer, 1, peer.freshCommand(home), log)) {
      double[] x = remote.ask(command);
      results.note("cost", peer.name(), what, x);
      OUT.println(peer.title() + ", " + what + ": " + Figures.digits(x[0]) + " MB");
    } catch (IOException e) {
      results.note("refused", what, 1, peer.name(), e.getMessage());
    }
  }
}
