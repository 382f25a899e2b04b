package dev.flambeau.spi;

/** A native library of kernels: what it is, its settings, errors, and waiting for a device. */
public interface Library {
  /** Why the last call of this thread failed. */
  String lastError();

  /** A line of text: instruction set, threads, BLAS and where it came from. */
  String describe();

  /** Threads that kernels use. */
  int threads();

  /** Sets the number of threads that kernels use, at least 1. */
  int setThreads(int threads);

  /**
   * Waits until the device has run all that was started there; the status is that of an error found
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
