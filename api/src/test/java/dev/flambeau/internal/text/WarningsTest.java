package dev.flambeau.internal.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Reduction;
import dev.flambeau.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** A warning is said once, whatever the program does. */
class WarningsTest {
  private static List<String> logged(Runnable program) {
    List<String> texts = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord r) {
            texts.add(r.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger("dev.flambeau");
    logger.addHandler(handler);
    try {
      program.run();
    } finally {
      logger.removeHandler(handler);
    }
    return texts;
  }

  @Test
  void aKindIsSaidOnce() {
    List<String> said =
        logged(
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
        logged(
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
