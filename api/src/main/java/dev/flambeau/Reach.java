package dev.flambeau;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which nodes lie on a path from some outputs to some targets: only these need gradients. */
final class Reach {
  private Reach() {}

  static Set<Node> to(List<Node> targets, List<Tensor> outputs) {
    Map<Node, List<Node>> callers = new IdentityHashMap<>();
    Deque<Node> work = new ArrayDeque<>();
    for (Tensor t : outputs) {
      Node n = t.edge();
      if (n != null && callers.putIfAbsent(n, new ArrayList<>(1)) == null) {
        work.push(n);
      }
    }
    while (!work.isEmpty()) {
      Node n = work.pop();
      for (Node.Edge e = n.edges; e != null; e = e.next) {
        List<Node> known = callers.get(e.to);
        if (known == null) {
          callers.put(e.to, known = new ArrayList<>(1));
          work.push(e.to);
        }
        known.add(n);
      }
    }
    // Backwards from the targets along what was found.
    Set<Node> reach = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Node n : targets) {
      if (callers.containsKey(n) && reach.add(n)) {
        work.push(n);
      }
    }
    while (!work.isEmpty()) {
      for (Node caller : callers.get(work.pop())) {
        if (reach.add(caller)) {
          work.push(caller);
        }
      }
    }
    return reach;
  }
}
