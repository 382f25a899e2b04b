package dev.flambeau.data;

import dev.flambeau.Rng;
import dev.flambeau.Scope;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A pass whose batches are made ahead on workers' threads. A batch is started when one is read, so
 * a pass that is left early stops by itself.
 */
final class Prefetching implements BatchIterator {
  private final Iterator<long[]> plan;
  private final List<Worker> workers;
  private final Rng[] generators;
  private final Function<long[], Supplier<Batch>> fetch;
  private final ArrayDeque<Future<Supplier<Batch>>> ahead = new ArrayDeque<>();
  private long handedOut;
  private long taken;
  private boolean closed;

  Prefetching(
      Iterator<long[]> plan,
      List<Worker> workers,
      long depth,
      long seed,
      Function<long[], Supplier<Batch>> fetch) {
    this.plan = plan;
    this.workers = workers;
    this.fetch = fetch;
    generators = new Rng[workers.size()];
    for (int w = 0; w < generators.length; w++) {
      generators[w] = new Rng(seed + w);
    }
    for (long i = 0; i < depth && plan.hasNext(); i++) {
      handOut();
    }
  }

  private void handOut() {
    if (!plan.hasNext()) {
      return;
    }
    long[] indices = plan.next();
    int w = (int) (handedOut++ % workers.size());
    Rng rng = generators[w];
    Function<long[], Supplier<Batch>> work = fetch;
    // The task does not hold this iterator: only what it needs.
    ahead.add(
        workers
            .get(w)
            .submit(
                () -> {
                  try (var use = Rng.use(rng)) {
                    return work.apply(indices);
                  }
                }));
  }

  @Override
  public boolean hasNext() {
    return !closed && !ahead.isEmpty();
  }

  @Override
  public Batch next() {
    if (!hasNext()) {
      throw new NoSuchElementException("DataLoader: the pass is over");
    }
    long number = taken++;
    try {
      Batch b = ahead.remove().get().get();
      handOut();
      b.tensors().forEach(Scope::adopt);
      return b;
    } catch (ExecutionException e) {
      close();
      throw failure(e.getCause(), number);
    } catch (InterruptedException | CancellationException e) {
      close();
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new IllegalStateException("DataLoader: interrupted while waiting for a batch", e);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private RuntimeException failure(Throwable cause, long number) {
    String where = "worker " + number % workers.size() + ", batch " + number;
    cause.addSuppressed(new IllegalStateException("DataLoader: thrown on " + where));
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException runtime
        ? runtime
        : new IllegalStateException("DataLoader: " + where + " failed", cause);
  }

  @Override
  public void close() {
    closed = true;
    for (Future<?> f : ahead) {
      f.cancel(false); // an interrupt would close channels that samples are read from
    }
    ahead.clear();
  }
}
