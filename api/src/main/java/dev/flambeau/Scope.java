package dev.flambeau;

import dev.flambeau.internal.kernels.Require;
import dev.flambeau.internal.tensor.Scopes;
import dev.flambeau.internal.tensor.TensorImpl;

/**
 * Frees the memory of the tensors made inside it at its end, at once and without waiting for the
 * garbage collector:
 *
 * <pre>{@code
 * try (var scope = Scope.open()) {
 *   Tensor probabilities = model.call(x).softmax(-1);
 *   return scope.keep(probabilities);
 * }
 * }</pre>
 *
 * <p>No program needs scopes for memory to stay bounded; they make it return sooner. What the
 * library stores (parameters, gradients, optimizer state) is never freed by a scope; what autograd
 * saved stays until backward is through. Scopes belong to the thread that opened them and close in
 * reverse order. What hooks and functions make during backward belongs to the scope around the call
 * of backward.
 */
public final class Scope implements AutoCloseable {
  private final Scopes scopes;
  private final int mark;
  private final int depth;
  private boolean open = true;

  private Scope(Scopes scopes) {
    this.scopes = scopes;
    this.mark = scopes.open(this);
    this.depth = scopes.depth();
  }

  /** Opens a scope on this thread. */
  public static Scope open() {
    return new Scope(Scopes.get());
  }

  /**
   * Lets this tensor outlive the scope; it joins the scope outside, if there is one. A tensor that
   * was made before the scope opened stays where it belongs.
   *
   * @throws IllegalStateException when the scope has ended
   */
  public Tensor keep(Tensor t) {
    Require.given("keep", "t", t);
    if (!scopes.isOpen(this, depth)) {
      throw new IllegalStateException("scope: it has ended, and keeps nothing any more");
    }
    if (scopes.tracks(mark, t)) {
      TensorImpl.impl(t).keep(depth);
    }
    return t;
  }

  /**
   * Hands tensors made on another thread, or outside, to this thread's innermost scope. Without one
   * nothing happens.
   */
  public static Tensor adopt(Tensor t) {
    TensorImpl x = TensorImpl.impl(Require.given("adopt", "t", t));
    if (!x.hasEscaped()) {
      Scopes.get().track(x);
    }
    return t;
  }

  /**
   * Ends the scope. A second call does nothing; so does one for a scope that was left open by a
   * hook or a {@link Function}, which ended with that code.
   *
   * @throws IllegalStateException on another thread, or while an inner scope is open
   */
  @Override
  public void close() {
    if (!open) {
      return;
    }
    if (Scopes.get() != scopes) {
      throw new IllegalStateException("scope: close it on the thread that opened it");
    }
    if (scopes.isOpen(this, depth) && scopes.depth() != depth) {
      throw new IllegalStateException(
          "scope: close the inner scope first (use try-with-resources)");
    }
    open = false;
    if (scopes.isOpen(this, depth)) {
      scopes.close();
    }
  }
}
