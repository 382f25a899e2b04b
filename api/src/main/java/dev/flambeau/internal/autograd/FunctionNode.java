package dev.flambeau.internal.autograd;

import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.layout;
import static dev.flambeau.internal.tensor.TensorHandle.requireLive;
import static dev.flambeau.internal.tensor.TensorImpl.impl;

import dev.flambeau.DType;
import dev.flambeau.Function;
import dev.flambeau.Tensor;
import dev.flambeau.internal.tensor.DeviceContext;
import dev.flambeau.internal.tensor.Layout;
import dev.flambeau.internal.tensor.Scopes;
import dev.flambeau.internal.tensor.TensorImpl;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

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
        append(new Edge(i, to, in[i]));
      }
    }
    stamp(GradMode.get());
    for (int i = 0; i < out.size(); i++) {
      outputLayouts.add(layout(out.get(i)));
      outputTypes.add(out.get(i).dtype());
      if (out.get(i).dtype().isFloating()) {
        if (impl(out.get(i)).viewBase() != null) {
          impl(out.get(i)).setApart(); // written in place, it would bypass the function
        }
        impl(out.get(i)).setHistory(this, i);
      }
    }
    toSave(context.moveTo(this));
    hold();
  }

  /** Computes the outputs, and gives them a node if any input needs gradients. */
  public static List<Tensor> apply(
      String name, Forward forward, Backward backward, Tensor[] inputs) {
    boolean needed = false;
    for (Tensor t : checked(name, inputs)) {
      needed |= GradMode.needsGrad(t);
    }
    FunctionContext context = new FunctionContext(name);
    List<Tensor> results;
    try (var code = new UserCode(GradMode.get(), Scopes.get(), 0);
        var off = GradMode.set(false)) {
      results = code.keep(forward.of(context, List.of(inputs)));
    }
    List<Tensor> out = outputs(name, results, inputs);
    if (needed) {
      new FunctionNode(name, backward, context, inputs, out); // which the outputs hold
    }
    return out;
  }

  private static Tensor[] checked(String name, Tensor[] inputs) {
    if (inputs == null || inputs.length == 0) {
      throw new IllegalArgumentException(name + ": was called without inputs; it needs a tensor");
    }
    for (int i = 0; i < inputs.length; i++) {
      if (inputs[i] == null) {
        throw new IllegalArgumentException(name + ": input " + i + " is null");
      }
    }
    return inputs;
  }

  private static List<Tensor> outputs(String name, List<Tensor> results, Tensor[] inputs) {
    if (results == null || results.isEmpty()) {
      throw new IllegalStateException(
          name
              + ": forward returned "
              + (results == null ? "null" : "an empty list")
              + "; it must return a list of its outputs");
    }
    Set<Tensor> given = Collections.newSetFromMap(new IdentityHashMap<>());
    given.addAll(Arrays.asList(inputs));
    List<Tensor> out = new ArrayList<>();
    for (Tensor t : results) {
      if (t == null) {
        throw new IllegalStateException(name + ": forward returned null for output " + out.size());
      }
      requireLive(name + ": forward returned a tensor", t);
      // An input handed through is a result in its own right, and so is what has a place in the
      // graph already.
      out.add(given.contains(t) || t.requiresGrad() ? handedOn(t) : t);
    }
    return out;
  }

  /** The same memory as a result of this step. */
  private static Tensor handedOn(Tensor t) {
    return impl(t.detach()).asViewOf(t, true);
  }

  @Override
  int outputs() {
    return outputLayouts.size();
  }

  @Override
  void backward(Tensor[] gradients, Engine engine) {
    checkUsable();
    boolean createGraph = engine.createsGraph();
    List<Tensor> given = new ArrayList<>();
    for (int i = 0; i < gradients.length; i++) {
      Tensor g = gradients[i] == null ? zeros(i) : UserGradient.own(gradients[i], createGraph);
      given.add(g.escape()); // the program may keep it
      if (g == gradients[i]) {
        gradients[i] = null; // so the engine does not drop it
      }
    }
    List<Tensor> results;
    try (var code = engine.userCode()) {
      results = code.keep(function.of(context, given));
    }
    if (results == null || results.size() != inputs) {
      throw new IllegalStateException(
          name()
              + ": backward returned "
              + (results == null ? "null" : results.size() + " gradients")
              + " for "
              + inputs
              + " inputs; it must return a list of one for each, which may be null");
    }
    for (Edge e = edges; e != null; e = e.next) {
      Tensor g = results.get(e.input);
      if (g != null && engine.wants(e.to)) {
        engine.send(e.to, e.output, UserGradient.ofFunction(name(), g, e, createGraph), false);
      }
    }
  }

  private Tensor zeros(int output) {
    Layout layout = outputLayouts.get(output).rowMajor();
    return TensorImpl.empty(device, outputTypes.get(output), layout).zero_();
  }
}
