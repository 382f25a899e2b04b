package dev.flambeau.internal.autograd;

import dev.flambeau.Autograd;
import dev.flambeau.Tensor;

/** Whether a thread records what it computes, and the number of the last step that it recorded. */
public final class GradMode {
  private static final ThreadLocal<GradMode> CURRENT = new ThreadLocal<>();

  /** A mode until it is closed. The one opened last among those that are open holds. */
  static final class Open implements Autograd.Mode {
    private final GradMode thread;
    private final boolean wanted;
    private final long number;
    private boolean before;
    private Open outer;
    private boolean isOpen = true;

    Open(GradMode thread, boolean wanted) {
      this.thread = thread;
      this.wanted = wanted;
      this.number = ++thread.opened;
      this.before = thread.enabled;
      this.outer = thread.innermost;
    }

    @Override
    public void close() {
      if (!isOpen) {
        return;
      }
      if (get() != thread) {
        throw new IllegalStateException(
            (wanted ? "enableGrad" : "noGrad") + ": close it on the thread that opened it");
      }
      end();
    }

    /** Closes it, on its thread. */
    void end() {
      isOpen = false;
      if (thread.innermost == this) {
        thread.innermost = outer;
        thread.enabled = before;
        return;
      }
      Open inner = thread.innermost;
      while (inner.outer != this) {
        inner = inner.outer;
      }
      inner.outer = outer; // which from now on restores what this one found
      inner.before = before;
    }
  }

  public boolean enabled = true;
  private Open innermost;
  private long opened; // how many there were
  long sequence; // of the last graph node made here

  private GradMode() {}

  /** This thread's. */
  public static GradMode get() {
    GradMode known = CURRENT.get();
    return known != null ? known : first();
  }

  // Not ThreadLocal.withInitial: a lambda is one class more when a program starts.
  private static GradMode first() {
    GradMode made = new GradMode();
    CURRENT.set(made);
    return made;
  }

  /** Switches recording on or off until the result is closed. */
  public static Autograd.Mode set(boolean enabled) {
    return get().open(enabled);
  }

  Open open(boolean wanted) {
    Open made = new Open(this, wanted);
    innermost = made;
    enabled = wanted;
    return made;
  }

  /** How many modes were opened on this thread. */
  long opened() {
    return opened;
  }

  /** Closes the modes that were opened since, but for those that are closed already. */
  void closeSince(long opened) {
    while (innermost != null && innermost.number > opened) {
      innermost.end();
    }
  }

  /**
   * Whether a recorded op on {@code x} would need gradients; where not, a {@link Recording} is not
   * even made.
   */
  public static boolean needsGrad(Tensor x) {
    return x.requiresGrad() && get().enabled;
  }

  /** Whether a recorded op on two tensors would need gradients. */
  public static boolean needsGrad(Tensor a, Tensor b) {
    return (a.requiresGrad() || b.requiresGrad()) && get().enabled;
  }

  /** Whether a recorded op on three tensors would need gradients. */
  public static boolean needsGrad(Tensor a, Tensor b, Tensor c) {
    return (a.requiresGrad() || b.requiresGrad() || c.requiresGrad()) && get().enabled;
  }
}
