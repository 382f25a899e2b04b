package dev.flambeau.nn;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/**
 * Goes over a module and all below it. A loop, not recursion: modules may be nested deeper than a
 * thread's stack is.
 */
final class ModuleWalk {
  /** A module on the way down to the present one. */
  private static final class Level {
    final Level up;
    final String name;
    final Module module;
    final Iterator<Map.Entry<String, Module>> children;

    Level(Level up, String name, Module module) {
      this.up = up;
      this.name = name;
      this.module = module;
      this.children = module.namedChildren().entrySet().iterator();
    }
  }

  private final Module root;
  private final Set<Module> seen;
  private boolean begun;
  private Level at;
  private int depth;

  /**
   * From {@code root} down.
   *
   * @param seen where the modules met are noted, each to be met once; null to meet a shared one
   *     under each of its names
   */
  ModuleWalk(Module root, Set<Module> seen) {
    this.root = root;
    this.seen = seen;
  }

  /** The next module, parents first; null at the end. */
  Module next() {
    if (!begun) {
      return begin();
    }
    while (at != null) {
      if (at.children.hasNext()) {
        var child = at.children.next();
        if (seen == null || seen.add(child.getValue())) {
          return enter(child);
        }
      } else {
        leave();
      }
    }
    return null;
  }

  /** The next module, children first; null at the end. */
  Module nextChildrenFirst() {
    if (!begun) {
      begin();
    } else {
      leave();
    }
    if (at == null) {
      return null;
    }
    while (at.children.hasNext()) {
      enter(at.children.next());
    }
    return at.module;
  }

  private Module begin() {
    begun = true;
    at = new Level(null, "", root);
    if (seen != null) {
      seen.add(root);
    }
    return root;
  }

  private Module enter(Map.Entry<String, Module> child) {
    at = new Level(at, child.getKey(), child.getValue());
    depth++;
    return at.module;
  }

  private void leave() {
    at = at.up;
    depth--;
  }

  /** Goes on without what is below the present module. */
  void skipBelow() {
    leave();
  }

  /** How far below the root the present module is. */
  int depth() {
    return depth;
  }

  /** The present module's name in its parent. */
  String name() {
    return at.name;
  }

  /** The present module's dotted name; empty for the root. */
  String path() {
    if (depth <= 1) {
      return at.name;
    }
    ArrayDeque<String> names = new ArrayDeque<>(depth);
    for (Level l = at; l.up != null; l = l.up) {
      names.addFirst(l.name);
    }
    return String.join(".", names);
  }
}
