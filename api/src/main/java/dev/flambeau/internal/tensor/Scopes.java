package dev.flambeau.internal.tensor;

import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import dev.flambeau.internal.memory.ThreadBlocks;
import java.util.Arrays;

/** The open scopes of a thread: each is a mark in one list of the tensors made here. */
public final class Scopes {
  private static final ThreadLocal<Scopes> CURRENT = new ThreadLocal<>();

  /**
   * The thread's memory, kept here because making a tensor needs both: one look-up of the thread
   * finds them.
   */
  final ThreadBlocks blocks = ThreadBlocks.get();

  private TensorImpl[] tensors = new TensorImpl[64];
  private int top;
  private int depth;

  // The scopes that the program opened, and their marks, by depth; null where the library did.
  private Scope[] opened = new Scope[8];
  private int[] marks = new int[8];

  private Scopes() {}

  /** This thread's. */
  public static Scopes get() {
    Scopes known = CURRENT.get();
    return known != null ? known : first();
  }

  // Not ThreadLocal.withInitial: a lambda is one class more when a program starts.
  private static Scopes first() {
    Scopes made = new Scopes();
    CURRENT.set(made);
    return made;
  }

  /** How many scopes are open. */
  public int depth() {
    return depth;
  }

  /** Adds a new tensor to the innermost scope, if one is open. */
  public void track(TensorImpl t) {
    if (depth > 0) {
      push(t);
    }
  }

  /** Adds a tensor to the innermost scope again, after the library worked on it outside of all. */
  public static Tensor handOver(Tensor t) {
    TensorImpl x = TensorImpl.impl(t);
    x.unescape();
    get().track(x);
    return t;
  }

  /** Whether the tensor was made since this mark; the newest is compared first. */
  public boolean tracks(int mark, Tensor t) {
    for (int i = top - 1; i >= mark; i--) {
      if (tensors[i] == t) {
        return true;
      }
    }
    return false;
  }

  /** Opens a scope and returns its mark. */
  public int enter() {
    depth++;
    return top;
  }

  /** Opens a scope of the program, and returns its mark. */
  public int open(Scope scope) {
    int mark = enter();
    if (depth >= opened.length) {
      opened = Arrays.copyOf(opened, depth * 2);
      marks = Arrays.copyOf(marks, depth * 2);
    }
    opened[depth] = scope;
    marks[depth] = mark;
    return mark;
  }

  /** Whether a scope of the program, opened at this depth, is still open. */
  public boolean isOpen(Scope scope, int depth) {
    return opened[depth] == scope;
  }

  /** Closes the innermost scope, which is the program's. */
  public void close() {
    opened[depth] = null;
    exit(marks[depth], TensorImpl.State.SCOPE);
  }

  /** Where in the list of tensors the next one will be. */
  public int top() {
    return top;
  }

  /** Hands what was made since {@code from} to the scope around the one at {@code depth}. */
  public void handOut(int from, int depth) {
    if (depth > 1) {
      for (int i = from; i < top; i++) {
        tensors[i].keep(depth);
      }
    } else if (top > from) { // no scope around it: these are the program's
      Arrays.fill(tensors, from, top, null);
      top = from;
    }
  }

  /**
   * Closes a scope: drops what it tracked, except what escaped or was kept; what was kept joins the
   * scope outside.
   */
  public void exit(int mark, TensorImpl.State why) {
    int keep = mark;
    for (int i = mark; i < top; i++) {
      TensorImpl t = tensors[i];
      tensors[i] = null;
      if (t.hasEscaped()) {
        continue;
      }
      if (t.outlives(depth)) {
        tensors[keep++] = t;
      } else {
        t.drop(why);
      }
    }
    if (--depth == 0) { // no scope outside: what was kept is the program's
      Arrays.fill(tensors, 0, keep, null);
      keep = 0;
    }
    top = keep;
  }

  private void push(TensorImpl t) {
    if (top == tensors.length) {
      tensors = Arrays.copyOf(tensors, top * 2);
    }
    tensors[top++] = t;
  }
}
