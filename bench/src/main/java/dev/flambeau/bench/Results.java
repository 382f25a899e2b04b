package dev.flambeau.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** What was measured: nanoseconds of every iteration, and lines of text about the rest. */
final class Results {
  /** Which line, how many threads, whose column. */
  record Key(String work, int threads, String peer) {}

  private final Map<Key, List<Double>> times = new HashMap<>();

  /** Peers that ran, in order, with what each says of itself. */
  final Map<Peer, String> peers = new LinkedHashMap<>();

  /** Why a peer, or a peer's work, is left out. */
  final List<String> leftOut = new ArrayList<>();

  /** Memory, start-up and size: a table's rows. */
  final List<List<String>> costs = new ArrayList<>();

  final Map<Integer, Double> bandwidth = new HashMap<>();

  void add(Key key, double[] nanoseconds) {
    List<Double> list = times.computeIfAbsent(key, k -> new ArrayList<>());
    Arrays.stream(nanoseconds).forEach(list::add);
  }

  /** All iterations; null where the peer has none. */
  double[] of(Work work, int threads, Peer peer) {
    List<Double> list = times.get(new Key(work.name(), threads, peer.name()));
    return list == null ? null : list.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** Flambeau's median over that of the fastest peer. */
  OptionalDouble ratio(Work work, int threads) {
    double[] ours = of(work, threads, Peer.named(Peer.OURS));
    OptionalDouble best =
        peers.keySet().stream()
            .filter(p -> !p.floor() && !p.name().equals(Peer.OURS))
            .map(p -> of(work, threads, p))
            .filter(x -> x != null)
            .mapToDouble(Figures::median)
            .min();
    return ours == null || best.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(Figures.median(ours) / best.getAsDouble());
  }

  /** Flambeau's share of what the machine can do at most; nothing where the work is tiny. */
  OptionalDouble share(Work work, int threads, double gflops) {
    double[] ours = of(work, threads, Peer.named(Peer.OURS));
    if (ours == null) {
      return OptionalDouble.empty();
    }
    double ns = Figures.median(ours);
    if (work.flops() > 1e5) {
      return OptionalDouble.of(work.flops() / ns / (gflops * threads));
    }
    return work.bytes() > 0
        ? OptionalDouble.of(work.bytes() / ns / bandwidth.get(threads))
        : OptionalDouble.empty();
  }
}
