package dev.flambeau;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Calls of losses and optimizers. */
final class ParityTraining {
  private static final Set<Long> KEPT = Set.of(1L, 2L, 10L, 100L, 1000L);

  private ParityTraining() {}

  static void into(ParityOps ops) {
    ops.one("mseLoss", (r, in) -> in[0].mseLoss(in[1], reduction(r, 0)));
    ops.one("l1Loss", (r, in) -> in[0].l1Loss(in[1], reduction(r, 0)));
    ops.one("nllLoss", (r, in) -> in[0].nllLoss(in[1], in[2], r.whole(0), reduction(r, 1)));
    ops.all("sgd", ParityTraining::sgd);
    ops.all("adam", (r, in) -> adam(r, in, false));
    ops.all("adamw", (r, in) -> adam(r, in, true));
  }

  /** The reduction of the row's argument {@code i}: libtorch's 0 none, 1 mean, 2 sum. */
  static Reduction reduction(ParityCase row, int i) {
    return List.of(Reduction.NONE, Reduction.MEAN, Reduction.SUM).get(row.number(i));
  }

  /** One step of an optimizer: changes the parameter in place. */
  private interface Step {
    void take(List<Tensor> parameters, List<Tensor> gradients, long step);
  }

  /** 1,000 steps with the gradient {@code a * p - cos(k * b)}; the parameter after some of them. */
  private static List<Tensor> follow(Tensor[] in, Step step) {
    Tensor p = in[0].copy();
    List<Tensor> kept = new ArrayList<>();
    for (long k = 1; k <= 1000; k++) {
      Tensor g = in[1].mul(p).sub(in[2].mul((double) k).cos());
      step.take(List.of(p), List.of(g), k);
      if (KEPT.contains(k)) {
        kept.add(p.copy());
      }
    }
    return kept;
  }

  private static List<Tensor> sgd(ParityCase r, Tensor[] in) {
    List<Tensor> buffers = new ArrayList<>(Arrays.asList((Tensor) null));
    return follow(
        in,
        (p, g, k) ->
            OptimizerOps.sgd(
                p, g, buffers, r.real(0), r.real(1), r.real(2), r.real(3), r.flag(4), r.flag(5)));
  }

  private static List<Tensor> adam(ParityCase r, Tensor[] in, boolean decoupled) {
    List<Tensor> first = List.of(in[0].zerosLike());
    List<Tensor> second = List.of(in[0].zerosLike());
    List<Tensor> largest = r.flag(5) ? List.of(in[0].zerosLike()) : null;
    return follow(
        in,
        (p, g, k) ->
            OptimizerOps.adam(
                p,
                g,
                first,
                second,
                largest,
                new long[] {k},
                r.real(0),
                r.real(1),
                r.real(2),
                r.real(3),
                r.real(4),
                decoupled,
                r.flag(5),
                r.flag(6)));
  }
}
