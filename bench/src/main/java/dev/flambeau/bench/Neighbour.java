package dev.flambeau.bench;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/** How long single runs take on as many threads as there are cores, while another program works. */
final class Neighbour {
  static final List<String> WORKS = List.of("relu.1M", "step.A3", "step.A1");
  private static final List<String> PEERS =
      List.of(Peer.OURS, "libtorch", "libtorch-passive", "tensorflow");
  private static final int THREADS = 2;
  private static final int MILLIS = 2000;
  private static final PrintStream OUT = System.out;

  private Neighbour() {}

  static void measure(List<Peer> peers, Timed.Plan plan, Path home, File log, Results results)
      throws IOException {
    for (Peer peer : peers) {
      if (!PEERS.contains(peer.name())) {
        continue;
      }
      try (Remote remote = new Remote(peer, THREADS, peer.command(home, THREADS), log)) {
        for (String work : WORKS) {
          if (!results.tails.containsKey(new Results.Tail(work, peer.name(), true))) {
            remote.ask("check " + work);
            for (boolean busy : new boolean[] {false, true}) {
              double[] ns = tail(remote, plan, busy);
              results.note("tail", work, peer.name(), busy, ns);
            }
          }
        }
      } catch (IOException e) {
        OUT.println(peer.title() + ", with a neighbour: " + e.getMessage());
      }
    }
  }

  private static double[] tail(Remote remote, Timed.Plan plan, boolean busy) throws IOException {
    Thread neighbour = new Thread(Neighbour::work, "neighbour");
    neighbour.setDaemon(true);
    if (busy) {
      neighbour.start();
    }
    try {
      return remote.ask(
          "tail %d %d %d %d".formatted(plan.warm(), plan.iterations(), plan.millis(), MILLIS));
    } finally {
      neighbour.interrupt();
    }
  }

  private static void work() {
    double x = 1;
    while (!Thread.currentThread().isInterrupted() && x > 0) {
      for (int i = 0; i < 1000; i++) {
        x = x * 0.999 + 0.001;
      }
    }
  }
}
