import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Compiles what is not current, on all processors at once. */
final class Compilation {
  /**
   * What takes longest comes first, so that no processor is left alone with it at the end: how the
   * names of such sources begin, the CPU's and CUDA's. Nothing but the time of a build depends on
   * it.
   */
  private static final List<String> LONGEST =
      List.of(
          "reduce",
          "binary",
          "copy",
          "loss",
          "unary",
          "softmax",
          "cross_entropy",
          "norm",
          "matmul");

  private final Map<CompileTask, Double> seconds = new ConcurrentHashMap<>();

  private Compilation() {}

  static Compilation of(List<CompileTask> tasks) throws IOException, InterruptedException {
    Compilation compilation = new Compilation();
    compilation.run(tasks);
    return compilation;
  }

  private void run(List<CompileTask> tasks) throws IOException, InterruptedException {
    List<CompileTask> stale = new ArrayList<>();
    for (CompileTask task : tasks) {
      if (!task.isCurrent()) {
        stale.add(task);
      }
    }
    if (stale.isEmpty()) {
      System.out.println("native library: nothing to compile");
      return;
    }
    stale.sort(Comparator.comparingInt(Compilation::rank));
    ExecutorService pool = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try {
      List<Future<?>> running = new ArrayList<>();
      for (CompileTask task : stale) {
        running.add(
            pool.submit(
                () -> {
                  long start = System.nanoTime();
                  task.compile();
                  seconds.put(task, (System.nanoTime() - start) / 1e9);
                  return null;
                }));
      }
      for (Future<?> future : running) {
        future.get();
      }
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e.getCause());
    } finally {
      pool.shutdownNow();
    }
  }

  private static int rank(CompileTask task) {
    int place = 0;
    while (place < LONGEST.size() && !task.name().startsWith(LONGEST.get(place))) {
      place++;
    }
    return place;
  }

  boolean compiledAnyOf(List<CompileTask> tasks) {
    return tasks.stream().anyMatch(seconds::containsKey);
  }

  /** Lines of seconds and names, of what has been compiled this time. */
  String times(List<CompileTask> tasks) {
    StringBuilder lines = new StringBuilder();
    for (CompileTask task : tasks) {
      Double took = seconds.get(task);
      if (took != null) {
        lines.append(String.format(Locale.ROOT, "%.1f %s%n", took, task.name()));
      }
    }
    return lines.toString();
  }
}
