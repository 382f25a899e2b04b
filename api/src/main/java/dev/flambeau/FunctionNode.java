package dev.flambeau;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The graph node of a {@link Function}. */
final class FunctionNode extends Node implements Saved {
  private final Function function;
  private final Function.Context context;
  private final List<Layout> outputLayouts = new ArrayList<>();
  private final List<DType> outputTypes = new ArrayList<>();
  private final DeviceContext device;
  private final Tensor[] saved;
  private final int[] versions;
  private boolean released;

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
    saved = new Tensor[context.toSave.length];
    versions = new int[saved.length];
    for (int i = 0; i < saved.length; i++) {
      saved[i] = context.toSave[i].alias();
      versions[i] = saved[i].version();
    }
    context.toSave = new Tensor[0];
  }

  @Override
  int outputs() {
    return outputLayouts.size();
  }

  @Override
  public Tensor get(int i) {
    if (saved[i].version() != versions[i]) {
      throw new IllegalStateException(
          name()
              + ": a tensor saved for backward was changed in place by "
              + saved[i].storage().writer);
    }
    return saved[i];
  }

  @Override
  void backward(Tensor[] gradients, Engine engine) {
    if (released) {
      throw new IllegalStateException(
          name()
              + ": this graph was already used by a backward; call the first one with retainGraph = true");
    }
    List<Tensor> gs = new ArrayList<>();
    for (int i = 0; i < gradients.length; i++) {
      gs.add(
          gradients[i] != null
              ? gradients[i]
              : Tensor.empty(
                      device, outputTypes.get(i), Layout.contiguous(outputLayouts.get(i).sizes))
                  .zero_());
    }
    List<Tensor> results = function.backward(context, gs);
    if (results.size() != inputs) {
      throw new IllegalStateException(
          name()
              + ": backward returned "
              + results.size()
              + " gradients for "
              + inputs
              + " inputs");
    }
    for (Edge e = edges; e != null; e = e.next) {
      Tensor g = results.get(e.input);
      if (g != null && engine.wants(e.to)) {
        engine.send(e.to, e.output, g, gs.contains(g) || Arrays.asList(saved).contains(g));
      }
    }
  }

  @Override
  void release() {
    released = saved.length > 0;
    for (Tensor t : saved) {
      t.drop(Tensor.State.BACKWARD);
    }
  }
}
