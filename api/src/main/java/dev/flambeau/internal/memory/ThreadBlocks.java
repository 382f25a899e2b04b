package dev.flambeau.internal.memory;

/**
 * What a thread has of native memory: the groups that its small blocks join, a free list, and
 * whether it is in a native call.
 */
public final class ThreadBlocks {
  private static final ThreadLocal<ThreadBlocks> CURRENT = new ThreadLocal<>();

  public Reclaimer.Token group; // the token that small blocks share, of the device used last
  private Reclaimer.Token otherGroup; // of the device used before
  SmallBlocks free; // a list, one for each device; null until the first small tensor
  long unchecked; // bytes allocated since the last look at the budget

  /** Whether the thread is in a native call. */
  public final NativeCalls calls = NativeCalls.register();

  private ThreadBlocks() {}

  /** This thread's. */
  public static ThreadBlocks get() {
    ThreadBlocks known = CURRENT.get();
    return known != null ? known : first();
  }

  // Not ThreadLocal.withInitial: a lambda is one class more when a program starts.
  private static ThreadBlocks first() {
    ThreadBlocks made = new ThreadBlocks();
    CURRENT.set(made);
    return made;
  }

  /** The token for small blocks of a device, which {@link #group} is afterwards; or null. */
  public Reclaimer.Token groupOf(Reclaimer reclaimer) {
    Reclaimer.Token known = group;
    if (known == null || known.belongsTo(reclaimer)) {
      return known;
    }
    // A program that works on two devices alternates between them.
    group = otherGroup != null && otherGroup.belongsTo(reclaimer) ? otherGroup : null;
    otherGroup = known;
    return group;
  }

  /** Lets the unfinished groups of small blocks die with their tensors. */
  void dropGroups() {
    group = null;
    otherGroup = null;
  }
}
