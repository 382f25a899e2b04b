package dev.flambeau.spi.oracle;

import dev.flambeau.spi.Kernels;
import java.util.ArrayList;
import java.util.List;

/**
 * An optimizer of flambeau.h as its definition has it, in double and one element at a time: the
 * oracle's step, and what the contract tries. A kind without a row is refused by the oracle.
 *
 * @param flags those it has
 * @param needs bit k: state k is always there
 * @param mayHave bit k: state k comes with an option
 * @param numbers of a row, in the order that the kernel reads them
 */
public record OptimizerRow(
    int kind, int flags, int needs, int mayHave, Numbers numbers, Formula formula) {

  /** Numbers for a form and the step t = 1, 2, ...; all of them play a part. */
  public interface Numbers {
    double[] of(Form form, long t);
  }

  /** The parameter after a step with gradient {@code g}; the states s change in place. */
  interface Formula {
    double step(Form form, double[] x, double p, double g, double[] s);
  }

  /** Which flags are set, which states are there, and how much the weights decay. */
  public record Form(int flags, int states, double decay) {
    boolean is(int flag) {
      return (flags & flag) != 0;
    }

    boolean has(int state) {
      return (states >> state & 1) != 0;
    }

    double downhill(double gradient) {
      return is(Kernels.MAXIMIZE) ? -gradient : gradient;
    }

    public String text() {
      StringBuilder text = new StringBuilder();
      text.append(is(Kernels.NESTEROV) ? ", nesterov" : "");
      text.append(is(Kernels.MAXIMIZE) ? ", maximize" : "");
      text.append(is(Kernels.DECOUPLED) ? ", decoupled" : "");
      for (int k = 0; k < Kernels.ROW_NUMBERS - Kernels.ROW_STATES; k++) {
        text.append(has(k) ? ", state " + k : "");
      }
      return text.append(decay == 0 ? ", no decay" : "").toString();
    }
  }

  static final List<OptimizerRow> ALL =
      List.of(
          new OptimizerRow(
              Kernels.SGD,
              Kernels.NESTEROV | Kernels.MAXIMIZE,
              0,
              1,
              (o, t) -> new double[] {0.1, 0.9, 0.25, o.decay, t == 1 ? 1 : 0},
              OptimizerRow::sgd),
          new OptimizerRow(
              Kernels.ADAM,
              Kernels.MAXIMIZE | Kernels.DECOUPLED,
              1 | 2,
              4,
              (o, t) -> {
                double last = o.is(Kernels.DECOUPLED) ? 1 - 0.01 * o.decay : o.decay;
                double root = Math.sqrt(1 - Math.pow(0.999, t));
                return new double[] {0.01 / (1 - Math.pow(0.9, t)), 0.9, 0.999, root, 1e-8, last};
              },
              OptimizerRow::adam),
          new OptimizerRow(
              Kernels.RMSPROP,
              Kernels.MAXIMIZE,
              1,
              2 | 4,
              // eps is large: where decay cancels a gradient, its roundings are divided by little
              (o, t) -> new double[] {0.01, 0.9, 0.5, o.decay, 0.8},
              OptimizerRow::rmsprop));

  public static OptimizerRow of(int kind) {
    return ALL.stream()
        .filter(row -> row.kind == kind)
        .findAny()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    HeaderEnum.OPTIMIZER.name(kind) + " lacks an OptimizerRow"));
  }

  /** All flags with all states, each with decay, and the fullest without. */
  public List<Form> forms() {
    List<Form> forms = new ArrayList<>();
    for (int f = 0; f <= flags; f++) {
      for (int s = 0; s <= mayHave; s++) {
        if ((f & ~flags) == 0 && (s & ~mayHave) == 0) {
          forms.add(new Form(f, needs | s, 0.01));
        }
      }
    }
    forms.add(new Form(0, needs | mayHave, 0));
    return forms;
  }

  private static double sgd(Form o, double[] x, double p, double g, double[] s) {
    double lr = x[0], momentum = x[1], dampening = x[2];
    g = o.downhill(g) + x[3] * p;
    if (o.has(0)) {
      s[0] = x[4] != 0 ? g : momentum * s[0] + (1 - dampening) * g;
      g = o.is(Kernels.NESTEROV) ? g + momentum * s[0] : s[0];
    }
    return p - lr * g;
  }

  private static double adam(Form o, double[] x, double p, double g, double[] s) {
    double stepSize = x[0], beta1 = x[1], beta2 = x[2], root = x[3], eps = x[4];
    p *= o.is(Kernels.DECOUPLED) ? x[5] : 1;
    g = o.downhill(g) + (o.is(Kernels.DECOUPLED) ? 0 : x[5] * p);
    s[0] = beta1 * s[0] + (1 - beta1) * g;
    s[1] = beta2 * s[1] + (1 - beta2) * g * g;
    double size = s[1];
    if (o.has(2)) {
      size = s[2] = Math.max(s[2], s[1]);
    }
    return p - stepSize * s[0] / (Math.sqrt(size) / root + eps);
  }

  private static double rmsprop(Form o, double[] x, double p, double g, double[] s) {
    double lr = x[0], alpha = x[1], eps = x[2], momentum = x[4];
    g = o.downhill(g) + x[3] * p;
    s[0] = alpha * s[0] + (1 - alpha) * g * g;
    s[2] = o.has(2) ? alpha * s[2] + (1 - alpha) * g : 0;
    s[1] = (o.has(1) ? momentum * s[1] : 0) + g / (Math.sqrt(s[0] - s[2] * s[2]) + eps);
    return p - lr * s[1];
  }
}
