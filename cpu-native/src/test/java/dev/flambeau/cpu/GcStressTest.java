package dev.flambeau.cpu;

import dev.flambeau.JavaProcess;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code dev.flambeau.GcStress} in a process of its own, which has hardly any memory. */
class GcStressTest {
  @Test
  void handlesMayDieWhileKernelsRun() throws Exception {
    String said =
        JavaProcess.run(List.of("-Xmx48m", "-XX:+UseSerialGC"), "dev.flambeau.GcStress", "20");
    System.out.print("under constant collection: " + said);
  }
}
