package dev.flambeau.internal.autograd;

import static dev.flambeau.internal.tensor.TensorHandle.layout;
import static dev.flambeau.internal.tensor.TensorImpl.share;

import dev.flambeau.Tensor;
import dev.flambeau.internal.tensor.TensorImpl;
import java.util.ArrayList;
import java.util.List;

/**
 * The gradient of an op under {@code createGraph}, found by running the op again in tensor ops,
 * which record themselves, and differentiating that: for ops whose gradient would be long to write
 * a second time.
 */
final class Recomputation implements JointGradient {
  /** An op in tensor ops. */
  @FunctionalInterface
  public interface Forward {
    /**
     * The outputs, in the order of {@code record}.
     *
     * @param in the inputs, in the order of {@code inputs}
     */
    Tensor[] of(Tensor[] in, Saved saved);
  }

  private final Forward forward;
  private final int[] places; // where each input is saved, or -1

  Recomputation(Forward forward, int[] places) {
    this.forward = forward;
    this.places = places;
  }

  @Override
  public Tensor[] of(Tensor[] g, Saved saved, boolean[] wanted) {
    GraphNode node = (Recording) saved;
    Tensor[] in = new Tensor[places.length];
    for (int i = 0; i < in.length; i++) {
      in[i] = places[i] < 0 ? null : saved.get(places[i]);
    }
    List<Tensor> targets = new ArrayList<>();
    for (GraphNode.Edge e = node.edges; e != null; e = e.next) {
      in[e.input] = in[e.input] == null ? zeros((Recording.Input) e) : step(in[e.input]);
      if (wanted[e.input]) {
        targets.add(in[e.input]);
      }
    }
    Tensor[] out = forward.of(in, saved);
    List<Tensor> roots = new ArrayList<>();
    List<Tensor> gradients = new ArrayList<>();
    for (int i = 0; i < g.length; i++) {
      if (g[i] != null && out[i].requiresGrad()) {
        roots.add(out[i]);
        gradients.add(g[i]);
      }
    }
    Tensor[] of = Engine.gradients(roots, targets, gradients);
    Tensor[] found = new Tensor[in.length];
    int next = 0;
    for (GraphNode.Edge e = node.edges; e != null; e = e.next) {
      found[e.input] = wanted[e.input] ? of[next++] : null;
    }
    return found;
  }

  /**
   * The input behind a step of its own, at which its gradient is asked for: so what inputs have to
   * do with each other (one may be computed from another) does not count.
   */
  private static Tensor step(Tensor x) {
    return Recording.of("AliasBackward0", share(x, layout(x))).input(x, (g, saved) -> g).result();
  }

  /** For an input that was not saved: no gradient depends on its values. */
  private static Tensor zeros(Recording.Input x) {
    return TensorImpl.empty(x.context, x.type, x.layout.rowMajor()).zero_().requiresGrad_();
  }
}
