package dev.flambeau.io;

import dev.flambeau.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Parts of state dicts, for transfer learning: {@code
 * backbone.loadStateDict(StateDicts.part(SafeTensors.load(path), "backbone."))}.
 */
public final class StateDicts {
  private StateDicts() {}

  /**
   * The tensors whose names begin with {@code prefix}, named without it.
   *
   * @throws IllegalArgumentException when there are none
   */
  public static Map<String, Tensor> part(Map<String, Tensor> state, String prefix) {
    Map<String, Tensor> out = new LinkedHashMap<>();
    state.forEach(
        (name, t) -> {
          if (name.startsWith(prefix)) {
            out.put(name.substring(prefix.length()), t);
          }
        });
    if (out.isEmpty()) {
      throw new IllegalArgumentException(
          "state dict: no name begins with " + prefix + "; the names are " + state.keySet());
    }
    return out;
  }

  /** All tensors with {@code prefix} before their names: a part to be saved within a whole. */
  public static Map<String, Tensor> prefixed(Map<String, Tensor> state, String prefix) {
    Map<String, Tensor> out = new LinkedHashMap<>();
    state.forEach((name, t) -> out.put(prefix + name, t));
    return out;
  }
}
