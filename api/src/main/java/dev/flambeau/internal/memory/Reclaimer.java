package dev.flambeau.internal.memory;

import dev.flambeau.spi.Memory;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The safety net under native memory: gives back what the program dropped without saying so. Each
 * storage holds a {@link Token}; a phantom reference watches the token; when it dies, the blocks
 * not yet freed by hand go back. Live bytes above a budget first drain the queue, and only then ask
 * the JVM for a collection, within a capped share of time; the budget follows what survives.
 */
public final class Reclaimer {
  /** Blocks up to this size (bytes) share tokens. */
  public static final long SMALL = 4096;

  /** Blocks per shared token. */
  public static final int GROUP = 64;

  private static final long CHECK_EVERY =
      1 << 20; // bytes a thread allocates between two looks at the live bytes
  private static final int STRIPES = 16;
  private static final int BUDGETS_OF_A_DEVICE = 64; // 1.25 GB of 80

  private static final long LARGE = 1 << 20; // blocks that an allocator may keep too many of
  private static final long PATIENCE = 100_000_000L; // for the calls of other threads
  private static final long PATIENCE_IN_NEED = 2_000_000_000L; // when there is no memory

  private final Memory memory;
  private final boolean freesToSystem;
  private final DeferredFrees deferred;
  private final long minimumBudget;
  private final AtomicLong budget;
  private final ReferenceQueue<Object> dead = new ReferenceQueue<>();
  private final Set<ThreadExit> threads = ConcurrentHashMap.newKeySet();
  private final Stripe[] stripes = new Stripe[STRIPES];
  private final ReentrantLock collecting = new ReentrantLock();
  private long lastEnd;
  private long lastCost;

  public Reclaimer(Memory memory) {
    this.memory = memory;
    this.freesToSystem = memory.freesToSystem();
    this.deferred = new DeferredFrees(memory);
    NativeCalls.Barrier.offer(memory);
    // A device with memory of its own can wait longer: a collection costs what it always does.
    long most = Math.max(64, (memory.totalBytes() >> 20) / BUDGETS_OF_A_DEVICE);
    this.minimumBudget = Long.getLong("flambeau.memory.budget.mb", most) << 20;
    this.budget = new AtomicLong(minimumBudget);
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new Stripe();
    }
  }

  public long budget() {
    return budget.get();
  }

  /** Bytes that tensors hold. */
  public long liveBytes() {
    long live = memory.liveBytes() - deferred.bytes();
    for (ThreadExit t : threads) {
      live -= t.blocks.bytes();
    }
    return Math.max(0, live);
  }

  /** Bytes kept for reuse. */
  public long cachedBytes() {
    long cached = memory.cachedBytes() + deferred.bytes();
    for (ThreadExit t : threads) {
      cached += t.blocks.bytes();
    }
    return cached;
  }

  /**
   * Returns cached memory to the system, as far as no other thread may be using it; waits a little
   * for calls that run.
   */
  public void trim() {
    trim(PATIENCE);
  }

  private void trim(long patience) {
    blocks(ThreadBlocks.get()).empty(this);
    deferred.flush(patience);
    if (freesToSystem) {
      memory.trim(); // no call uses what has been freed
    } else {
      setAside(true);
      deferred.flush(patience);
    }
  }

  /** Lets cached memory go back to the system when no call that runs may use it. */
  private void setAside(boolean all) {
    long ticket = memory.detach(all);
    if (ticket != 0) {
      deferred.add(ticket);
    }
  }

  /** A block, after looking for garbage if that is due; sizes as SmallBlocks wants. Never 0. */
  public long allocate(ThreadBlocks t, long bytes) {
    if (bytes <= 0) {
      throw new IllegalArgumentException("a block cannot have " + bytes + " bytes");
    }
    if ((t.unchecked += bytes) >= CHECK_EVERY) {
      t.unchecked = 0;
      drain();
      deferred.settle();
      if (deferred.bytes() > minimumBudget) {
        deferred.flush(PATIENCE); // calls must end before there is more garbage of this kind
      }
      if (memory.excessBytes() > 0) {
        setAside(false);
      }
      if (liveBytes() + bytes > budget.get()) {
        collectIfDue();
      }
    }
    if (bytes <= SmallBlocks.LIMIT) {
      long known = blocks(t).take(bytes);
      if (known != 0) {
        return known;
      }
    }
    long address = memory.allocate(bytes);
    if (address == 0) {
      trim(PATIENCE_IN_NEED); // what is cached may suffice
      address = memory.allocate(bytes);
    }
    if (address == 0) {
      collect();
      trim(PATIENCE_IN_NEED);
      address = memory.allocate(bytes);
      if (address == 0) {
        throw new OutOfMemoryError(
            "no memory for a tensor of "
                + bytes
                + " bytes; tensors in use hold "
                + liveBytes()
                + " bytes"
                + (memory.shortage().isEmpty() ? "" : "; " + memory.shortage()));
      }
    }
    return address;
  }

  /** The thread's small blocks of this device; those of the device used last are found first. */
  private SmallBlocks blocks(ThreadBlocks t) {
    SmallBlocks first = t.free;
    if (first != null && first.owner == this) {
      return first;
    }
    SmallBlocks before = first;
    SmallBlocks known = first == null ? null : first.next;
    while (known != null && known.owner != this) {
      before = known;
      known = known.next;
    }
    if (known == null) {
      known = new SmallBlocks(this);
      threads.add(new ThreadExit(t, known));
    } else {
      before.next = known.next;
    }
    known.next = first;
    return t.free = known;
  }

  /**
   * Frees a block by hand; {@code maker} made it, {@code written}: another thread has written to it
   * in place. {@link NativeCalls} says what must wait.
   */
  private void free(long address, long bytes, NativeCalls maker, boolean written) {
    if ((written || !maker.isMine()) && !NativeCalls.isOnlyThread()) {
      deferred.add(address, bytes);
    } else if (bytes > SmallBlocks.LIMIT || !blocks(ThreadBlocks.get()).give(address, bytes)) {
      giveToMemory(address, bytes);
    }
  }

  /** Frees a block that this thread may use again at once. */
  void giveToMemory(long address, long bytes) {
    if (freesToSystem && !NativeCalls.isOnlyThread()) {
      deferred.add(address, bytes);
      return;
    }
    memory.free(address, bytes);
    if (bytes > LARGE && memory.excessBytes() > 0) {
      setAside(false);
    }
  }

  /** Keeps an object reachable until the native calls of other threads that run now have ended. */
  public void keepForCalls(Object kept) {
    if (!NativeCalls.isOnlyThread()) {
      deferred.keep(kept);
    }
  }

  public Token newToken(int capacity) {
    if (capacity > 1) {
      drain();
    }
    return new Token(this, capacity);
  }

  /** Frees what the collector has found unreachable so far. Cheap when that is nothing. */
  void drain() {
    Object d;
    while ((d = dead.poll()) != null) {
      ((Dead) d).settle(memory);
    }
  }

  /** Asks for a collection unless collections already take more than a twentieth of the time. */
  private void collectIfDue() {
    if (!collecting.tryLock()) {
      return; // another thread collects
    }
    try {
      long since = System.nanoTime() - lastEnd;
      if (lastEnd != 0 && since < 20 * lastCost) {
        return;
      }
      collectLocked();
      long survivors = liveBytes();
      long next = Math.max(minimumBudget, 2 * survivors);
      if (since < 50 * lastCost) {
        // Collections come often for what they cost: allow more garbage between them, within
        // reason.
        next = Math.max(next, Math.min(2 * budget.get(), survivors + 8 * minimumBudget));
      }
      budget.set(next);
    } finally {
      collecting.unlock();
    }
  }

  public void collect() {
    collecting.lock();
    try {
      collectLocked();
    } finally {
      collecting.unlock();
    }
  }

  private void collectLocked() {
    long start = System.nanoTime();
    // A thread holds the token of its unfinished group: without it, that group may die too.
    ThreadBlocks.get().dropGroups();
    // The marker dies in this collection: once it is in the queue, the others that died are in it
    // or
    // about to be, so the wait ends when the queue stays empty. With explicit collections disabled
    // the marker may never come: then this gives up after a bounded time.
    Token marker = new Token(this, 1);
    Watch watch = marker.watch;
    marker = null;
    System.gc();
    long deadline = System.nanoTime() + 100_000_000L;
    try {
      boolean quiet = false;
      while (!(watch.done && quiet) && System.nanoTime() < deadline) {
        Object d = dead.remove(2);
        quiet = d == null;
        if (d != null) {
          ((Dead) d).settle(memory);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    drain();
    lastEnd = System.nanoTime();
    lastCost = lastEnd - start;
  }

  /** What comes out of the queue, and what is then to be done. */
  private interface Dead {
    void settle(Memory memory);
  }

  /** Waits for a thread's end, and hands its small blocks back. */
  private final class ThreadExit extends PhantomReference<ThreadBlocks> implements Dead {
    final SmallBlocks blocks;

    ThreadExit(ThreadBlocks thread, SmallBlocks blocks) {
      super(thread, dead);
      this.blocks = blocks;
    }

    @Override
    public void settle(Memory memory) {
      blocks.empty(Reclaimer.this);
      threads.remove(this);
    }
  }

  /** Held by each storage of a group, and by nothing else once the group is full. */
  public static final class Token {
    private final Watch watch;

    private Token(Reclaimer owner, int capacity) {
      watch = new Watch(this, owner, capacity);
      watch.stripe.link(watch);
    }

    public boolean isFull() {
      return watch.count == watch.addresses.length;
    }

    boolean belongsTo(Reclaimer reclaimer) {
      return watch.owner == reclaimer;
    }

    public int add(long address, long bytes) {
      int slot = watch.count;
      watch.addresses[slot] = address;
      watch.bytes[slot] = bytes;
      watch.count = slot + 1;
      return slot;
    }

    /** {@code maker} made the block; {@code written}: another thread has written to it. */
    public void free(int slot, NativeCalls maker, boolean written) {
      watch.free(slot, maker, written);
      // Until here the collector must not take its turn: this call may be the last use of the
      // storage, and of this.
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Watches a token; knows the blocks that its storages own. The thread that frees a block by hand
   * holds the token, so the collector's turn comes after that, and plain fields are enough.
   */
  private static final class Watch extends PhantomReference<Token> implements Dead {
    final Reclaimer owner;
    final Stripe stripe;
    final long[] addresses; // 0: freed by hand
    final long[] bytes;
    int count;
    int freed; // by hand; too low when two threads count at once, and then the collector ends it
    volatile boolean done;
    Watch previous;
    Watch next;

    Watch(Token token, Reclaimer owner, int capacity) {
      super(token, owner.dead);
      this.owner = owner;
      this.stripe = owner.stripes[(int) Thread.currentThread().getId() & (STRIPES - 1)];
      this.addresses = new long[capacity];
      this.bytes = new long[capacity];
    }

    void free(int slot, NativeCalls maker, boolean written) {
      long address = addresses[slot];
      if (address == 0) {
        return; // a tensor that a program passed between threads by a race: the collector finds it
      }
      addresses[slot] = 0;
      owner.free(address, bytes[slot], maker, written);
      if (++freed == addresses.length && stripe.unlink(this)) {
        clear(); // nothing left to watch: spare the collector the work
      }
    }

    @Override
    public void settle(Memory memory) {
      done = true;
      if (stripe.unlink(this)) {
        for (int i = 0; i < count; i++) {
          if (addresses[i] != 0) {
            memory.free(addresses[i], bytes[i]);
          }
        }
      }
    }
  }

  /**
   * A list that keeps watches reachable; several of them, so that threads do not meet at one lock.
   */
  private static final class Stripe {
    private Watch first;

    synchronized void link(Watch w) {
      w.next = first;
      if (first != null) {
        first.previous = w;
      }
      first = w;
      w.previous = w; // marks the first: linked, and nobody before it
    }

    synchronized boolean unlink(Watch w) {
      if (w.previous == null) {
        return false;
      }
      if (first == w) {
        first = w.next;
        if (first != null) {
          first.previous = first;
        }
      } else {
        w.previous.next = w.next;
        if (w.next != null) {
          w.next.previous = w.previous;
        }
      }
      w.previous = w.next = null;
      return true;
    }
  }
}
