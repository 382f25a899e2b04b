package dev.flambeau.internal.memory;

import dev.flambeau.spi.Memory;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * What may only be freed, or go back to the system, when the native calls that run now have ended:
 * {@link NativeCalls} says why. Blocks come in batches, since looking at all threads costs more
 * than freeing one.
 */
final class DeferredFrees {
  /** What a batch holds at most, unless there are very many threads to look at. */
  static final int BLOCKS = 64;

  static final long BYTES = 8 << 20;
  private static final int THREADS_OF_A_BLOCK = 16;

  private final Memory memory;
  private final ArrayDeque<Batch> waiting = new ArrayDeque<>(); // the oldest first
  private Batch open = new Batch();
  private volatile long bytes; // of the blocks
  private volatile boolean isEmpty = true;

  DeferredFrees(Memory memory) {
    this.memory = memory;
  }

  /** Blocks, or a ticket of the memory, and the calls to wait for. */
  private static final class Batch {
    long[] addresses = {};
    long[] sizes = {};
    int count;
    long bytes;
    long ticket; // 0: none
    Object kept; // what must stay reachable until then
    NativeCalls.Running running;

    void add(long address, long size) {
      if (count == sizes.length) {
        addresses = Arrays.copyOf(addresses, 2 * count + 8);
        sizes = Arrays.copyOf(sizes, 2 * count + 8);
      }
      addresses[count] = address;
      sizes[count++] = size;
      bytes += size;
    }
  }

  /** Bytes of the blocks that wait. */
  long bytes() {
    return bytes;
  }

  /** Frees a block later. */
  synchronized void add(long address, long size) {
    open.add(address, size);
    bytes += size;
    isEmpty = false;
    if (open.bytes >= BYTES
        || open.count >= Math.max(BLOCKS, NativeCalls.threads() / THREADS_OF_A_BLOCK)) {
      seal();
    }
  }

  /** Gives back to the system, later, what the memory has set aside. */
  void add(long ticket) {
    Batch b = new Batch();
    b.ticket = ticket;
    await(b);
  }

  /** Keeps an object reachable until the calls that run now have ended. */
  void keep(Object kept) {
    Batch b = new Batch();
    b.kept = kept;
    await(b);
  }

  private synchronized void await(Batch b) {
    b.running = NativeCalls.running();
    waiting.add(b);
    isEmpty = false;
    settle();
  }

  private void seal() {
    if (open.count > 0) {
      Batch full = open;
      open = new Batch();
      await(full);
    }
  }

  /** Frees what need not wait any more. Cheap when nothing does. */
  void settle() {
    if (!isEmpty) {
      settleLocked();
    }
  }

  private synchronized void settleLocked() {
    while (!waiting.isEmpty() && waiting.peek().running.haveEnded()) {
      Batch b = waiting.poll();
      for (int i = 0; i < b.count; i++) {
        bytes -= b.sizes[i];
        memory.free(b.addresses[i], b.sizes[i]);
      }
      if (b.ticket != 0) {
        memory.giveBack(b.ticket);
      }
    }
    isEmpty = waiting.isEmpty() && open.count == 0;
  }

  /** Frees all, waiting so long for calls that still run; what remains is freed later. */
  void flush(long nanos) {
    if (isEmpty) {
      return;
    }
    synchronized (this) {
      seal();
    }
    long end = System.nanoTime() + nanos;
    settle();
    while (!isEmpty && System.nanoTime() - end < 0) {
      LockSupport.parkNanos(100_000);
      settle();
    }
  }
}
