package dev.flambeau.internal.autograd;

import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorHandle.storage;
import static dev.flambeau.internal.tensor.TensorImpl.impl;

import dev.flambeau.Tensor;
import dev.flambeau.internal.tensor.Dims;
import dev.flambeau.internal.tensor.Storage;
import dev.flambeau.internal.tensor.TensorHandle;
import java.util.Arrays;

/** A node that saves tensors for its backward: what it holds of them, and until when. */
abstract sealed class SavingNode extends GraphNode implements Saved, Storage.Saver
    permits Recording, FunctionNode {
  private static final Tensor[] NONE = {};

  private Tensor[] saved = NONE;
  private int[] versions;
  private boolean released;
  private byte copied; // how many of the first are copied before a write

  SavingNode(String name) {
    super(name);
  }

  /** What {@link #hold} will save; an entry may be null. */
  final void toSave(Tensor[] tensors) {
    saved = tensors;
  }

  /** Lets the first {@code n} be written in place: they are copied before. */
  final void copyBeforeWrite(int n) {
    copied = (byte) n;
  }

  /**
   * Takes a hold of its own on what is to be saved. The outputs' place in the graph must be known
   * by now: an alias shares it.
   */
  final void hold() {
    versions = saved.length == 0 ? null : new int[saved.length];
    for (int i = 0; i < saved.length; i++) {
      if (saved[i] != null) {
        versions[i] = saved[i].version();
        saved[i] = impl(saved[i]).alias();
      }
    }
    if (copied > 0) {
      watchSaved();
    }
  }

  private void watchSaved() {
    for (int i = 0; i < copied; i++) {
      if (saved[i] != null) {
        storage(saved[i]).addSaver(this);
      }
    }
  }

  @Override
  public final Tensor get(int i) {
    Tensor t = saved[i];
    if (t != null && t.version() != versions[i]) {
      throw new IllegalStateException(
          name()
              + ": a tensor of shape "
              + Dims.text(sizes(t))
              + " that it needs for its gradient was changed in"
              + " place by "
              + storage(t).writer
              + " (version "
              + t.version()
              + ", saved at version "
              + versions[i]
              + "); use the form without _, or change a copy()");
    }
    return t;
  }

  @Override
  public final void copyOf(Storage storage) {
    for (int i = 0; i < copied; i++) {
      Tensor t = saved[i];
      if (t != null && storage(t) == storage && !t.isReleased()) {
        saved[i] = impl(t).aliasOfCopy();
        versions[i] = saved[i].version();
        impl(t).drop(TensorHandle.State.REPLACED);
      }
    }
  }

  @Override
  public final int count() {
    return saved.length;
  }

  /** Where {@code t} stands among what is to be saved, or -1. */
  final int placeOf(Tensor t) {
    return Arrays.asList(saved).indexOf(t);
  }

  /** Refuses to go through a graph that was freed. */
  final void checkUsable() {
    if (released) {
      throw new IllegalStateException(
          name()
              + ": this graph was already used by a backward, which freed what it had saved; call the first one"
              + " with retainGraph = true to go through it again");
    }
  }

  /** Sends the gradients of the inputs on, given those of the outputs that they were found from. */
  final void sendAll(Tensor[] found, Tensor[] gs, Engine engine) {
    for (Edge e = edges; e != null; e = e.next) {
      Tensor gx = found[e.input];
      if (gx != null && engine.wants(e.to)) {
        Tensor fitted = e.fit(gx);
        // Who waits for a gradient drops its handle in the end, so no two may wait for one: what
        // was sent before has escaped by now, as everything saved has.
        boolean isOthers =
            fitted == gx && (impl(gx).hasEscaped() || Arrays.asList(gs).contains(gx));
        engine.send(e.to, e.output, fitted, isOthers);
      }
    }
  }

  @Override
  final void release() {
    if (saved.length > 0) {
      released = true;
      for (int i = 0; i < copied; i++) {
        if (saved[i] != null) {
          storage(saved[i]).removeSaver(this);
        }
      }
      for (Tensor t : saved) {
        if (t != null) {
          impl(t).drop(TensorHandle.State.BACKWARD);
        }
      }
    }
  }
}
