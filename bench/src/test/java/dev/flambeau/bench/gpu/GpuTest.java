package dev.flambeau.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Device;
import dev.flambeau.Scope;
import dev.flambeau.bench.Peer;
import dev.flambeau.bench.Remote;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The work for GPUs runs, here on the CPU, and its results are judged as they should. */
class GpuTest {
  private static GpuLine line(String name) {
    return GpuLine.ALL.stream().filter(l -> l.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void everyLineRuns() {
    GpuWork work = new GpuWork(Device.cpu());
    for (GpuLine line : GpuLine.ALL) {
      if (line.dtype().equals(GpuLine.BFLOAT16)) {
        continue; // the CPU does not compute with it
      }
      String[] words = line.shrunk(4096).command().split(" ");
      long[] dims = List.of(words[2].split(",")).stream().mapToLong(Long::parseLong).toArray();
      try (var scope = Scope.open()) {
        Runnable run = work.prepare(words[0], words[1], dims);
        run.run();
        run.run();
      }
    }
    assertEquals(GpuLine.ALL.size(), GpuLine.ALL.stream().map(GpuLine::name).distinct().count());
  }

  @Test
  void jmhsWorkRuns() {
    DeviceBenchmark benchmark = new DeviceBenchmark();
    benchmark.device = "cpu";
    benchmark.prepare();
    benchmark.drain();
    benchmark.enqueueRelu();
    benchmark.enqueueAdd();
    benchmark.createAndRelease();
    benchmark.latency();
    benchmark.step();
    benchmark.release();
  }

  @Test
  void targetsAreJudged() {
    GpuSection section = new GpuSection();
    GpuLine copy = line("copy.64M");
    GpuLine add = line("add.64M");
    GpuLine product = line("matmul.1024");
    GpuLine upload = line("upload.64M");
    for (GpuLine l : List.of(copy, add, line("relu.64M"), product, upload)) {
      section.begin(l);
    }
    assertFalse(section.complete());
    section.measured(copy, GpuSection.OURS, 500_000);
    section.measured(copy, GpuSection.THEIRS, 400_000);
    section.measured(add, GpuSection.OURS, 750_000);
    section.measured(product, GpuSection.OURS, 100_000);
    section.measured(product, GpuSection.FALLBACK, 150_000);
    section.measured(product, GpuSection.THEIRS, 96_000);
    section.measured(upload, GpuSection.OURS, 6e6);
    section.bus(64);
    section.grew(add, 2048);
    String text = section.text();
    for (String part :
        new String[] {
          "copies move 1,342 GB/s",
          "driver allocate: add.64M, 2,048 bytes",
          "- targets: 1 met, 4 missed, 1 not judged",
          "  - missed: copy.64M: 0.800x (not behind)\n",
          "  - missed: matmul.1024: 0.960x (within 3 %)\n",
          "  - missed: upload.64M: 70 % (90 % of the bus)\n",
          "| copy.64M | 500 | 400 | 0.800 | 80 % | not behind | missed |",
          "| add.64M | 750 | - |  | 80 % | 90 % of a copy | missed |",
          "| relu.64M | - | - |  |  | 90 % of a copy | to be measured |",
          "| matmul.1024 | 100 | 96.0 | 0.960 | 21.5 TFLOP/s | within 3 % | missed |",
          "our own kernel | 150 | 96.0 | 0.640 | 14.3 TFLOP/s | 60 % of cuBLAS | met |",
          "| upload.64M | 6,000 | - |  | 44.7 GB/s | 90 % of the bus | missed |"
        }) {
      assertTrue(text.contains(part), () -> "lacks\n" + part + "\nin\n" + text);
    }
    assertTrue(GpuTarget.micros(2.5).met(2.4) && !GpuTarget.micros(2.5).met(Double.NaN));
    assertTrue(GpuTarget.pytorch(1).met(0.98) && !GpuTarget.pytorch(4).met(3.9));
  }

  // ---- workers that do not work

  /** A worker that is ready and never answers. */
  static final class Silent {
    public static void main(String[] args) throws InterruptedException {
      System.out.println("@ silent");
      Thread.sleep(Duration.ofMinutes(5).toMillis());
    }
  }

  private static List<String> silent() {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String path = Path.of("target", "test-classes").toAbsolutePath().toString();
    return List.of(java, "-cp", path, Silent.class.getName());
  }

  @Test
  void aWorkerThatDoesNotAnswerIsEnded(@TempDir Path folder) throws Exception {
    File log = folder.resolve("log").toFile();
    Duration start = Duration.ofSeconds(60);
    Remote remote =
        new Remote(Peer.named("python"), 1, silent(), log, start, Duration.ofMillis(300));
    assertEquals("silent", remote.about);
    long before = System.nanoTime();
    IOException e = assertThrows(IOException.class, () -> remote.ask("copy float32 16"));
    assertEquals("no answer within 0.3 s", e.getMessage());
    remote.close(); // waits 5 s for a process that still lives
    assertTrue(System.nanoTime() - before < 5e9);
  }

  /** It leaves the lines that it has measured, and no process. */
  @Test
  void aBenchmarkThatIsEndedLeavesWhatItHas(@TempDir Path folder) throws Exception {
    List<String> python = silent();
    Path arguments = folder.resolve("arguments");
    Files.writeString(
        arguments, "-cp \"" + python.get(2).replace('\\', '/') + "\" " + python.get(3));
    Path file = folder.resolve("gpu.md");
    Process bench =
        new ProcessBuilder(
                python.get(0),
                "--enable-native-access=ALL-UNNAMED",
                "-Dbench.python=" + python.get(0),
                "-Dbench.worker=@" + arguments,
                "-Dbench.answer.seconds=8",
                "-cp",
                System.getProperty("java.class.path"),
                GpuBench.class.getName(),
                file.toString(),
                "--only",
                "relu",
                "--rounds",
                "1",
                "--shrink",
                "4096",
                "--device",
                "cpu")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("said").toFile())
            .start();
    String text = "";
    for (int i = 0; i < 600 && bench.isAlive() && !text.contains("no answer"); i++) {
      Thread.sleep(100);
      text = Files.exists(file) ? Files.readString(file) : "";
    }
    List<ProcessHandle> workers = bench.descendants().toList();
    bench.destroy();
    assertTrue(bench.waitFor(30, TimeUnit.SECONDS));
    String said = text + Files.readString(folder.resolve("said"));
    assertTrue(text.contains("- copy.16384, python: no answer within 8.0 s"), said);
    assertTrue(text.matches("(?s).*\\| copy.16384 \\| [0-9.,]+ \\| - .*"), said);
    assertTrue(
        text.contains("| relu.16384 | - | - |  |  | 90 % of a copy | to be measured |"), said);
    assertFalse(text.contains("fresh process"), said);
    // For the next line there is another worker in the place of the one that was ended.
    assertTrue(workers.size() >= 2, said);
    for (ProcessHandle worker : workers) {
      worker.onExit().get(30, TimeUnit.SECONDS);
    }
  }

  // ---- GPU.md

  private static Map<String, String> targets(String text) {
    Map<String, String> targets = new LinkedHashMap<>();
    for (String row : text.substring(text.indexOf(GpuSection.HEADING)).lines().toList()) {
      String[] cells = row.split(" *\\| *");
      if (row.startsWith("|") && cells.length > 6 && !cells[6].equals("target")) {
        targets.put(cells[1], cells[6]);
      }
    }
    targets.remove("---");
    return targets;
  }

  @Test
  void everyLineAndItsTargetAreInTheReport() throws IOException {
    GpuSection section = new GpuSection();
    GpuLine.ALL.forEach(section::begin);
    Map<String, String> wanted = targets(section.text());
    assertEquals(wanted, targets(section.text()), "asked for twice");
    assertEquals(GpuLine.ALL.size() + 3, wanted.size());
    assertEquals(wanted, targets(Files.readString(Path.of("GPU.md"))));
  }
}
