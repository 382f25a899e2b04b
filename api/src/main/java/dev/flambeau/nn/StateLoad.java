package dev.flambeau.nn;

import dev.flambeau.Autograd;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Loads a state dict: all of it is checked before any of it is copied. */
final class StateLoad {
  private StateLoad() {}

  /** Copies {@code state} into {@code own}, the tensors of a module that messages call a type. */
  static Module.IncompatibleKeys into(
      String type, Map<String, Tensor> own, Map<String, Tensor> state, boolean strict) {
    List<String> missing = new ArrayList<>(own.keySet());
    missing.removeAll(state.keySet());
    List<String> unexpected = new ArrayList<>(state.keySet());
    unexpected.removeAll(own.keySet());
    StringBuilder errors = new StringBuilder();
    if (strict && !missing.isEmpty()) {
      errors.append("\n\tMissing key(s) in state_dict: ").append(quoted(missing, "\"", "", ". "));
    }
    if (strict && !unexpected.isEmpty()) {
      errors
          .append("\n\tUnexpected key(s) in state_dict: ")
          .append(quoted(unexpected, "\"", "", ". "));
    }
    own.forEach(
        (name, t) -> {
          if (state.containsKey(name)) {
            errors.append(misfit(name, t, state.get(name)));
          }
        });
    if (errors.length() > 0) {
      throw new IllegalArgumentException(
          "Error(s) in loading state_dict for " + type + ":" + errors);
    }
    try (var off = Autograd.noGrad();
        var scope = Scope.open()) {
      own.forEach(
          (name, t) -> {
            if (state.containsKey(name)) {
              t.copy_(state.get(name));
            }
          });
    }
    return new Module.IncompatibleKeys(List.copyOf(missing), List.copyOf(unexpected));
  }

  /** Why a value cannot be copied into a tensor of this module, on a line; empty if it can. */
  private static String misfit(String name, Tensor t, Tensor value) {
    if (value == null) {
      return "\n\t" + name + " is null; expected a tensor of shape " + t.shape() + ".";
    }
    if (!value.shape().equals(t.shape())) {
      return "\n\tsize mismatch for "
          + name
          + ": copying a param with shape "
          + value.shape()
          + " from checkpoint, the shape in current model is "
          + t.shape()
          + ".";
    }
    if (value.isReleased() || t.isReleased()) {
      return "\n\t"
          + name
          + ": the tensor of shape "
          + t.shape()
          + " in the "
          + (value.isReleased() ? "checkpoint" : "current model")
          + " was released.";
    }
    for (int d = 0; d < t.dim(); d++) {
      if (t.size(d) > 1 && t.stride(d) == 0) {
        return "\n\t"
            + name
            + ": the current model's tensor of shape "
            + t.shape()
            + " is expanded, so that elements share memory; register a copy() of it.";
      }
    }
    return "";
  }

  static String quoted(List<String> names, String quote, String open, String close) {
    return open + quote + String.join(quote + ", " + quote, names) + quote + close;
  }
}
