package dev.flambeau.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What was measured. All of it comes in as lines of fields, which a journal keeps: a run can go on
 * where another stopped.
 */
final class Results {
  /** Which line, how many threads, whose column. */
  record Key(String work, int threads, String peer) {}

  /** Of a peer: start, first, peak or memory. */
  record Cost(String peer, String what) {}

  /** Median and 99th percentile in ns, alone or beside a busy neighbour. */
  record Tail(String work, String peer, boolean busy) {}

  private final Map<Key, double[]> times = new HashMap<>();
  private final Map<Key, String> refused = new LinkedHashMap<>();

  /** Peers that ran, in order, with what each says of itself. */
  final Map<Peer, String> peers = new LinkedHashMap<>();

  /** Why a peer is left out, or a line. */
  final Set<String> leftOut = new LinkedHashSet<>();

  final Map<Cost, double[]> costs = new HashMap<>();
  final Map<Tail, double[]> tails = new LinkedHashMap<>();
  final Map<Integer, Double> bandwidth = new TreeMap<>();

  /** Commands that brought this together, each with its day and the machine's load. */
  final Set<String> runs = new LinkedHashSet<>();

  private Path journal;

  /**
   * Keeps what comes in a file.
   *
   * @param resume whether to read what is there; otherwise the file begins anew
   */
  void open(Path file, boolean resume) throws IOException {
    if (resume && Files.exists(file)) {
      Files.readAllLines(file).forEach(line -> apply(line.split("\t", -1)));
    } else {
      Files.deleteIfExists(file);
    }
    journal = file;
  }

  /** Takes in a line; its first field is its kind. */
  void note(Object... fields) throws IOException {
    String[] line =
        Arrays.stream(fields)
            .map(f -> f instanceof double[] x ? numbers(x) : f.toString().replaceAll("\\s+", " "))
            .toArray(String[]::new);
    apply(line);
    if (journal != null) {
      Files.writeString(
          journal,
          String.join("\t", line) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
  }

  private static String numbers(double[] x) {
    return Arrays.stream(x).mapToObj(Double::toString).collect(Collectors.joining(" "));
  }

  private static double[] numbers(String text) {
    return Arrays.stream(text.split(" ")).mapToDouble(Double::parseDouble).toArray();
  }

  private void apply(String... f) {
    switch (f[0]) {
      case "run" -> runs.add(f[1]);
      case "peer" -> peers.put(Peer.named(f[1]), f[2]);
      case "time" -> times.put(new Key(f[1], Integer.parseInt(f[2]), f[3]), numbers(f[4]));
      case "refused" -> refused.put(new Key(f[1], Integer.parseInt(f[2]), f[3]), f[4]);
      case "cost" -> costs.put(new Cost(f[1], f[2]), numbers(f[3]));
      case "tail" -> tails.put(new Tail(f[1], f[2], Boolean.parseBoolean(f[3])), numbers(f[4]));
      case "bandwidth" -> bandwidth.merge(Integer.valueOf(f[1]), Double.valueOf(f[2]), Math::max);
      default -> throw new IllegalArgumentException("the journal has a line of kind " + f[0]);
    }
  }

  /** Whether the line is measured, or known to fail. */
  boolean knows(Key key) {
    return times.containsKey(key) || refused.containsKey(key);
  }

  /** All iterations; null where the peer has none. */
  double[] of(Work work, int threads, Peer peer) {
    return times.get(new Key(work.name(), threads, peer.name()));
  }

  /** What failed, why, and for whom; floors aside, of which nobody expects everything. */
  List<String> refusals() {
    Map<String, Set<String>> by = new LinkedHashMap<>();
    refused.forEach(
        (key, why) -> {
          Peer peer = Peer.named(key.peer);
          if (!peer.floor()) {
            by.computeIfAbsent(peer.title() + ": " + why, k -> new LinkedHashSet<>()).add(key.work);
          }
        });
    return by.entrySet().stream()
        .map(e -> e.getKey() + " (" + String.join(", ", e.getValue()) + ")")
        .toList();
  }

  /** The fastest peer's median; floors are no peers. */
  OptionalDouble best(Work work, int threads) {
    return peers.keySet().stream()
        .filter(p -> !p.floor() && !p.name().equals(Peer.OURS))
        .map(p -> of(work, threads, p))
        .filter(x -> x != null)
        .mapToDouble(Figures::median)
        .min();
  }

  /** Flambeau's median. */
  OptionalDouble ours(Work work, int threads) {
    double[] ns = of(work, threads, Peer.named(Peer.OURS));
    return ns == null ? OptionalDouble.empty() : OptionalDouble.of(Figures.median(ns));
  }

  /** Flambeau's median over that of the fastest peer. */
  OptionalDouble ratio(Work work, int threads) {
    OptionalDouble ours = ours(work, threads);
    OptionalDouble best = best(work, threads);
    return ours.isEmpty() || best.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(ours.getAsDouble() / best.getAsDouble());
  }

  /** Flambeau's share of what the machine can do at most; nothing where the work is tiny. */
  OptionalDouble share(Work work, int threads, double gflops) {
    OptionalDouble ours = ours(work, threads);
    if (ours.isEmpty()) {
      return ours;
    }
    double ns = ours.getAsDouble();
    if (work.flops() > 1e5) {
      return OptionalDouble.of(work.flops() / ns / (gflops * threads));
    }
    return work.bytes() > 0 && bandwidth.containsKey(threads)
        ? OptionalDouble.of(work.bytes() / ns / bandwidth.get(threads))
        : OptionalDouble.empty();
  }
}
