package dev.flambeau.optim;

import dev.flambeau.Tensor;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * What an optimizer keeps for a parameter, so that a state from a file can be held against it.
 *
 * @param counts whether it counts each parameter's steps
 * @param always what a parameter that was stepped has in any case
 * @param sometimes what it has while an option is on, and the option
 * @param squares which of these are means or sums of squares, and so never negative
 */
record StateRules(
    boolean counts, List<String> always, Map<String, String> sometimes, Set<String> squares) {
  /**
   * Checks the state of a parameter.
   *
   * @param optimizer its name in messages
   * @param at the state's place in the state dict, as {@code state.0.}
   * @param names what is said there
   * @param options those of its group, by name
   * @throws IllegalArgumentException if that is no state of this optimizer
   */
  void check(
      String optimizer,
      String at,
      Collection<String> names,
      ParamState state,
      Function<String, Object> options) {
    Set<String> needed = new LinkedHashSet<>(always);
    if (counts) {
      needed.add(StateDict.STEP);
    }
    Set<String> known = new LinkedHashSet<>(needed);
    known.addAll(sometimes.keySet());
    needed.addAll(optional(options));
    Set<String> unknown = new TreeSet<>(names);
    unknown.removeAll(known);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          optimizer
              + ": there is no state "
              + at
              + unknown.iterator().next()
              + "; states are "
              + known);
    }
    needed.removeAll(names);
    if (!needed.isEmpty()) {
      throw new IllegalArgumentException(
          optimizer
              + ": the loaded state dict has "
              + at
              + names.iterator().next()
              + ", but no "
              + at
              + needed.iterator().next());
    }
    if (counts && state.step() == 0) {
      throw new IllegalArgumentException(
          optimizer
              + ": "
              + at
              + StateDict.STEP
              + " is 0, but there are "
              + state.tensors().keySet());
    }
    for (String name : squares) {
      Tensor t = state.get(name);
      if (t != null && t.lt(0).any().itemBoolean()) {
        double found =
            Arrays.stream(t.toDouble().toDoubleArray()).filter(v -> v < 0).findFirst().orElse(-1);
        throw new IllegalArgumentException(
            optimizer + ": " + at + name + " holds squares, which are not negative; got " + found);
      }
    }
  }

  /** What a parameter that was stepped has with these options, beside what it always has. */
  List<String> optional(Function<String, Object> options) {
    return sometimes.keySet().stream()
        .filter(name -> isOn(options.apply(sometimes.get(name))))
        .sorted()
        .toList();
  }

  private static boolean isOn(Object option) {
    return option instanceof Boolean b ? b : option instanceof Number n && n.doubleValue() != 0;
  }
}
