package dev.flambeau.internal.autograd;

import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.layout;
import static dev.flambeau.internal.tensor.TensorImpl.impl;

import dev.flambeau.DType;
import dev.flambeau.Function;
import dev.flambeau.Tensor;
import dev.flambeau.internal.tensor.DeviceContext;
import dev.flambeau.internal.tensor.Layout;
import dev.flambeau.internal.tensor.TensorImpl;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The graph node of a {@link Function}. */
public final class FunctionNode extends SavingNode {
  /** The program's gradients, from those of the outputs. */
  @FunctionalInterface
  public interface Backward {
    List<Tensor> of(Function.Context context, List<Tensor> gradients);
  }

  /** The program's outputs. */
  @FunctionalInterface
  public interface Forward {
    List<Tensor> of(Function.Context context, List<Tensor> inputs);
  }

  private final Backward function;
  private final FunctionContext context;
  private final List<Layout> outputLayouts = new ArrayList<>();
  private final List<DType> outputTypes = new ArrayList<>();
  private final DeviceContext device;

  private FunctionNode(
      String name, Backward function, FunctionContext context, Tensor[] in, List<Tensor> out) {
    super(name + "Backward");
    this.function = function;
    this.context = context;
    this.inputs = in.length;
    this.device = context(in[0]);
    for (int i = 0; i < in.length; i++) {
      GraphNode to = impl(in[i]).edge();
      if (to != null) {
        append(new Edge(i, to, impl(in[i]).output()));
      }
    }
    stamp(GradMode.get());
    for (int i = 0; i < out.size(); i++) {
      outputLayouts.add(layout(out.get(i)));
      outputTypes.add(out.get(i).dtype());
      if (out.get(i).dtype().isFloating()) {
        impl(out.get(i)).setHistory(this, i);
      }
    }
    toSave(context.moveTo(this));
    hold();
  }

  /** Computes the outputs, and gives them a node if any input needs gradients. */
  public static List<Tensor> apply(
      String name, Forward forward, Backward backward, Tensor[] inputs) {
    FunctionContext context = new FunctionContext();
    List<Tensor> out = new ArrayList<>();
    try (var off = GradMode.set(false)) {
      for (Tensor t : forward.of(context, List.of(inputs))) {
        // An input handed through is a result in its own right.
        out.add(Arrays.asList(inputs).contains(t) ? t.detach() : t);
      }
    }
    boolean needed = false;
    for (Tensor t : inputs) {
      needed |= GradMode.needsGrad(t);
    }
    if (needed) {
      new FunctionNode(name, backward, context, inputs, out); // which the outputs hold
    }
    return out;
  }

  @Override
  int outputs() {
    return outputLayouts.size();
  }

  @Override
  void backward(Tensor[] gradients, Engine engine) {
    checkUsable();
    Tensor[] gs = new Tensor[gradients.length];
    for (int i = 0; i < gs.length; i++) {
      gs[i] = gradients[i] != null ? gradients[i] : zeros(i);
    }
    List<Tensor> results = function.of(context, new ArrayList<>(Arrays.asList(gs)));
    if (results.size() != inputs) {
      throw new IllegalStateException(
          name()
              + ": backward returned "
              + results.size()
              + " gradients for "
              + inputs
              + " inputs");
    }
    sendAll(results.toArray(Tensor[]::new), gs, engine);
  }

  private Tensor zeros(int output) {
    Layout layout = outputLayouts.get(output).rowMajor();
    return TensorImpl.empty(device, outputTypes.get(output), layout).zero_();
  }
}
