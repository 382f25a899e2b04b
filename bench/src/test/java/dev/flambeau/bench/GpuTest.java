package dev.flambeau.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Device;
import dev.flambeau.Scope;
import java.util.List;
import org.junit.jupiter.api.Test;

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
          "| relu.64M | - | - |  |  | 90 % of a copy |  |",
          "| matmul.1024 | 100 | 96.0 | 0.960 | 21.5 TFLOP/s | within 3 % | missed |",
          "our own kernel | 150 | 96.0 | 0.640 | 14.3 TFLOP/s | 60 % of cuBLAS | met |",
          "| upload.64M | 6,000 | - |  | 44.7 GB/s | 90 % of the bus | missed |"
        }) {
      assertTrue(text.contains(part), () -> "lacks\n" + part + "\nin\n" + text);
    }
    assertTrue(GpuTarget.micros(2.5).met(2.4) && !GpuTarget.micros(2.5).met(Double.NaN));
    assertTrue(GpuTarget.pytorch(1).met(0.98) && !GpuTarget.pytorch(4).met(3.9));
  }
}
