package dev.flambeau.optim;

import dev.flambeau.Tensor;
import dev.flambeau.internal.kernels.OptimizerSteps;
import java.util.ArrayList;
import java.util.List;

/** An optimizer whose step is one call of a kernel for all parameters of a group. */
abstract class FusedOptimizer extends Optimizer {
  private final String op;
  private final int kind;
  private final StateRules rules;

  /** For one of the kernels' optimizers, which messages call {@code op}. */
  FusedOptimizer(String op, int kind, StateRules rules) {
    this.op = op;
    this.kind = kind;
    this.rules = rules;
  }

  @Override
  final StateRules stateRules() {
    return rules;
  }

  /**
   * A step of one group: how its options are said to the kernel, as {@code
   * native-src/src/shared/optimizers.h} has it.
   */
  abstract static class Step {
    private final int flags;
    private final String[] states;

    /**
     * With the names of the states, in the kernel's order; null is one that the options do without.
     */
    Step(int flags, String... states) {
      this.flags = flags;
      this.states = states;
    }

    /**
     * The numbers of a parameter's row; changes nothing.
     *
     * @param state null where there is none with these options
     * @param first whether there was none so far
     */
    abstract double[] numbers(ParamState state, boolean first);

    /** Counts a step that was made; one that was refused leaves no trace. */
    void made(ParamState state) {
      state.step(state.step() + 1);
    }
  }

  /** What a step with a group's options is. */
  abstract Step step(ParamGroup group);

  @Override
  protected final void update(ParamGroup group, List<Tensor> params, List<Tensor> gradients) {
    prepare(group, params, gradients).run();
  }

  @Override
  final Runnable prepare(ParamGroup group, List<Tensor> params, List<Tensor> gradients) {
    Step step = step(group);
    int n = params.size();
    int each = step.states.length;
    double[][] numbers = new double[n][];
    ParamState[] kept = new ParamState[n];
    List<Tensor> states = new ArrayList<>(n * each);
    boolean anyNew = false;
    for (int i = 0; i < n; i++) {
      Tensor p = params.get(i);
      ParamState state = each == 0 ? null : state(p);
      kept[i] = state;
      boolean first = false;
      for (String name : step.states) {
        Tensor t = name == null ? null : state.get(name);
        if (t == null && name != null) {
          t = p.zerosLike();
          first = true;
        } else if (t != null && !OptimizerSteps.fits(p, t)) {
          t = p.emptyLike().copy_(t); // the parameter was converted or moved meanwhile
          anyNew = true;
        }
        states.add(t);
      }
      anyNew |= first;
      numbers[i] = step.numbers(state, first);
    }
    OptimizerSteps checked =
        new OptimizerSteps(op, kind, step.flags, params, gradients, states, numbers);
    return new Prepared(step, checked, kept, states, anyNew);
  }

  /** A step that fits. */
  private record Prepared(
      Step step, OptimizerSteps checked, ParamState[] kept, List<Tensor> states, boolean anyNew)
      implements Runnable {
    @Override
    public void run() {
      checked.run();
      int each = step.states.length;
      for (int i = 0; each > 0 && i < kept.length; i++) {
        ParamState state = kept[i];
        for (int k = 0; anyNew && k < each; k++) {
          Tensor t = states.get(i * each + k);
          if (t != null && t != state.get(step.states[k])) {
            state.put(step.states[k], t);
          }
        }
        step.made(state);
      }
    }
  }
}
