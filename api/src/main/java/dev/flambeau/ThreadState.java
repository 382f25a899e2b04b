package dev.flambeau;

import java.util.Arrays;

/**
 * What Flambeau keeps per thread: grad mode, open scopes, the generator in use, and small caches.
 */
final class ThreadState {
  private static final ThreadLocal<ThreadState> CURRENT = ThreadLocal.withInitial(ThreadState::new);

  boolean gradEnabled = true;
  Rng rng; // null: the process-wide one
  long sequence; // of the last graph node made here
  Reclaimer.Token group; // the token that small blocks share, of the device used last
  private Reclaimer.Token otherGroup; // of the device used before
  SmallBlocks blocks; // a list, one for each device; null until the first small tensor
  long unchecked; // bytes allocated since the last look at the budget

  // Open scopes: each is a mark in one list of handles.
  private Tensor[] handles = new Tensor[64];
  private int top;
  int depth;

  final HostTable geometry = new HostTable();
  final HostTable rows = new HostTable(); // of an optimizer's parameters

  static ThreadState get() {
    return CURRENT.get();
  }

  /** The token for small blocks of a device, which {@link #group} is afterwards; or null. */
  Reclaimer.Token groupOf(Reclaimer reclaimer) {
    Reclaimer.Token known = group;
    if (known == null || known.belongsTo(reclaimer)) {
      return known;
    }
    // A program that works on two devices goes to and fro between them.
    group = otherGroup != null && otherGroup.belongsTo(reclaimer) ? otherGroup : null;
    otherGroup = known;
    return group;
  }

  /** Lets the unfinished groups of small blocks die with their tensors. */
  void dropGroups() {
    group = null;
    otherGroup = null;
  }

  /** Adds a new handle to the innermost scope, if one is open. */
  void track(Tensor t) {
    if (depth > 0) {
      push(t);
    }
  }

  /** Whether a scope with this mark will meet the handle; what was made last is found first. */
  boolean tracks(int mark, Tensor t) {
    for (int i = top - 1; i >= mark; i--) {
      if (handles[i] == t) {
        return true;
      }
    }
    return false;
  }

  /** Opens a scope and returns its mark. */
  int enter() {
    depth++;
    return top;
  }

  /**
   * Closes a scope: drops what it tracked, except what escaped or was kept; what was kept joins the
   * scope outside.
   */
  void exit(int mark, Tensor.State why) {
    int keep = mark;
    for (int i = mark; i < top; i++) {
      Tensor t = handles[i];
      handles[i] = null;
      if (t.hasEscaped()) {
        continue;
      }
      if (t.outlives(depth)) {
        handles[keep++] = t;
      } else {
        t.drop(why);
      }
    }
    if (--depth == 0) { // no scope outside: what was kept is the program's
      Arrays.fill(handles, 0, keep, null);
      keep = 0;
    }
    top = keep;
  }

  private void push(Tensor t) {
    if (top == handles.length) {
      handles = Arrays.copyOf(handles, top * 2);
    }
    handles[top++] = t;
  }
}
