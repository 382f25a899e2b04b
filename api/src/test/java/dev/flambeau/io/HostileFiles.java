package dev.flambeau.io;

import dev.flambeau.fuzz.Seeds;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * Gives a reader files that were made to break it. Each is read, or refused by an exception of the
 * reader's with a message that names the file; anything else is a failure, as is a file that costs
 * far more time or memory than its size, or one that leaves something beside it.
 *
 * <p>Each file comes from a seed, the same in every build. {@code -Pfuzz} takes new ones, with the
 * properties of {@code dev.flambeau.fuzz}; their kind is {@code files}. A seed that failed once
 * stays: the test that found it lists it.
 */
public final class HostileFiles {
  private static final int MOST_BYTES = 4095;
  private static final double MOST_CPU_SECONDS = 5; // of this thread, whatever else runs
  private static final long MOST_HEAP_BYTES = 64L << 20;

  /** What reads a file. */
  @FunctionalInterface
  public interface Reader {
    /** Reads it, and checks what it got; throws to refuse. */
    void read(Path file) throws Exception;
  }

  private final Path file;
  private final List<Class<? extends Exception>> refusals;
  private final com.sun.management.ThreadMXBean thread =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  /**
   * Files of this name, alone in their folder, that may be refused by these exceptions and their
   * subclasses.
   */
  @SafeVarargs
  public HostileFiles(Path file, Class<? extends Exception>... refusals) {
    this.file = file;
    this.refusals = List.of(refusals);
  }

  /**
   * Tries the files of the seeds 0 to {@code count - 1}, and of those that once failed.
   *
   * @param least how many of them are read at least: a reader that refuses all is not tried
   */
  public void attack(
      int count, int least, long[] failedOnce, Function<HostileBytes, byte[]> make, Reader reader)
      throws IOException {
    long[] seeds =
        Seeds.areNew()
            ? Seeds.of("files").stream()
                .flatMapToLong(r -> LongStream.range(r.first(), r.first() + r.count()))
                .toArray()
            : LongStream.concat(LongStream.of(failedOnce), LongStream.range(0, count)).toArray();
    int accepted = 0;
    for (long seed : seeds) {
      byte[] bytes = make.apply(new HostileBytes(seed));
      if (bytes.length > MOST_BYTES) {
        bytes = Arrays.copyOf(bytes, MOST_BYTES);
      }
      Files.write(file, bytes);
      long cpu = thread.getCurrentThreadCpuTime();
      long heap = thread.getThreadAllocatedBytes(Thread.currentThread().getId());
      String fault = null;
      Throwable thrown = null;
      try {
        reader.read(file);
        accepted++;
      } catch (Throwable t) {
        thrown = t;
        fault = fault(t);
      }
      heap = thread.getThreadAllocatedBytes(Thread.currentThread().getId()) - heap;
      double seconds = (thread.getCurrentThreadCpuTime() - cpu) / 1e9;
      if (fault == null && heap > MOST_HEAP_BYTES) {
        fault = "took " + heap + " bytes of heap";
      }
      if (fault == null && seconds > MOST_CPU_SECONDS) {
        fault = "took " + seconds + " s of processor time";
      }
      if (fault == null) {
        fault = leftBehind();
      }
      if (fault != null) {
        throw new AssertionError(
            "seed "
                + seed
                + " "
                + fault
                + "; again: -Pfuzz -Dflambeau.fuzz.kind=files -Dflambeau.fuzz.first="
                + seed
                + " -Dflambeau.fuzz.count=1; the file, in base 64: "
                + Base64.getEncoder().encodeToString(bytes),
            thrown);
      }
    }
    if (!Seeds.areNew() && accepted < least) {
      throw new AssertionError("only " + accepted + " of " + seeds.length + " were read");
    }
  }

  /** What is wrong with a refusal, or null. */
  private String fault(Throwable t) {
    if (refusals.stream().noneMatch(c -> c.isInstance(t))) {
      return "ended in " + t;
    }
    String said = t.getMessage();
    return said == null || !said.contains(file.toString())
        ? "was refused without the file's name: " + t
        : null;
  }

  private String leftBehind() throws IOException {
    List<Path> there = new ArrayList<>();
    try (var files = Files.newDirectoryStream(file.getParent())) {
      files.forEach(there::add);
    }
    there.remove(file);
    return there.isEmpty() ? null : "left " + there;
  }
}
