package dev.flambeau.internal.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Logged;
import dev.flambeau.Reduction;
import dev.flambeau.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A warning is said once, whatever the program does. */
class WarningsTest {
  @Test
  void aKindIsSaidOnce() {
    List<String> said =
        Logged.during(
            () -> {
              for (int i = 0; i < 3; i++) {
                int n = i;
                Warnings.once("a kind of warning in a test", () -> "it was " + n);
                Warnings.once("a constant warning in a test");
              }
            });
    assertEquals(List.of("it was 0", "a constant warning in a test"), said);
  }

  /** Not once for each pair of shapes, of which a program may have any number. */
  @Test
  void lossesThatBroadcast() {
    List<String> said =
        Logged.during(
            () -> {
              for (int n = 2; n < 50; n++) {
                Tensor.zeros(n, 1).mseLoss(Tensor.zeros(n), Reduction.MEAN);
                Tensor.zeros(n, 1).l1Loss(Tensor.zeros(n), Reduction.MEAN);
              }
            });
    assertTrue(said.size() <= 2, said::toString);
    for (String text : said) {
      assertTrue(
          text.contains("Loss: input of shape (2, 1) and target of shape (2,) differ"), text);
    }
  }
}
