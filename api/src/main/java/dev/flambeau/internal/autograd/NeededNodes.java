package dev.flambeau.internal.autograd;

import static dev.flambeau.internal.tensor.TensorImpl.impl;

import dev.flambeau.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which nodes lie on a path from some outputs to some targets: only these need gradients. */
final class NeededNodes {
  private NeededNodes() {}

  static Set<GraphNode> between(Set<GraphNode> targets, List<Tensor> outputs) {
    Map<GraphNode, List<GraphNode>> callers = new IdentityHashMap<>();
    Deque<GraphNode> work = new ArrayDeque<>();
    for (Tensor t : outputs) {
      GraphNode n = impl(t).edge();
      if (n != null && callers.putIfAbsent(n, new ArrayList<>(1)) == null) {
        work.push(n);
      }
    }
    while (!work.isEmpty()) {
      GraphNode n = work.pop();
      for (GraphNode.Edge e = n.edges; e != null; e = e.next) {
        List<GraphNode> known = callers.get(e.to);
        if (known == null) {
          callers.put(e.to, known = new ArrayList<>(1));
          work.push(e.to);
        }
        known.add(n);
      }
    }
    // Backwards from the targets along what was found.
    Set<GraphNode> reach = Collections.newSetFromMap(new IdentityHashMap<>());
    for (GraphNode n : targets) {
      if (callers.containsKey(n) && reach.add(n)) {
        work.push(n);
      }
    }
    while (!work.isEmpty()) {
      for (GraphNode caller : callers.get(work.pop())) {
        if (reach.add(caller)) {
          work.push(caller);
        }
      }
    }
    return reach;
  }
}
