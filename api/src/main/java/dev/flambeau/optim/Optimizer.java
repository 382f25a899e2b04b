package dev.flambeau.optim;

import dev.flambeau.Autograd;
import dev.flambeau.DType;
import dev.flambeau.Device;
import dev.flambeau.Tensor;
import dev.flambeau.internal.kernels.OptimizerSteps;
import dev.flambeau.internal.text.PyFormat;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Changes parameters along their gradients:
 *
 * <pre>{@code
 * var optimizer = new SGD(model.parameters(), 0.01).momentum(0.9);
 * for (Batch b : loader) {
 *   optimizer.zeroGrad();
 *   criterion.call(model.call(b.input()), b.target()).backward();
 *   optimizer.step();
 * }
 * }</pre>
 *
 * An optimizer of your own declares its options in the constructor and implements {@link #update}.
 */
public abstract class Optimizer {
  private final Map<String, Object> defaults = new TreeMap<>();
  private final List<ParamGroup> groups = new ArrayList<>();
  private final Set<Tensor> all = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Map<Tensor, ParamState> states = new IdentityHashMap<>();
  private long steps;

  /** Subclasses declare their options, then add groups. */
  protected Optimizer() {}

  /** One step for parameters of one group, dtype and device, with their gradients. */
  protected abstract void update(ParamGroup group, List<Tensor> params, List<Tensor> gradients);

  /**
   * Refuses, by an IllegalArgumentException, values that an option cannot have. Numbers below 0 and
   * NaN are refused already.
   */
  protected void checkOption(String name, Object value) {}

  /** Declares an option or changes its default, also for groups that do not set it themselves. */
  protected final void option(String name, Object value) {
    if (defaults.containsKey(name)) {
      check(name, value);
    } else {
      checkValue(name, value);
    }
    defaults.put(name, value);
    for (ParamGroup g : groups) {
      g.follow(name, value);
    }
  }

  final void check(String name, Object value) {
    // As in PyTorch, any group may hold the rate from which a schedule started.
    Object known = name.equals(ParamGroup.INITIAL_LR) ? Double.valueOf(0) : defaults.get(name);
    if (known == null) {
      throw new IllegalArgumentException(
          name() + ": there is no option " + name + "; the options are " + defaults.keySet());
    }
    boolean fits =
        known instanceof Number
            ? value instanceof Number
            : known instanceof Boolean
                ? value instanceof Boolean
                : value instanceof List<?> list && list.size() == ((List<?>) known).size();
    if (!fits) {
      throw new IllegalArgumentException(
          name() + ": option " + name + " is like " + known + ", got " + value);
    }
    checkValue(name, value);
  }

  private void checkValue(String name, Object value) {
    if (value instanceof Number n && !(n.doubleValue() >= 0)) {
      throw new IllegalArgumentException(
          name()
              + ": invalid "
              + name
              + ": "
              + PyFormat.repr(n.doubleValue())
              + "; it must be at least 0");
    }
    checkOption(name, value);
  }

  /** The class's name, as messages and prints have it. */
  protected final String name() {
    return getClass().getSimpleName();
  }

  // ---- groups

  /**
   * Adds parameters, for example of layers that are unfrozen later.
   *
   * @throws IllegalArgumentException for an empty group, an unknown option, a tensor that is no
   *     floating leaf, or one that the optimizer has already
   */
  public final void addParamGroup(ParamGroup group) {
    if (group.params().isEmpty()) {
      throw new IllegalArgumentException(name() + ": the optimizer got an empty parameter list");
    }
    Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Tensor p : group.params()) {
      if (!p.isLeaf()) {
        throw new IllegalArgumentException(
            name() + ": cannot optimize a tensor that is not a leaf; use detach() to make it one");
      }
      if (!p.dtype().isFloating()) {
        throw new IllegalArgumentException(
            name() + ": parameters are floating tensors, got " + p.dtype() + " " + p.shape());
      }
      if (!seen.add(p) || all.contains(p)) {
        throw new IllegalArgumentException(
            name() + ": a parameter of shape " + p.shape() + " appears more than once");
      }
    }
    group.join(this, defaults);
    groups.add(group);
    all.addAll(seen);
  }

  final void addParamGroups(ParamGroup... groups) {
    if (groups.length == 0) {
      throw new IllegalArgumentException(name() + ": the optimizer got no parameter groups");
    }
    for (ParamGroup g : groups) {
      addParamGroup(g);
    }
  }

  /** The groups, in order. */
  public final List<ParamGroup> paramGroups() {
    return Collections.unmodifiableList(groups);
  }

  /** What is remembered about a parameter; empty at first. */
  protected final ParamState state(Tensor param) {
    ParamState state = states.get(param);
    if (state == null) {
      states.put(param, state = new ParamState());
    }
    return state;
  }

  // ---- steps

  /** Forgets all gradients: they become null, as PyTorch does it. */
  public final void zeroGrad() {
    for (ParamGroup g : groups) {
      for (Tensor p : g.params()) {
        p.zeroGrad();
      }
    }
  }

  /**
   * One step. Parameters without a gradient stay as they are. This package's optimizers check all
   * groups before they change one: a step that is refused leaves no trace.
   */
  public final void step() {
    try (var ng = Autograd.noGrad()) {
      List<Runnable> updates = new ArrayList<>(groups.size());
      for (int i = 0; i < groups.size(); i++) {
        prepare(groups.get(i), updates);
      }
      steps++;
      try {
        for (Runnable update : updates) {
          update.run();
        }
      } catch (RuntimeException | Error e) {
        steps--;
        throw e;
      }
    }
  }

  /**
   * One step after {@code closure}, which computes the loss anew and calls backward; gives its
   * loss.
   */
  public final Tensor step(Supplier<Tensor> closure) {
    Tensor loss;
    try (var eg = Autograd.enableGrad()) {
      loss = closure.get();
    }
    step();
    return loss;
  }

  /**
   * What {@link #update} will do with these, which is to be checked as far as it can be before
   * anything changes.
   */
  Runnable prepare(ParamGroup group, List<Tensor> params, List<Tensor> gradients) {
    return () -> update(group, params, gradients);
  }

  private void prepare(ParamGroup group, List<Runnable> updates) {
    List<Tensor> params = new ArrayList<>(group.params().size());
    List<Tensor> gradients = new ArrayList<>(group.params().size());
    boolean alike = true;
    for (Tensor p : group.params()) {
      Tensor g = OptimizerSteps.gradientOf(p);
      if (g != null) {
        params.add(p);
        gradients.add(g);
        alike &= Kind.same(p, params.get(0));
      }
    }
    if (alike && !params.isEmpty()) {
      updates.add(prepare(group, params, gradients));
    } else {
      apart(group, params, gradients, updates);
    }
  }

  /** A call for each dtype and device. */
  private void apart(
      ParamGroup group, List<Tensor> params, List<Tensor> gradients, List<Runnable> updates) {
    Map<Kind, List<Integer>> kinds = new LinkedHashMap<>();
    for (int i = 0; i < params.size(); i++) {
      kinds.computeIfAbsent(Kind.of(params.get(i)), k -> new ArrayList<>()).add(i);
    }
    for (List<Integer> some : kinds.values()) {
      updates.add(
          prepare(
              group,
              some.stream().map(params::get).toList(),
              some.stream().map(gradients::get).toList()));
    }
  }

  /** What one native call can take together. */
  private record Kind(DType dtype, Device device) {
    static Kind of(Tensor p) {
      return new Kind(p.dtype(), p.device());
    }

    static boolean same(Tensor a, Tensor b) {
      return a.dtype() == b.dtype() && a.device().equals(b.device());
    }
  }

  /** How many steps this optimizer has made; a state that is loaded does not count. */
  public final long steps() {
    return steps;
  }

  // ---- state dict

  /** What {@link #state} holds; null for an optimizer of which only its class knows. */
  StateRules stateRules() {
    return null;
  }

  /**
   * A snapshot of the state and the options, by names such as {@code state.0.momentum_buffer} and
   * {@code param_groups.0.lr}; parameters count through all groups. All values are tensors, so that
   * the snapshot can be saved as a model's is.
   */
  public final Map<String, Tensor> stateDict() {
    return StateDict.of(groups, states, stateRules());
  }

  /**
   * Goes on from a {@link #stateDict()} of an optimizer with the same groups: the next steps are
   * the same to the last bit.
   *
   * @throws IllegalArgumentException when groups, parameters, names or values do not fit: a state
   *     that the optimizer does not keep, one that it keeps and that is missing, a step that is no
   *     whole number, a negative mean of squares; nothing is changed then
   */
  public final void loadStateDict(Map<String, Tensor> saved) {
    StateDict.load(name(), saved, this, groups, states);
  }

  @Override
  public final String toString() {
    StringBuilder s = new StringBuilder(name()).append(" (\n");
    for (int i = 0; i < groups.size(); i++) {
      s.append(i == 0 ? "" : "\n").append("Parameter Group ").append(i).append('\n');
      s.append(groups.get(i).text());
    }
    return s.append(')').toString();
  }
}
