package dev.flambeau.internal.autograd;

import static dev.flambeau.internal.tensor.TensorImpl.impl;

import dev.flambeau.Tensor;
import dev.flambeau.internal.tensor.TensorHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * The nodes that wait for their turn in one run of backward, newest first, with the gradients that
 * have come for them. A node keeps its gradients itself, claimed for one run; a run that meets a
 * node claimed by another (two threads, one model) keeps them aside.
 */
final class ReadyQueue {
  private static final VarHandle CLAIM;

  static {
    try {
      CLAIM = MethodHandles.lookup().findVarHandle(GraphNode.class, "claim", ReadyQueue.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  // A binary heap by sequence, the greatest on top.
  private GraphNode[] heap = new GraphNode[16];
  private int size;
  private Map<GraphNode, Tensor[]> aside;

  /** The gradients of a node's outputs, to be added to; null entries have none yet. */
  Tensor[] of(GraphNode n) {
    if (n.claim == this) {
      return n.incoming;
    }
    Tensor[] slots;
    if (CLAIM.compareAndSet(n, null, this)) {
      n.incoming = slots = new Tensor[n.outputs()];
    } else {
      if (aside == null) {
        aside = new IdentityHashMap<>();
      }
      slots = aside.get(n);
      if (slots != null) {
        return slots;
      }
      aside.put(n, slots = new Tensor[n.outputs()]);
    }
    push(n);
    return slots;
  }

  /** The newest node that waits, or null; {@link #take} has its gradients. */
  GraphNode poll() {
    if (size == 0) {
      return null;
    }
    GraphNode top = heap[0];
    GraphNode last = heap[--size];
    heap[size] = null;
    if (size > 0) {
      sink(last);
    }
    return top;
  }

  /** The gradients that came for a node; the node is free for other runs again. */
  Tensor[] take(GraphNode n) {
    if (n.claim != this) {
      return aside.remove(n);
    }
    Tensor[] slots = n.incoming;
    n.incoming = null;
    CLAIM.setRelease(n, null);
    return slots;
  }

  /** Frees what still waits, after a failure. */
  void clear() {
    for (GraphNode n = poll(); n != null; n = poll()) {
      for (Tensor g : take(n)) {
        if (g != null) {
          impl(g).drop(TensorHandle.State.BACKWARD);
        }
      }
    }
  }

  private void push(GraphNode n) {
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, size * 2);
    }
    int i = size++;
    while (i > 0) {
      int parent = (i - 1) >>> 1;
      if (heap[parent].sequence >= n.sequence) {
        break;
      }
      heap[i] = heap[parent];
      i = parent;
    }
    heap[i] = n;
  }

  private void sink(GraphNode n) {
    int i = 0;
    for (int child = 1; child < size; child = 2 * i + 1) {
      if (child + 1 < size && heap[child + 1].sequence > heap[child].sequence) {
        child++;
      }
      if (n.sequence >= heap[child].sequence) {
        break;
      }
      heap[i] = heap[child];
      i = child;
    }
    heap[i] = n;
  }
}
