package dev.flambeau.internal.autograd;

import static dev.flambeau.internal.tensor.TensorHandle.layout;
import static dev.flambeau.internal.tensor.TensorImpl.share;

import dev.flambeau.Autograd;
import dev.flambeau.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The gradient by a kernel under {@code createGraph}, of an op that has no second derivative: its
 * results are one step of the graph, which refuses to be gone through.
 */
final class OnceDifferentiable implements JointGradient {
  private final String op;
  private final JointGradient kernel;

  OnceDifferentiable(String op, JointGradient kernel) {
    this.op = op;
    this.kernel = kernel;
  }

  @Override
  public Tensor[] of(Tensor[] g, Saved saved, boolean[] wanted) {
    Tensor[] found;
    try (var off = Autograd.noGrad()) {
      found = kernel.of(g, saved, wanted).clone();
    }
    List<Tensor> results = new ArrayList<>();
    List<Tensor> inputs = new ArrayList<>(Arrays.asList(g));
    for (int i = 0; i < found.length; i++) {
      if (found[i] != null) {
        found[i] = share(found[i], layout(found[i])); // which may be one of g
        results.add(found[i]);
      }
    }
    if (results.isEmpty()) {
      return found;
    }
    for (int i = 0; i < saved.count(); i++) {
      inputs.add(saved.get(i));
    }
    new Recording("NotImplemented", results.toArray(Tensor[]::new))
        .inputs(inputs.toArray(Tensor[]::new))
        .gradient((second, nothing, all) -> refuse())
        .result();
    return found;
  }

  private Tensor[] refuse() {
    throw new IllegalStateException(
        op
            + ": its gradient cannot be differentiated (in PyTorch neither): it comes from a kernel"
            + " that has no derivative; leave it out of what is differentiated twice");
  }
}
