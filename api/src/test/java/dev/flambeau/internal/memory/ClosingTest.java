package dev.flambeau.internal.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** {@code close()} while other threads compute with the tensor. */
class ClosingTest {
  /** In a process of its own, which would die. */
  @Test
  void neitherTheProgramNorOtherTensorsSuffer() throws Exception {
    Process p =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx512m",
                    "-XX:-CreateCoredumpOnCrash",
                    "-XX:ErrorFile=/dev/null",
                    "-cp",
                    System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path")),
                    "dev.flambeau.internal.memory.ClosingStress",
                    System.getProperty("flambeau.test.closing.millis", "2500")))
            .redirectErrorStream(true)
            .start();
    String said = new String(p.getInputStream().readAllBytes());
    assertTrue(p.waitFor(5, TimeUnit.MINUTES), "did not end: " + said);
    assertEquals(0, p.exitValue(), said);
    System.out.print("closing: " + said);
  }
}
