package dev.flambeau.data;

import dev.flambeau.Device;
import dev.flambeau.Rng;
import dev.flambeau.Transfer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Cuts a data set into batches, anew each time it is iterated:
 *
 * <pre>{@code
 * var loader = new DataLoader(new TensorDataset(features, target), 32).shuffle(true);
 * for (Batch b : loader) {
 *   Tensor prediction = model.call(b.input());
 * }
 * }</pre>
 *
 * For the same seed the order is PyTorch's, and as many random numbers are drawn. Batches are new
 * tensors and the iterating thread's: its innermost scope frees them.
 */
public final class DataLoader implements Iterable<Batch> {
  private static final int MOST_WORKERS = 1024; // each is a thread

  private final Dataset<?> dataset;
  private final Function<long[], Batch> fetch;
  private int batchSize;
  private boolean shuffle;
  private boolean dropLast;
  private Rng generator;
  private Iterable<int[]> batches;
  private int prefetch = 2;
  private List<Worker> workers = List.of();
  private Device device;

  /** Batches of one sample. */
  public DataLoader(Dataset<Sample> dataset) {
    this(dataset, 1);
  }

  /** Batches of {@code batchSize} samples, the last one perhaps smaller. */
  public DataLoader(Dataset<Sample> dataset, int batchSize) {
    this(batchSize, dataset, fetcher(dataset));
  }

  /**
   * Batches that {@code collate} makes of {@code batchSize} samples of any kind. With workers it is
   * called on their threads.
   */
  public <T> DataLoader(Dataset<T> dataset, int batchSize, Function<List<T>, Batch> collate) {
    this(batchSize, dataset, indices -> collate.apply(samples(dataset, indices)));
  }

  private DataLoader(int batchSize, Dataset<?> dataset, Function<long[], Batch> fetch) {
    this.dataset = dataset;
    this.fetch = fetch;
    batchSize(batchSize);
  }

  /** How the samples at some indices become a batch: tensors are gathered, not stacked. */
  private static Function<long[], Batch> fetcher(Dataset<Sample> dataset) {
    if (dataset instanceof TensorDataset tensors) {
      return tensors::gather;
    }
    if (dataset instanceof Subset<Sample> subset) {
      Function<long[], Batch> whole = fetcher(subset.dataset());
      return indices -> whole.apply(subset.inWhole(indices));
    }
    return indices -> Batch.stack(samples(dataset, indices));
  }

  private static <T> List<T> samples(Dataset<T> dataset, long[] indices) {
    List<T> out = new ArrayList<>(indices.length);
    for (long i : indices) {
      out.add(dataset.get(Math.toIntExact(i)));
    }
    return out;
  }

  // ---- options

  /**
   * Sets how many samples make a batch.
   *
   * @throws IllegalArgumentException if below 1, or with batches of your own
   */
  public DataLoader batchSize(int batchSize) {
    if (batchSize < 1) {
      throw new IllegalArgumentException(
          "DataLoader: the batch size must be at least 1, got " + batchSize);
    }
    refuseWithBatches("a batch size");
    this.batchSize = batchSize;
    return this;
  }

  /**
   * Whether each pass has an order of its own; false at first.
   *
   * @throws IllegalArgumentException with batches of your own
   */
  public DataLoader shuffle(boolean shuffle) {
    refuseWithBatches("shuffle");
    this.shuffle = shuffle;
    return this;
  }

  /**
   * Whether a last batch that is not full is left out; false at first.
   *
   * @throws IllegalArgumentException with batches of your own
   */
  public DataLoader dropLast(boolean dropLast) {
    refuseWithBatches("dropLast");
    this.dropLast = dropLast;
    return this;
  }

  /** Draws from {@code generator}; without one, from the iterating thread's. */
  public DataLoader generator(Rng generator) {
    this.generator = generator;
    return this;
  }

  /**
   * Gives the indices of each batch, in place of batch size, shuffle and dropLast; iterated once a
   * pass.
   *
   * @throws IllegalArgumentException if one of those three was set
   */
  public DataLoader batches(Iterable<int[]> batches) {
    if (shuffle || dropLast || batchSize != 1) {
      throw new IllegalArgumentException(
          "DataLoader: batches of your own exclude a batch size, shuffle and dropLast");
    }
    this.batches = batches;
    return this;
  }

  private void refuseWithBatches(String what) {
    if (batches != null) {
      throw new IllegalArgumentException(
          "DataLoader: batches of your own exclude " + what + "; decide in batches(...)");
    }
  }

  /**
   * Fetches on this many threads, ahead of the reader and in order; 0, the default, fetches on the
   * reader's own. Worker {@code w} makes every batch {@code i} with {@code i % count == w}, and
   * draws random numbers from a generator of its own, seeded anew each pass.
   *
   * @throws IllegalArgumentException for a negative number
   */
  public DataLoader workers(int count) {
    if (count < 0 || count > MOST_WORKERS) {
      throw new IllegalArgumentException(
          "DataLoader: the number of workers must be from 0 to " + MOST_WORKERS + ", got " + count);
    }
    List<Worker> all = new ArrayList<>();
    for (int w = 0; w < count; w++) {
      all.add(new Worker(w));
    }
    workers = List.copyOf(all);
    return this;
  }

  /**
   * Sets how many batches each worker keeps ahead, 2 at first.
   *
   * @throws IllegalArgumentException if below 1
   */
  public DataLoader prefetch(int perWorker) {
    if (perWorker < 1) {
      throw new IllegalArgumentException(
          "DataLoader: a worker prefetches at least 1 batch, got " + perWorker);
    }
    prefetch = perWorker;
    return this;
  }

  /**
   * Gives batches on a device. On any but the CPU, each is uploaded ahead, while the program works
   * with the one before: without workers the next batch is fetched as soon as one is handed out.
   */
  public DataLoader device(Device device) {
    this.device = device;
    return this;
  }

  /** The data set. */
  public Dataset<?> dataset() {
    return dataset;
  }

  /**
   * Number of batches in a pass.
   *
   * @throws IllegalStateException with batches of your own that are no collection
   */
  public int size() {
    if (batches != null) {
      if (batches instanceof Collection<?> c) {
        return c.size();
      }
      throw new IllegalStateException(
          "DataLoader: the number of batches is unknown; pass a collection to batches(...)");
    }
    int full = dataset.size() / batchSize;
    return dropLast || dataset.size() % batchSize == 0 ? full : full + 1;
  }

  // ---- passes

  /** Begins a pass. Draws one number, as PyTorch does, shuffling or not. */
  @Override
  public BatchIterator iterator() {
    long seed = (generator != null ? generator : Rng.current()).nextLong();
    if (workers.isEmpty()) {
      return new Direct(begin(), device != null && !device.equals(Device.cpu()));
    }
    return new Prefetching(plan(), workers, (long) prefetch * workers.size(), seed, begin());
  }

  /** Starts the batch of some indices; what it returns waits for that batch. */
  private Function<long[], Supplier<Batch>> begin() {
    Function<long[], Batch> make = fetch;
    Device to = device;
    if (to == null) {
      return indices -> {
        Batch b = make.apply(indices);
        return () -> b;
      };
    }
    return indices -> {
      Transfer t = Transfer.start(to, make.apply(indices).tensors());
      return () -> new Batch(t.finish());
    };
  }

  /** The indices of each batch of a pass. Shuffling draws here. */
  private Iterator<long[]> plan() {
    if (batches != null) {
      return new Given(batches.iterator());
    }
    if (!shuffle) {
      return new Cut(null, dataset.size(), batchSize, size(), null);
    }
    Rng rng = generator != null ? generator : new Rng(Rng.current().nextLong());
    return new Cut(rng.permutation(dataset.size()), dataset.size(), batchSize, size(), generator);
  }

  /**
   * Fetches a batch when it is read, or one ahead. As in PyTorch, the order is drawn with the first
   * batch.
   */
  private final class Direct implements BatchIterator {
    private final Function<long[], Supplier<Batch>> begin;
    private final boolean looksAhead;
    private Iterator<long[]> plan;
    private Supplier<Batch> ahead;
    private boolean closed;

    Direct(Function<long[], Supplier<Batch>> begin, boolean looksAhead) {
      this.begin = begin;
      this.looksAhead = looksAhead;
    }

    @Override
    public boolean hasNext() {
      if (closed) {
        return false;
      }
      if (plan == null) {
        plan = plan();
      }
      return ahead != null || plan.hasNext();
    }

    @Override
    public Batch next() {
      if (!hasNext()) {
        throw new NoSuchElementException("DataLoader: the pass is over");
      }
      Supplier<Batch> now = ahead != null ? ahead : begin.apply(plan.next());
      ahead = null;
      Batch b = now.get();
      if (looksAhead && plan.hasNext()) {
        ahead = beginNext();
      }
      return b;
    }

    /** Starts the next batch; an error in it is thrown when that batch is read. */
    private Supplier<Batch> beginNext() {
      try {
        return begin.apply(plan.next());
      } catch (RuntimeException | Error e) {
        return () -> {
          throw e;
        };
      }
    }

    @Override
    public void close() {
      closed = true;
      ahead = null;
    }
  }

  /** An order, or 0, 1, ... without one, cut into batches. */
  private static final class Cut implements Iterator<long[]> {
    private final long[] order;
    private final int total;
    private final int batchSize;
    private final int count;
    private Rng drawsAtEnd;
    private int next;

    Cut(long[] order, int total, int batchSize, int count, Rng drawsAtEnd) {
      this.order = order;
      this.total = total;
      this.batchSize = batchSize;
      this.count = count;
      this.drawsAtEnd = drawsAtEnd;
    }

    @Override
    public boolean hasNext() {
      if (next == count) {
        end();
      }
      return next < count;
    }

    @Override
    public long[] next() {
      int start = next++ * batchSize;
      long[] out = new long[Math.min(batchSize, total - start)];
      for (int i = 0; i < out.length; i++) {
        out[i] = order == null ? start + i : order[start + i];
      }
      if (out.length < batchSize) {
        end();
      }
      return out;
    }

    /** PyTorch's sampler draws a second permutation when it runs dry, and uses none of it. */
    private void end() {
      if (drawsAtEnd != null) {
        drawsAtEnd.permutation(total);
        drawsAtEnd = null;
      }
    }
  }

  /** Batches of the program's own. */
  private record Given(Iterator<int[]> batches) implements Iterator<long[]> {
    @Override
    public boolean hasNext() {
      return batches.hasNext();
    }

    @Override
    public long[] next() {
      int[] indices = batches.next();
      if (indices.length == 0) {
        throw new IllegalArgumentException("DataLoader: batches(...) gave an empty batch");
      }
      long[] out = new long[indices.length];
      for (int i = 0; i < out.length; i++) {
        out[i] = indices[i];
      }
      return out;
    }
  }
}
