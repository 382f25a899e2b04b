package dev.flambeau.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every piece of work runs once, is right, and can be timed and shown. */
class SmokeTest {
  private static final Timed.Plan ONCE = new Timed.Plan(0, 1, 1);

  private final Reference reference = new Reference();
  private final Results results = new Results();

  @Test
  void everyWorkIsRightAndTimed(@TempDir Path folder) throws Exception {
    Options options = Options.parse("--peers", "flambeau,plain", "--threads", "1");
    results.bandwidth.put(1, 30.0);
    measure(Peer.named(Peer.OURS), new FlambeauEngine());
    int ours = Work.ALL.size();
    assertEquals(List.of(), results.leftOut);
    measure(Peer.named("plain"), new PlainJava());
    assertTrue(results.leftOut.size() < ours / 2, results.leftOut.toString());

    String text = new Report(options, results).text("0 0 0", "0 0 0", Machine.describe());
    for (Work work : Work.ALL) {
      assertTrue(text.contains("| " + work.name() + " | "), work.name());
    }
    Path chart = folder.resolve("results.png");
    new Chart(results, Work.ALL, 1).write(chart);
    assertTrue(ImageIO.read(chart.toFile()).getHeight() > 500);
    assertTrue(Files.size(chart) > 10_000);
  }

  private void measure(Peer peer, Engine engine) throws Exception {
    results.peers.put(peer, engine.start(1));
    Worker worker = new Worker(engine);
    for (Work work : Work.ALL) {
      double[] probes;
      try {
        probes = worker.check(work);
      } catch (UnsupportedOperationException e) {
        results.leftOut.add(peer.title() + ", " + work.name() + ": " + e.getMessage());
        continue;
      }
      assertNull(work.verdict(reference, probes), () -> peer.title() + ", " + work.name());
      double[] ns = worker.time(ONCE);
      assertTrue(ns.length == 1 && ns[0] > 0, work.name());
      results.add(new Results.Key(work.name(), 1, peer.name()), ns);
    }
  }

  @Test
  void aWrongResultIsSeen() {
    Work work = Work.named("matmul.16");
    double[] right = work.expected().apply(reference).get(0);
    double[] wrong = right.clone();
    wrong[7] += 0.01 * (1 + Math.abs(right[7]));
    assertNull(work.verdict(reference, right));
    assertTrue(work.verdict(reference, wrong).contains("off by 0.010"));
    assertTrue(work.verdict(reference, new double[1]).contains("Infinity"));
  }

  @Test
  void namesAreUnique() {
    List<String> names = new ArrayList<>(Work.ALL.stream().map(Work::name).distinct().toList());
    assertEquals(Work.ALL.size(), names.size());
  }
}
