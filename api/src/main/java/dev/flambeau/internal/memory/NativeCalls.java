package dev.flambeau.internal.memory;

import dev.flambeau.spi.Memory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Whether a thread is in a native call, and with it how memory may be freed while other threads
 * compute.
 *
 * <p><b>The protocol.</b> A thread that computes (1) marks itself, (2) sees that the tensor is
 * live, (3) takes its address and calls, (4) takes the mark off. A thread that closes (1) sets the
 * tensor's state by compare-and-set, (2) makes a process-wide barrier, (3) looks at the marks of
 * all threads. The barrier puts a full fence between the first two steps of every computing thread,
 * so that a mark costs a plain store: a thread that still saw the tensor live is seen marked. What
 * was closed before the barrier is out of use as soon as every mark that was seen has changed
 * ({@link Running}). Where there is no such barrier, marking has a full fence of its own.
 *
 * <p><b>Who must wait for that.</b> Returning memory to the system: always ({@link DeferredFrees}).
 * Using a block again: only if the call may <i>write</i> to it. Reading what is another tensor's
 * meanwhile spoils the result of that call alone, which {@code close()} allows; writing would spoil
 * the other tensor. New memory is written by the thread that made it, and nobody else knows it; so
 * a block may be used again at once if the thread that made it frees it, and no other thread has
 * ever written to it in place. A thread that writes to a block of another one says so with a full
 * fence between that and step (2) ({@code Storage.writtenElsewhere}); then either it sees the
 * tensor closed, or the closing thread, whose compare-and-set is a full fence too, sees that.
 *
 * <p>Blocks that the collector found need none of this: a call keeps its operands reachable until
 * it has returned ({@code DeviceContext.check}), and memory that {@code setData} took from a tensor
 * is kept for the calls of that time ({@link Reclaimer#keepForCalls}).
 *
 * <p>As long as one thread alone has computed, nobody needs its marks, and it makes none. When a
 * second one comes, the first may be in a call without a mark; it counts as being in one until it
 * has ended a call that it marked, or its stack shows that it is in none.
 *
 * <p>A mark stays on when an exception comes between (1) and (4). That delays what is freed
 * meanwhile, until the thread's next call or its end, or until its stack shows that it is in no
 * call.
 */
public final class NativeCalls {
  private static final VarHandle WORD;

  static {
    try {
      WORD = MethodHandles.lookup().findVarHandle(NativeCalls.class, "word", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  // By thread, not by its thread-locals, which some pools erase while it lives on.
  private static final Map<Thread, NativeCalls> ALL = new ConcurrentHashMap<>();
  private static final int FEW = 64;
  private static volatile int sweepAt = FEW; // entries: then those of ended threads are dropped

  /** Settled at the first call, when the first device has been opened. */
  private static final class Marking {
    static final boolean NEEDS_FENCE = !Barrier.exists();
  }

  private static volatile boolean several; // whether a second thread has come

  /** Whose frames lie under those of the program's hooks and functions. */
  private static final Set<String> CALLERS =
      Set.of(
          "dev.flambeau.internal.autograd.GraphNode",
          "dev.flambeau.internal.autograd.FunctionNode");

  private static final long PATIENCE = 1_000_000_000L; // before a stack is looked at

  Thread thread; // null when it has ended
  private long word; // odd: in a call; each call has another number
  private volatile long unmarked = -1; // the word when a second thread came: see isOpen

  private NativeCalls(Thread thread) {
    this.thread = thread;
  }

  /** The process-wide barrier of the first backend that has one. */
  static final class Barrier {
    private static volatile Memory by;

    static void offer(Memory memory) {
      if (by == null && memory.hasBarrier()) {
        by = memory;
      }
    }

    static boolean exists() {
      return by != null;
    }

    static boolean make() {
      if (Marking.NEEDS_FENCE) {
        VarHandle.fullFence(); // the other threads' fences stand in their calls
        return true;
      }
      return by.barrier();
    }
  }

  /** That of the current thread. */
  static NativeCalls register() {
    Thread t = Thread.currentThread();
    NativeCalls known = ALL.get(t);
    if (known != null) {
      return known;
    }
    if (ALL.size() >= sweepAt) {
      dropEnded();
      sweepAt = Math.max(FEW, 2 * ALL.size());
    }
    NativeCalls made = new NativeCalls(t);
    ALL.put(t, made);
    if (!several) {
      meet(made);
    }
    return made;
  }

  private static void dropEnded() {
    for (NativeCalls c : ALL.values()) {
      Thread t = c.thread;
      if (t != null && !t.isAlive()) {
        ALL.remove(t);
        c.thread = null;
      }
    }
  }

  private static synchronized void meet(NativeCalls made) {
    if (several || ALL.size() == 1) {
      return;
    }
    for (NativeCalls c : ALL.values()) {
      c.unmarked = (long) WORD.getAcquire(c);
    }
    several = true;
    made.unmarked = -1; // this thread is here
    for (NativeCalls c : ALL.values()) {
      if (c.unmarked >= 0) {
        c.isSeenCalling();
      }
    }
  }

  /** Whether the thread's stack shows that it is in a call; if not, whatever follows is marked. */
  private boolean isSeenCalling() {
    Thread t = thread;
    boolean calling = t != null && isCalling(t.getStackTrace());
    if (!calling) {
      unmarked = -1;
    }
    return calling;
  }

  /** How many threads have computed or closed, and not ended. */
  static int threads() {
    return ALL.size();
  }

  /** Whether no other thread can be in a call. One that comes later finds closed what is now. */
  static boolean isOnlyThread() {
    ThreadBlocks.get(); // this one counts too
    return ALL.size() == 1;
  }

  /**
   * Marks this thread as in a native call, and returns its mark. {@code likely} is the mark that it
   * probably has (null: any): looking that up costs more than comparing.
   */
  public static NativeCalls enter(NativeCalls likely) {
    if (!several) {
      return likely;
    }
    NativeCalls mine = likely != null && likely.isMine() ? likely : ThreadBlocks.get().calls;
    long w = mine.word;
    if ((w & 1) == 0) {
      WORD.setOpaque(mine, w + 1);
      if (Marking.NEEDS_FENCE) {
        VarHandle.fullFence();
      }
    }
    return mine;
  }

  /** Takes this thread's mark off. */
  public static void leave(NativeCalls likely) {
    if (!several) {
      return;
    }
    NativeCalls mine = likely != null && likely.isMine() ? likely : ThreadBlocks.get().calls;
    long w = mine.word;
    if ((w & 1) != 0) {
      WORD.setRelease(mine, w + 1); // after all that the call read and wrote
    }
  }

  /** Whether this thread may be in a call at this word: in a marked one, or in one without. */
  private boolean isOpen(long w) {
    return (w & 1) != 0 || w <= unmarked;
  }

  /** Whether it is the current thread's. */
  boolean isMine() {
    return thread == Thread.currentThread();
  }

  /** The calls that other threads are in now. */
  static Running running() {
    Running seen = new Running(Barrier.make());
    dropEnded();
    for (NativeCalls c : ALL.values()) {
      long w = (long) WORD.getAcquire(c);
      if (c.isOpen(w) && !c.isMine()) {
        seen.add(c, w);
      }
    }
    return seen;
  }

  /**
   * Waits until every other thread has been seen outside of all code that computes; false: one of
   * them has not, for so long.
   */
  public static boolean awaitOthers(long nanos) {
    ThreadBlocks.get(); // from now on a lone thread marks its calls
    long end = System.nanoTime() + nanos;
    for (NativeCalls c : List.copyOf(ALL.values())) {
      while (!c.isMine() && c.isSeenCalling()) {
        if (System.nanoTime() - end > 0) {
          return false;
        }
        LockSupport.parkNanos(20_000);
      }
    }
    return true;
  }

  /** Calls that ran at one time. */
  static final class Running {
    private NativeCalls[] calls = {};
    private long[] words = {};
    private int count;
    private final boolean isComplete; // else it is not known what runs, and never will be
    private long lookAtStacks = System.nanoTime() + PATIENCE;

    private Running(boolean isComplete) {
      this.isComplete = isComplete;
    }

    private void add(NativeCalls of, long w) {
      if (count == words.length) {
        calls = Arrays.copyOf(calls, 2 * count + 2);
        words = Arrays.copyOf(words, 2 * count + 2);
      }
      calls[count] = of;
      words[count++] = w;
    }

    /** Whether all of them have ended. */
    boolean haveEnded() {
      boolean stacks = count > 0 && System.nanoTime() - lookAtStacks > 0;
      while (count > 0 && hasEnded(calls[count - 1], words[count - 1], stacks)) {
        calls[--count] = null;
      }
      if (stacks) {
        lookAtStacks = System.nanoTime() + PATIENCE;
      }
      return count == 0 && isComplete;
    }

    private static boolean hasEnded(NativeCalls c, long w, boolean lookAtStack) {
      Thread t = c.thread;
      // A call without a mark may be marked when it takes its second address: then that must end.
      if ((long) WORD.getAcquire(c) > (w | 1) || t == null || !t.isAlive()) {
        return true;
      }
      return lookAtStack
          ? !c.isSeenCalling()
          : (w & 1) == 0 && w > c.unmarked; // its stack has shown that it was in none
    }
  }

  /**
   * Whether a stack is within code that takes addresses. Where that has called the program's own
   * code, a hook or a function, and where it waits here, it holds none.
   */
  private static boolean isCalling(StackTraceElement[] stack) {
    for (StackTraceElement frame : stack) {
      String name = frame.getClassName();
      if (name.startsWith("dev.flambeau.internal.") || name.startsWith("dev.flambeau.ops.")) {
        return !name.equals(NativeCalls.class.getName()) && !CALLERS.contains(name);
      }
    }
    return false;
  }
}
