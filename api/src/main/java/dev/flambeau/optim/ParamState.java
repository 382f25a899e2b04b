package dev.flambeau.optim;

import dev.flambeau.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** What an optimizer remembers about one parameter between steps. */
public final class ParamState {
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private long step;

  /** Made by the optimizer. */
  ParamState() {}

  /** A tensor by PyTorch's name, such as {@code exp_avg}; null when there is none. */
  public Tensor get(String name) {
    return tensors.get(name);
  }

  /** Stores a tensor under PyTorch's name; no scope frees it. */
  public void put(String name, Tensor tensor) {
    tensors.put(name, tensor.escape());
  }

  /** How many steps the parameter has had, for optimizers that count. */
  public long step() {
    return step;
  }

  /** Sets the count of steps. */
  public void step(long count) {
    step = count;
  }

  Map<String, Tensor> tensors() {
    return tensors;
  }
}
