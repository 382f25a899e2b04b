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
    results.open(folder.resolve("results.tsv"), false);
    results.note("bandwidth", 1, 30.0);
    assertEquals(List.of(), measure(Peer.named(Peer.OURS), new FlambeauEngine()));
    List<String> not = measure(Peer.named("plain"), new PlainJava());
    assertTrue(not.size() < Work.ALL.size() * 2 / 3, not.toString());

    String text = new Report(options, results).text(Machine.describe(), "## Why\n");
    for (Work work : Work.ALL) {
      assertTrue(text.contains("| " + work.name() + " | "), work.name());
    }
    assertTrue(text.contains("## Targets") && text.contains("## Why"));
    Results again = new Results();
    again.open(folder.resolve("results.tsv"), true);
    assertEquals(text, new Report(options, again).text(Machine.describe(), "## Why\n"));
    Path chart = folder.resolve("results.png");
    new Chart(results, List.of(1)).write(chart);
    assertTrue(ImageIO.read(chart.toFile()).getHeight() > 500);
    assertTrue(Files.size(chart) > 10_000);
  }

  /** The names of what the engine refuses. */
  private List<String> measure(Peer peer, Engine engine) throws Exception {
    List<String> refused = new ArrayList<>();
    engine.start(1);
    results.note("peer", peer.name(), engine.about());
    Worker worker = new Worker(engine);
    for (Work work : Work.ALL) {
      double[] probes;
      try {
        probes = worker.check(work);
      } catch (UnsupportedOperationException e) {
        refused.add(work.name());
        continue;
      }
      assertNull(work.verdict(reference, probes), () -> peer.title() + ", " + work.name());
      double[] ns = worker.time(ONCE);
      assertTrue(ns.length == 1 && ns[0] > 0, work.name());
      results.note("time", work.name(), 1, peer.name(), ns);
    }
    return refused;
  }

  @Test
  void tailsAndMemoryAreAnswered() throws Exception {
    Engine engine = new FlambeauEngine();
    engine.start(1);
    Worker worker = new Worker(engine);
    for (String work : Neighbour.WORKS) {
      worker.answer(new String[] {"check", work});
      String[] tail = worker.answer("tail 1 1 1 5".split(" ")).split(" ");
      assertTrue(Double.parseDouble(tail[0]) <= Double.parseDouble(tail[1]), work);
    }
    String[] grown = worker.answer(new String[] {"memory", "0.1"}).split(" ");
    assertEquals(3, grown.length);
    assertTrue(Double.parseDouble(grown[1]) >= 500);
    assertTrue(Double.parseDouble(worker.answer(new String[] {"peak"})) > 10);
  }

  @Test
  void aPassivePeerIsTheSameWithSleepingThreads() {
    Peer peer = Peer.named("python-passive");
    assertEquals("PASSIVE", peer.environment().get("OMP_WAIT_POLICY"));
    assertEquals(Peer.named("python").engine(), peer.engine());
    Options.parse("--peers", "all").peers().forEach(p -> assertEquals(p, Peer.named(p.name())));
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
