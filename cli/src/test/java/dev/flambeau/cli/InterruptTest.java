package dev.flambeau.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A training that is told to end keeps its best model. The signal is SIGTERM, which a JVM treats as
 * Ctrl-C's SIGINT but which no shell lets it ignore.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "Windows ends a process without a signal")
class InterruptTest {
  @TempDir private Path folder;

  @Test
  void keepsTheBestModel() throws IOException, InterruptedException {
    Path out = folder.resolve("run");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.flambeau.cli.Main",
                "train",
                "--epochs",
                "100000000",
                "--patience",
                "100000000",
                "--out",
                out.toString())
            .redirectErrorStream(true)
            .start();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line = lines.readLine();
      while (line != null && !line.startsWith("epoch 1/")) {
        line = lines.readLine();
      }
      assertNotNull(line, "training did not begin");
      process.toHandle().destroy(); // Process.destroy would also close what we read
      List<String> rest = lines.lines().toList();
      assertTrue(process.waitFor(60, TimeUnit.SECONDS), "did not end");
      assertTrue(
          rest.stream().anyMatch(l -> l.startsWith("interrupted after epoch")), rest::toString);
      assertTrue(rest.get(rest.size() - 1).startsWith("validation accuracy 0."), rest::toString);
    } finally {
      process.destroyForcibly();
    }
    assertNotNull(ImageIO.read(out.resolve("curves.png").toFile()));
    assertTrue(Files.readAllLines(out.resolve("metrics.csv")).size() > 1);
    Path csv = folder.resolve("shipped.csv");
    try (var in = ShippedData.class.getResourceAsStream("breast_cancer.csv")) {
      Files.copy(in, csv);
    }
    assertEquals(570, Cli.run("predict", out, csv).ok().out().size());
  }
}
