package dev.flambeau.spi;

import java.nio.ByteBuffer;

/**
 * The memory of one device: blocks by address, and the way to and from Java and the host. A device
 * may run its kernels while the program goes on: reading waits for what was asked of it before, and
 * throws what went wrong there. Thread-safe.
 */
public interface Memory {
  /** Whether the addresses are host memory, which the program and the CPU's kernels may touch. */
  default boolean isHost() {
    return true;
  }

  /**
   * A block of at least that many bytes, aligned to 64, contents undefined; 0 when there is no
   * memory left.
   */
  long allocate(long bytes);

  /** After {@link #allocate} has answered 0 on this thread: who holds what, in words for people. */
  default String shortage() {
    return "";
  }

  /** Gives a block back; {@code bytes} is the size asked for. Any thread may do it. */
  void free(long address, long bytes);

  /** Bytes that the device has for its own; 0: it has none of its own, or nobody knows. */
  default long totalBytes() {
    return 0;
  }

  /** Bytes asked for and not given back. */
  long liveBytes();

  /** Bytes kept for reuse. */
  long cachedBytes();

  /** Returns cached memory to the system. */
  void trim();

  /**
   * Copies bytes of host memory, given by its address, to a device address. When it returns, the
   * host memory may be written again.
   */
  void upload(long target, long host, long bytes);

  /** Copies bytes from a device address to host memory, given by its address. */
  void download(long host, long source, long bytes);

  /**
   * As {@link #upload(long, long, long)}, beside the kernels that are started from now on: what
   * reads the target must be started after a {@link #join()}.
   */
  default void uploadBeside(long target, long host, long bytes) {
    upload(target, host, bytes);
  }

  /** Lets kernels started from now on wait for all copies that run beside them. */
  default void join() {}

  /** Copies a whole array to a device address. */
  void upload(long target, float[] source);

  void upload(long target, double[] source);

  void upload(long target, long[] source);

  void upload(long target, int[] source);

  void upload(long target, byte[] source);

  void upload(long target, boolean[] source);

  /** Fills a whole array from a device address. */
  void download(float[] target, long source);

  void download(double[] target, long source);

  void download(long[] target, long source);

  void download(int[] target, long source);

  void download(byte[] target, long source);

  void download(boolean[] target, long source);

  /** One element as a double; {@code dtype} as in {@link Kernels}. */
  double readDouble(int dtype, long address);

  /** One element as an integer; bool gives 0 or 1. */
  long readLong(int dtype, long address);

  /**
   * The address of a direct buffer's first byte, for host tables and shared memory. The caller
   * keeps the buffer alive.
   */
  long addressOf(ByteBuffer direct);
}
