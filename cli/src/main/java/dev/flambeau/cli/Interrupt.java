package dev.flambeau.cli;

import dev.flambeau.cli.training.StopRequest;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns Ctrl-C into a request to stop: while open, the program ends only once the work inside is
 * saved, at most some seconds later.
 */
final class Interrupt implements StopRequest, AutoCloseable {
  private static final int PATIENCE_SECONDS = 30;

  private final CountDownLatch saved = new CountDownLatch(1);
  private final Thread hook = new Thread(this::stop, "flambeau-interrupt");
  private volatile boolean requested;

  Interrupt() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void stop() {
    requested = true;
    try {
      boolean inTime = saved.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (!inTime) {
        System.err.println("flambeau: gave up waiting for the model to be saved");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean isRequested() {
    return requested;
  }

  @Override
  public void close() {
    saved.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The program is ending already: the hook runs, and has what it waits for.
    }
  }
}
