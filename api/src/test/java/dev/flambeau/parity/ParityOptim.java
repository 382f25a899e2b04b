package dev.flambeau.parity;

import dev.flambeau.DType;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import dev.flambeau.optim.Adam;
import dev.flambeau.optim.AdamW;
import dev.flambeau.optim.GradClip;
import dev.flambeau.optim.Optimizer;
import dev.flambeau.optim.SGD;
import dev.flambeau.optim.lr.CosineAnnealingLR;
import dev.flambeau.optim.lr.LRScheduler;
import dev.flambeau.optim.lr.ReduceLROnPlateau;
import dev.flambeau.optim.lr.StepLR;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/** Calls of optimizers and learning-rate schedules. */
final class ParityOptim {
  private static final Set<Long> KEPT = Set.of(1L, 2L, 10L, 100L, 1000L);

  private ParityOptim() {}

  static void into(ParityOps ops) {
    optimizers(ops);
    schedules(ops);
    ops.all("clipNorm", (r, in) -> clipped(in, p -> GradClip.norm_(p, r.real(0), r.real(1))));
    ops.all("clipValue", (r, in) -> clipped(in, p -> GradClip.value_(p, r.real(0))));
  }

  private static void optimizers(ParityOps ops) {
    follow(
        ops,
        "sgd",
        (r, p) ->
            new SGD(List.of(p), r.real(0))
                .momentum(r.real(1))
                .dampening(r.real(2))
                .weightDecay(r.real(3))
                .nesterov(r.flag(4))
                .maximize(r.flag(5)));
    follow(
        ops,
        "adam",
        (r, p) ->
            new Adam(List.of(p), r.real(0))
                .betas(r.real(1), r.real(2))
                .eps(r.real(3))
                .weightDecay(r.real(4))
                .amsgrad(r.flag(5))
                .maximize(r.flag(6)));
    follow(
        ops,
        "adamw",
        (r, p) ->
            new AdamW(List.of(p), r.real(0))
                .betas(r.real(1), r.real(2))
                .eps(r.real(3))
                .weightDecay(r.real(4))
                .amsgrad(r.flag(5))
                .maximize(r.flag(6)));
  }

  /** 1,000 steps with the gradient {@code a * p - cos(k * b)}; the parameter after some of them. */
  private static void follow(
      ParityOps ops, String name, BiFunction<ParityCase, Tensor, Optimizer> maker) {
    ops.all(
        name,
        (row, in) -> {
          Tensor p = in[0].copy().requiresGrad_();
          Optimizer optimizer = maker.apply(row, p);
          List<Tensor> kept = new ArrayList<>();
          for (long k = 1; k <= 1000; k++) {
            try (Scope step = Scope.open()) {
              p.setGrad(in[1].mul(p.detach()).sub(in[2].mul((double) k).cos()));
              optimizer.step();
            }
            if (KEPT.contains(k)) {
              kept.add(p.detach().copy());
            }
          }
          return kept;
        });
  }

  private static List<Tensor> clipped(Tensor[] gradients, Consumer<List<Tensor>> clip) {
    List<Tensor> parameters = new ArrayList<>();
    for (Tensor g : gradients) {
      Tensor p = g.zerosLike().requiresGrad_();
      p.setGrad(g.copy());
      parameters.add(p);
    }
    clip.accept(parameters);
    return parameters.stream().map(Tensor::grad).toList();
  }

  private static void schedules(ParityOps ops) {
    ops.one("StepLR", (r, in) -> rates(r, o -> stepping(new StepLR(o, r.number(1), r.real(2)))));
    ops.one(
        "CosineAnnealingLR",
        (r, in) -> rates(r, o -> stepping(new CosineAnnealingLR(o, r.number(1), r.real(2)))));
    ops.one(
        "ReduceLROnPlateau",
        (r, in) -> {
          double[] metrics = in[0].toDoubleArray();
          return rates(
              r,
              o -> {
                ReduceLROnPlateau s =
                    new ReduceLROnPlateau(o, named(ReduceLROnPlateau.Mode.class, r.text(1)))
                        .factor(r.real(2))
                        .patience(r.number(3))
                        .threshold(
                            r.real(4), named(ReduceLROnPlateau.ThresholdMode.class, r.text(5)))
                        .cooldown(r.number(6))
                        .minLr(r.real(7))
                        .eps(r.real(8));
                return epoch -> s.step(metrics[epoch]);
              });
        });
  }

  private static <E extends Enum<E>> E named(Class<E> type, String name) {
    return Enum.valueOf(type, name.toUpperCase(Locale.ROOT));
  }

  private static IntConsumer stepping(LRScheduler schedule) {
    return epoch -> schedule.step();
  }

  /** Sets a schedule up, and gives what an epoch does to it. */
  private interface Schedule {
    IntConsumer of(Optimizer optimizer);
  }

  /** The rate at the start and after each epoch. */
  private static Tensor rates(ParityCase row, Schedule schedule) {
    Optimizer optimizer = new SGD(List.of(Tensor.zeros(1).requiresGrad_()), row.real(0));
    IntConsumer step = schedule.of(optimizer);
    double[] rates = new double[row.outputs().get(0).numel()];
    rates[0] = optimizer.paramGroups().get(0).lr();
    for (int epoch = 1; epoch < rates.length; epoch++) {
      optimizer.step();
      step.accept(epoch - 1);
      rates[epoch] = optimizer.paramGroups().get(0).lr();
    }
    return Tensor.of(DType.FLOAT64, rates);
  }
}
