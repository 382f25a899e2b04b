package dev.flambeau;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The graph node of a {@link Function}. */
final class FunctionNode extends SavingNode {
  private final Function function;
  private final Function.Context context;
  private final List<Layout> outputLayouts = new ArrayList<>();
  private final List<DType> outputTypes = new ArrayList<>();
  private final DeviceContext device;

  FunctionNode(Function function, Function.Context context, Tensor[] in, List<Tensor> out) {
    super(function.getClass().getSimpleName() + "Backward");
    this.function = function;
    this.context = context;
    this.inputs = in.length;
    this.device = in[0].context();
    for (int i = 0; i < in.length; i++) {
      Node to = in[i].edge();
      if (to != null) {
        append(new Edge(i, to, in[i].output()));
      }
    }
    stamp(ThreadState.get());
    for (int i = 0; i < out.size(); i++) {
      outputLayouts.add(out.get(i).layout());
      outputTypes.add(out.get(i).dtype());
      if (out.get(i).dtype().isFloating()) {
        out.get(i).setHistory(this, i);
      }
    }
    toSave(context.toSave.clone());
    hold();
    context.toSave = new Tensor[0];
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
    List<Tensor> results = function.backward(context, new ArrayList<>(Arrays.asList(gs)));
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
    Layout layout = Layout.contiguous(outputLayouts.get(output).sizes);
    return Tensor.empty(device, outputTypes.get(output), layout).zero_();
  }
}
