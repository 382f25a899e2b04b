package dev.flambeau.optim;

import dev.flambeau.spi.Kernels;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What Adam and AdamW share: all but where the weight decay goes. */
abstract sealed class AdamBase extends FusedOptimizer permits Adam, AdamW {
  private static final String MEAN = "exp_avg";
  private static final String SQUARE = "exp_avg_sq";
  private static final String GREATEST = "max_exp_avg_sq";
  private static final StateRules STATES =
      new StateRules(
          true, List.of(MEAN, SQUARE), Map.of(GREATEST, "amsgrad"), Set.of(SQUARE, GREATEST));

  AdamBase(double lr, Object weightDecay, ParamGroup... groups) {
    super("adam", Kernels.ADAM, STATES);
    option("lr", lr);
    option("betas", List.of(0.9, 0.999));
    option("eps", 1e-8);
    option("weight_decay", weightDecay);
    option("amsgrad", false);
    option("maximize", false);
    addParamGroups(groups);
  }

  /** Whether weight decay shrinks the parameter itself instead of joining the gradient. */
  abstract boolean decoupled();

  @Override
  protected void checkOption(String name, Object value) {
    if (name.equals("betas")) {
      List<?> betas = (List<?>) value;
      for (int i = 0; i < 2; i++) {
        double b = betas.get(i) instanceof Number n ? n.doubleValue() : Double.NaN;
        if (!(b >= 0 && b < 1)) {
          throw new IllegalArgumentException(
              name()
                  + ": invalid beta parameter at index "
                  + i
                  + ": "
                  + betas.get(i)
                  + "; it must be in [0, 1)");
        }
      }
    }
  }

  @Override
  Step step(ParamGroup group) {
    List<?> betas = (List<?>) group.get("betas");
    double beta1 = ((Number) betas.get(0)).doubleValue();
    double beta2 = ((Number) betas.get(1)).doubleValue();
    double lr = group.lr();
    double eps = group.number("eps");
    double decay = group.number("weight_decay");
    double last = decoupled() ? 1 - lr * decay : decay;
    int flags =
        (decoupled() ? Kernels.DECOUPLED : 0) | (group.flag("maximize") ? Kernels.MAXIMIZE : 0);
    return new Step(flags, MEAN, SQUARE, group.flag("amsgrad") ? GREATEST : null) {
      private long known; // the step that these are for: as a rule all parameters have made as many
      private double[] numbers;

      @Override
      double[] numbers(ParamState state, boolean first) {
        long t = state.step() + 1;
        if (t != known) {
          double root = Math.sqrt(1 - Math.pow(beta2, t));
          numbers = new double[] {lr / (1 - Math.pow(beta1, t)), beta1, beta2, root, eps, last};
          known = t;
        }
        return numbers;
      }
    };
  }
}
