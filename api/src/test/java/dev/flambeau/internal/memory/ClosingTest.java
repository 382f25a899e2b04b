package dev.flambeau.internal.memory;

import dev.flambeau.JavaProcess;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code close()} while other threads compute with the tensor. */
class ClosingTest {
  /** In a process of its own, which would die. */
  @Test
  void neitherTheProgramNorOtherTensorsSuffer() throws Exception {
    String said =
        JavaProcess.run(
            List.of("-Xmx512m", "-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=/dev/null"),
            "dev.flambeau.internal.memory.ClosingStress",
            System.getProperty("flambeau.test.closing.millis", "2500"));
    System.out.print("closing: " + said);
  }
}
