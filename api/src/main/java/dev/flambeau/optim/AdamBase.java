package dev.flambeau.optim;

import dev.flambeau.OptimizerOps;
import dev.flambeau.Tensor;
import java.util.ArrayList;
import java.util.List;

/** What Adam and AdamW share: all but where the weight decay goes. */
abstract sealed class AdamBase extends Optimizer permits Adam, AdamW {
  private static final String MEAN = "exp_avg";
  private static final String SQUARE = "exp_avg_sq";
  private static final String GREATEST = "max_exp_avg_sq";

  AdamBase(double lr, Object weightDecay, ParamGroup... groups) {
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
  protected void update(ParamGroup group, List<Tensor> params, List<Tensor> gradients) {
    boolean amsgrad = group.flag("amsgrad");
    int n = params.size();
    List<Tensor> means = new ArrayList<>(n);
    List<Tensor> squares = new ArrayList<>(n);
    List<Tensor> greatest = amsgrad ? new ArrayList<>(n) : null;
    long[] steps = new long[n];
    for (int i = 0; i < n; i++) {
      Tensor p = params.get(i);
      ParamState s = state(p);
      s.step(steps[i] = s.step() + 1);
      means.add(zerosAtFirst(s, MEAN, p));
      squares.add(zerosAtFirst(s, SQUARE, p));
      if (amsgrad) {
        greatest.add(zerosAtFirst(s, GREATEST, p));
      }
    }
    List<?> betas = (List<?>) group.get("betas");
    OptimizerOps.adam(
        params,
        gradients,
        means,
        squares,
        greatest,
        steps,
        group.lr(),
        ((Number) betas.get(0)).doubleValue(),
        ((Number) betas.get(1)).doubleValue(),
        group.number("eps"),
        group.number("weight_decay"),
        decoupled(),
        amsgrad,
        group.flag("maximize"));
  }

  private static Tensor zerosAtFirst(ParamState s, String name, Tensor p) {
    Tensor t = s.get(name);
    if (t == null) {
      t = p.zerosLike();
      s.put(name, t);
    }
    return t;
  }
}
