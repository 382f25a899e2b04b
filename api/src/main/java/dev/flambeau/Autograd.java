package dev.flambeau;

import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Eager differentiation: what is computed from tensors that require gradients is recorded, and
 * {@link Tensor#backward()} walks the record. State is per thread; any number of threads may
 * compute and differentiate at once.
 */
public final class Autograd {
  private Autograd() {}

  /** Restores a thread's grad mode when closed. */
  public interface Mode extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Stops recording on this thread until closed: {@code try (var ng = Autograd.noGrad()) { ... }}.
   */
  public static Mode noGrad() {
    return mode(false);
  }

  /** Records again within {@link #noGrad()}, until closed. */
  public static Mode enableGrad() {
    return mode(true);
  }

  /** Whether this thread records. */
  public static boolean isGradEnabled() {
    return ThreadState.get().gradEnabled;
  }

  private static Mode mode(boolean enabled) {
    ThreadState t = ThreadState.get();
    boolean before = t.gradEnabled;
    t.gradEnabled = enabled;
    return () -> t.gradEnabled = before;
  }

  /**
   * The gradients of one-element {@code output} with respect to {@code inputs}; leaves' {@code
   * grad} stays as it is.
   */
  public static List<Tensor> grad(Tensor output, Tensor... inputs) {
    return grad(List.of(output), List.of(inputs), null, false, false);
  }

  /**
   * The gradients of {@code outputs} with respect to {@code inputs}, summed over the outputs. The
   * leaves' {@code grad} stays as it is.
   *
   * @param gradOutputs gradients of the outputs; null means 1 for each
   * @param retainGraph keep what the graph saved
   * @param createGraph record the computation of the gradients (retains the graph)
   * @throws IllegalStateException when an input has no part in the outputs
   */
  public static List<Tensor> grad(
      List<Tensor> outputs,
      List<Tensor> inputs,
      List<Tensor> gradOutputs,
      boolean retainGraph,
      boolean createGraph) {
    Tensor[] found =
        Engine.gradients(outputs, inputs, gradOutputs, retainGraph || createGraph, createGraph);
    for (int i = 0; i < found.length; i++) {
      if (found[i] == null) {
        throw new IllegalStateException(
            "grad: input " + i + " has no part in the outputs, so it has no gradient");
      }
    }
    return Arrays.asList(found);
  }

  /** Begins the record of an op whose result is {@code y}. */
  static Recording record(String name, Tensor y) {
    return new Recording(name, y);
  }

  /**
   * Begins the record of an op with several results. Those that are not floating get no history.
   */
  static Recording record(String name, Tensor first, Tensor... more) {
    Tensor[] results = new Tensor[1 + more.length];
    results[0] = first;
    System.arraycopy(more, 0, results, 1, more.length);
    return new Recording(name, results);
  }

  /** Whether a recorded op on {@code x} would need gradients: the fast way asks first. */
  static boolean needsGrad(Tensor x) {
    return x.requiresGrad() && ThreadState.get().gradEnabled;
  }

  /** Whether a recorded op on two tensors would need gradients. */
  static boolean needsGrad(Tensor a, Tensor b) {
    return (a.requiresGrad() || b.requiresGrad()) && ThreadState.get().gradEnabled;
  }

  /** Whether a recorded op on three tensors would need gradients. */
  static boolean needsGrad(Tensor a, Tensor b, Tensor c) {
    return (a.requiresGrad() || b.requiresGrad() || c.requiresGrad())
        && ThreadState.get().gradEnabled;
  }

  /**
   * Writes the result of an op back into {@code x}, and gives {@code x} the result's place in the
   * graph. {@code compute} gets a tensor with {@code x}'s value and history, which is {@code x}
   * itself when nothing is recorded.
   *
   * @throws IllegalStateException for a leaf that requires gradients, or a view of one
   * @throws IllegalArgumentException when the result does not fit into {@code x}
   */
  static Tensor inPlace(
      String op, Tensor x, boolean othersNeedGrad, UnaryOperator<Tensor> compute) {
    ThreadState t = ThreadState.get();
    boolean graph = t.gradEnabled && (othersNeedGrad || x.requiresGrad());
    if (t.gradEnabled) {
      refuseLeaf(op, x);
    }
    // Recorded: the op may save its input, which this write is about to change, so it works on a
    // copy.
    Tensor old = graph ? snapshot(x) : x;
    Tensor r = compute.apply(old);
    fits(op, x, r);
    if (r != x) {
      Copy.into(op, r, x);
      x.written(op);
    }
    if (graph && r.edge() != null) {
      rebase(x, r);
    }
    return x;
  }

  static void refuseLeaf(String op, Tensor x) {
    if (x.requiresGrad()) {
      Tensor base = x.viewBase();
      if (x.isLeaf() || base != null && base.isLeaf() && base.requiresGrad()) {
        throw new IllegalStateException(
            op
                + ": a leaf that requires gradients"
                + (base == null ? "" : " (through a view of it)")
                + " cannot be changed in place while gradients are recorded; do it under Autograd.noGrad()");
      }
    }
  }

  private static void fits(String op, Tensor x, Tensor r) {
    if (!Arrays.equals(x.sizes(), r.sizes())) {
      throw new IllegalArgumentException(
          op
              + ": the result has shape "
              + Dims.text(r.sizes())
              + ", which does not fit into a tensor of shape "
              + Dims.text(x.sizes()));
    }
    if (r.dtype().category().compareTo(x.dtype().category()) > 0) {
      throw new IllegalArgumentException(
          op
              + ": the result is "
              + r.dtype()
              + ", which cannot be written into a tensor of "
              + x.dtype());
    }
  }

  /** A copy of the values with the same place in the graph. */
  private static Tensor snapshot(Tensor x) {
    Tensor copy;
    try (var off = noGrad()) {
      copy = x.copy();
    }
    Node edge = x.edge();
    if (edge != null) {
      copy.setHistory(edge, x.output());
    }
    return copy;
  }

  /**
   * Makes {@code r}'s history that of {@code x}, or, if {@code x} is a view, part of its base's.
   */
  private static void rebase(Tensor x, Tensor r) {
    Tensor base = x.viewBase();
    if (base == null) {
      x.replaceHistory(r.edge(), r.output());
      return;
    }
    UnaryOperator<Tensor> view = x.viewReplay();
    Tensor written = base.share(base.layout());
    Recording node = record("CopySlices", written);
    node.input(
            base,
            (g, saved) -> {
              Tensor rest = g.copy();
              view.apply(rest).zero_();
              return rest;
            })
        .input(r, (g, saved) -> view.apply(g).copy())
        .result();
    base.replaceHistory(written.edge(), 0);
  }
}
