package dev.flambeau.internal.memory;

/**
 * The small blocks that a thread freed last, for its next tensors of about their size. Most blocks
 * live for microseconds, and a native call each way would cost more than many a kernel.
 *
 * <p>Used by its thread alone, except that any thread may ask how much lies here.
 */
public final class SmallBlocks {
  /** Bytes of the largest block kept. */
  static final int LIMIT = 1024;

  private static final int GRAIN = 64;
  private static final int CLASSES = LIMIT / GRAIN;
  private static final int KEPT = 32; // of each class

  final Reclaimer owner;
  SmallBlocks next; // of the same thread, for another device
  private final long[] addresses = new long[CLASSES * KEPT];
  private final int[] counts = new int[CLASSES];

  SmallBlocks(Reclaimer owner) {
    this.owner = owner;
  }

  /** The size to ask the allocator for: small ones come in steps, so that blocks serve again. */
  public static long blockBytes(long bytes) {
    return bytes <= LIMIT ? bytes + GRAIN - 1 & -GRAIN : bytes;
  }

  /** A block of that many bytes (a step up to LIMIT), or 0. */
  long take(long blockBytes) {
    int c = (int) blockBytes / GRAIN - 1;
    int n = counts[c] - 1;
    if (n < 0) {
      return 0;
    }
    counts[c] = n;
    return addresses[c * KEPT + n];
  }

  /** Keeps a block, unless there are enough of its size. */
  boolean give(long address, long blockBytes) {
    int c = (int) blockBytes / GRAIN - 1;
    int n = counts[c];
    if (n == KEPT) {
      return false;
    }
    addresses[c * KEPT + n] = address;
    counts[c] = n + 1;
    return true;
  }

  /** Bytes of the blocks that lie here. */
  long bytes() {
    long sum = 0;
    for (int c = 0; c < CLASSES; c++) {
      sum += (c + 1L) * GRAIN * counts[c];
    }
    return sum;
  }

  /** Gives all back to the allocator. */
  void empty(Reclaimer to) {
    for (long bytes = GRAIN; bytes <= LIMIT; bytes += GRAIN) {
      for (long a = take(bytes); a != 0; a = take(bytes)) {
        to.giveToMemory(a, bytes);
      }
    }
  }
}
