package dev.flambeau.spi;

/** What a device's kernels say of themselves, how they are set, and how they are waited for. */
public interface Library {
  /** Why the last call of this thread failed. */
  String lastError();

  /** One line for people: instruction set, threads, BLAS and where it came from. */
  String describe();

  /** Threads that kernels use. */
  int threads();

  /** Sets the number of threads that kernels use, at least 1. */
  int setThreads(int threads);

  /**
   * Waits until the device has done all that was asked of it; the status tells what went wrong
   * there.
   */
  default int synchronize() {
    return Kernels.OK;
  }

  /**
   * Whether the generator counts: its state begins with int64 seed and int64 offset, its numbers
   * are a function of both, and each fill takes one offset.
   */
  default boolean countedRandom() {
    return false;
  }
}
