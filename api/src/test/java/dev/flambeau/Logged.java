package dev.flambeau;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the library logs, instead of the console. */
public final class Logged {
  private Logged() {}

  /** The texts that are logged while a program runs. */
  public static List<String> during(Runnable program) {
    List<String> texts = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            texts.add(record.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger("dev.flambeau");
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    try {
      program.run();
    } finally {
      logger.setUseParentHandlers(true);
      logger.removeHandler(handler);
    }
    return texts;
  }
}
