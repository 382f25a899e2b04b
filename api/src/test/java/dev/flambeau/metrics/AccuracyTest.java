package dev.flambeau.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.DType;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import org.junit.jupiter.api.Test;

/** All forms of predictions and targets, averages, refusals. */
class AccuracyTest {
  private static Tensor rows(double[]... rows) {
    return Tensor.of((Object) rows).to(DType.FLOAT32);
  }

  /** Predicts 1, 0, 2 for 1, 2, 2, then 2, 0 for 2, 1. */
  private static String[] run(Metric metric) {
    return new String[] {
      metric
          .update(
              rows(
                  new double[] {.1, .7, .2, 0},
                  new double[] {.5, .3, .2, 0},
                  new double[] {.2, .2, .6, 0}),
              Tensor.of(1, 2, 2))
          .toString(),
      metric
          .update(
              rows(new double[] {.2, .2, .6, 0}, new double[] {.9, .05, .05, 0}), Tensor.of(2, 1))
          .toString(),
      metric.compute().toString()
    };
  }

  @Test
  void theNotesOneHotTargets() {
    Accuracy metric = Accuracy.multiclass(3);
    try (var scope = Scope.open()) {
      Tensor batch =
          metric.update(
              rows(new double[] {.1, .7, .2}, new double[] {.5, .3, .2}),
              Tensor.of((Object) new long[][] {{0, 1, 0}, {0, 0, 1}}));
      assertEquals("tensor(0.5000)", batch.toString());
    }
    Tensor batch =
        metric.update(
            rows(new double[] {.2, .2, .6}), Tensor.of((Object) new long[][] {{0, 0, 1}}));
    assertEquals("tensor(1.)", batch.toString());
    assertEquals("tensor(0.6667)", metric.compute().toString());
    metric.reset();
    assertEquals("tensor(0.)", metric.compute().toString());
  }

  @Test
  void averages() {
    String[] micro = run(Accuracy.multiclass(4));
    assertEquals("tensor(0.6667)", micro[0]);
    assertEquals("tensor(0.5000)", micro[1]);
    assertEquals("tensor(0.6000)", micro[2]);
    assertEquals("tensor(0.3889)", run(Accuracy.multiclass(4).average(Average.MACRO))[2]);
    assertEquals("tensor(0.6000)", run(Accuracy.multiclass(4).average(Average.WEIGHTED))[2]);
    assertEquals(
        "tensor([0.0000, 0.5000, 0.6667, 0.0000])",
        run(Accuracy.multiclass(4).average(Average.NONE))[2]);
  }

  @Test
  void classesAndFurtherDimensions() {
    Accuracy metric = Accuracy.multiclass(3);
    assertEquals(0.75, metric.update(Tensor.of(0, 1, 2, 2), Tensor.of(0, 1, 2, 0)).item(), 0);
    Tensor scores = Tensor.zeros(2, 3, 4);
    scores.select(1, 2).fill_(1);
    Tensor target = Tensor.of((Object) new long[][] {{2, 2, 1, 2}, {2, 0, 2, 2}});
    assertEquals(0.75, metric.update(scores, target).item(), 0);
    assertEquals(0.75, metric.update(scores.requiresGrad_(), target.toFloat()).item(), 0);
    assertFalse(metric.compute().requiresGrad());
  }

  @Test
  void binary() {
    Accuracy metric = Accuracy.binary();
    Tensor target = Tensor.of(1.0, 1.0, 0.0, 0.0);
    Tensor p = Tensor.of(0.5, 0.51, 0.2, 0.9);
    assertEquals("tensor(0.5000)", metric.update(p, target).toString());
    Tensor scores = Tensor.of(2.0, -1.0, 0.3);
    assertEquals("tensor(0.6667)", metric.update(scores, Tensor.of(1, 1, 1)).toString());
    assertEquals(4 / 7.0, metric.compute().item(), 1e-7);
    assertEquals(0.25, Accuracy.binary().threshold(0.95).update(p, p.gt(0.3)).item(), 0);
    assertEquals(1, Accuracy.binary().update(Tensor.of(0, 1), Tensor.of(0, 1)).item(), 0);
  }

  private static void refused(String part, Metric metric, Tensor p, Tensor target) {
    var e = assertThrows(IllegalArgumentException.class, () -> metric.update(p, target));
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void refusals() {
    Accuracy three = Accuracy.multiclass(3);
    refused("target class 3 is not one of 0 to 2", three, Tensor.of(1, 2), Tensor.of(1, 3));
    refused("predicted class -1", three, Tensor.of(-1, 2), Tensor.of(1, 2));
    refused("target class 0.5", three, Tensor.of(1, 2), Tensor.of(1, 0.5));
    refused("(N, 3, ...)", three, Tensor.zeros(2, 4), Tensor.of(1, 2));
    refused("(N, 3, ...)", three, Tensor.zeros(2), Tensor.of(1, 2));
    refused("do not fit", three, Tensor.zeros(2, 3), Tensor.of(1, 2, 0));
    refused("same shape", Accuracy.binary(), Tensor.zeros(2, 1), Tensor.of(1, 0));
    refused("target class 2", Accuracy.binary(), Tensor.zeros(2), Tensor.of(1, 2));
    assertEquals("tensor(0.)", three.compute().toString(), "refused batches do not count");
    assertThrows(IllegalArgumentException.class, () -> Accuracy.multiclass(1));
    assertThrows(IllegalArgumentException.class, () -> Accuracy.binary().threshold(2));
    assertThrows(IllegalArgumentException.class, () -> Accuracy.binary().average(Average.MACRO));
  }
}
