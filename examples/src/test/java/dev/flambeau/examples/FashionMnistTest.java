package dev.flambeau.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.flambeau.Device;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Needs the images, which Debian's package dataset-fashion-mnist installs. */
class FashionMnistTest {
  private static final double[] PYTORCH = {
    2.27709031,
    2.29598784,
    2.27553368,
    2.24623585,
    2.21812344,
    2.20426035,
    2.15785336,
    2.11160779,
    2.0138545,
    1.93053973
  };

  @BeforeEach
  void needsImages() {
    boolean there = Files.isDirectory(FashionMnist.INSTALLED);
    assumeTrue(there, () -> "skipped: there is no " + FashionMnist.INSTALLED);
  }

  @Test
  void theFirstLossesArePyTorchs() throws IOException {
    var data = FashionImages.read(FashionMnist.INSTALLED, "train");
    var losses = FashionMnist.train(data, 0.1, 64, 1, PYTORCH.length, 0, Device.cpu()).losses();
    for (int i = 0; i < PYTORCH.length; i++) {
      assertEquals(PYTORCH[i], losses.get(i), 1e-5 * PYTORCH[i], "loss " + i);
    }
  }

  @Test
  void threeEpochs() throws IOException {
    var data = FashionImages.read(FashionMnist.INSTALLED, "train");
    var test = FashionImages.read(FashionMnist.INSTALLED, "t10k");
    var run = FashionMnist.train(data, 0.01, 64, 3, Integer.MAX_VALUE, 0, Device.cpu());
    double accuracy = FashionMnist.accuracy(run.model(), test, Device.cpu());
    assertTrue(accuracy >= 0.847 && accuracy <= 0.860, "test accuracy " + accuracy);
  }
}
