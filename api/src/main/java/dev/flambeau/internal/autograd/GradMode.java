package dev.flambeau.internal.autograd;

import dev.flambeau.Autograd;
import dev.flambeau.Tensor;

/** Whether a thread records what it computes, and the number of the last step that it recorded. */
public final class GradMode {
  private static final ThreadLocal<GradMode> CURRENT = new ThreadLocal<>();

  public boolean enabled = true;
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
    GradMode mode = get();
    boolean before = mode.enabled;
    mode.enabled = enabled;
    return () -> mode.enabled = before;
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
