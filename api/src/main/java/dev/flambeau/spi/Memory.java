package dev.flambeau.spi;

import java.nio.ByteBuffer;

/**
 * The memory of one device: blocks by address, and copies to and from Java arrays and host memory.
 * A device may run its kernels while the program goes on: reading waits for the kernels started
 * before, and throws the error that one of them found. Thread-safe.
 */
public interface Memory {
  /** Whether the addresses are host memory, which the CPU can read and write. */
  default boolean isHost() {
    return true;
  }

  /**
   * A block of at least that many bytes, aligned to 64, contents undefined; 0 when there is no
   * memory left.
   */
  long allocate(long bytes);

  /**
   * After {@link #allocate} has returned 0 on this thread: what holds the memory, for a message.
   */
  default String shortage() {
    return "";
  }

  /** Frees a block; {@code bytes} is the size it was allocated with. Any thread may do it. */
  void free(long address, long bytes);

  /** Bytes of the device's own memory; 0: it has none, or the size is not known. */
  default long totalBytes() {
    return 0;
  }

  /** Bytes allocated and not freed. */
  long liveBytes();

  /** Bytes kept for reuse. */
  long cachedBytes();

  /** Returns cached memory to the system; memory with {@link #detach} only if no call uses it. */
  void trim();

  /**
   * Whether {@link #free}, {@link #allocate} or {@link #trim} may return memory to the system. Then
   * a block is not freed before every call that may use it has ended; otherwise it may be freed
   * while one reads it, and {@link #detach} and {@link #giveBack} return memory.
   */
  default boolean freesToSystem() {
    return true;
  }

  /**
   * Sets aside cached memory that is to go back to the system, and returns a ticket for {@link
   * #giveBack}; 0: there is none. Until then it may be handed out again.
   *
   * @param all false: only if {@link #excessBytes} says that there is too much
   */
  default long detach(boolean all) {
    return 0;
  }

  /** Returns to the system what was set aside under this ticket and those before. */
  default void giveBack(long ticket) {}

  /** Cached bytes beyond what should be cached. */
  default long excessBytes() {
    return 0;
  }

  /** Whether {@link #barrier} does something. */
  default boolean hasBarrier() {
    return false;
  }

  /** Makes every thread of this process pass a full fence; false: it could not. */
  default boolean barrier() {
    return false;
  }

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

  /** Copies a whole array of floats to a device address. */
  void upload(long target, float[] source);

  /** Copies a whole array of doubles to a device address. */
  void upload(long target, double[] source);

  /** Copies a whole array of longs to a device address. */
  void upload(long target, long[] source);

  /** Copies a whole array of ints to a device address. */
  void upload(long target, int[] source);

  /** Copies a whole array of bytes to a device address. */
  void upload(long target, byte[] source);

  /** Copies a whole array of booleans to a device address, a byte each: 0 or 1. */
  void upload(long target, boolean[] source);

  /** Fills a whole array of floats from a device address. */
  void download(float[] target, long source);

  /** Fills a whole array of doubles from a device address. */
  void download(double[] target, long source);

  /** Fills a whole array of longs from a device address. */
  void download(long[] target, long source);

  /** Fills a whole array of ints from a device address. */
  void download(int[] target, long source);

  /** Fills a whole array of bytes from a device address. */
  void download(byte[] target, long source);

  /** Fills a whole array of booleans from a device address, a byte each. */
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
