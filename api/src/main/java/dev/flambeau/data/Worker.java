package dev.flambeau.data;

import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A daemon thread that runs tasks in order; it ends when idle, and is started again for the next
 * task.
 */
final class Worker {
  private static final long IDLE_MILLIS = 500;

  private final ThreadPoolExecutor thread;

  Worker(int number) {
    thread =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_MILLIS,
            TimeUnit.MILLISECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread t = new Thread(task, "flambeau-data-" + number);
              t.setDaemon(true);
              return t;
            });
    thread.allowCoreThreadTimeOut(true);
  }

  <T> Future<T> submit(Callable<T> task) {
    return thread.submit(task);
  }
}
