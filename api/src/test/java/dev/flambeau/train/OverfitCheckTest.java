package dev.flambeau.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Flambeau;
import dev.flambeau.Tensor;
import dev.flambeau.nn.CrossEntropyLoss;
import dev.flambeau.nn.Init;
import dev.flambeau.nn.Linear;
import dev.flambeau.nn.MSELoss;
import dev.flambeau.nn.ReLU;
import dev.flambeau.nn.Sequential;
import dev.flambeau.nn.Softmax;
import dev.flambeau.optim.SGD;
import org.junit.jupiter.api.Test;

class OverfitCheckTest {
  private final Tensor x;
  private final Tensor classes;

  OverfitCheckTest() {
    Flambeau.manualSeed(0);
    x = Tensor.randn(8, 4);
    classes = Tensor.randint(0, 3, 8);
  }

  private static Sequential model() {
    return new Sequential(new Linear(4, 16), new ReLU(), new Linear(16, 3));
  }

  @Test
  void aSoundModelLearnsItsBatch() {
    Sequential m = model();
    var report =
        OverfitCheck.overfitOneBatch(
            m, new CrossEntropyLoss(), new SGD(m.parameters(), 0.5), x, classes, 500);
    assertTrue(report.passed(), report.toString());
    assertEquals(1.0, report.accuracy());
    assertTrue(report.lastLoss() < 0.05 && report.firstLoss() > 0.5, report.toString());
  }

  @Test
  void frozenParametersAreNamed() {
    Sequential m = model();
    m.requiresGrad_(false);
    var report =
        OverfitCheck.overfitOneBatch(
            m, new CrossEntropyLoss(), new SGD(m.parameters(), 0.5), x, classes, 10);
    assertFalse(report.passed());
    assertTrue(report.toString().contains("requiresGrad"), report.toString());
  }

  @Test
  void anExcessiveLearningRateIsReported() {
    Sequential m = new Sequential(new Linear(4, 1));
    var report =
        OverfitCheck.overfitOneBatch(
            m, new MSELoss(), new SGD(m.parameters(), 1e6), x, Tensor.randn(8, 1), 100);
    assertTrue(report.toString().contains("learning rate"), report.toString());
  }

  @Test
  void aSecondSoftmaxIsSeen() {
    Sequential m = new Sequential(new Linear(4, 3), new Softmax(1));
    var report =
        OverfitCheck.overfitOneBatch(
            m, new CrossEntropyLoss(), new SGD(m.parameters(), 0.1), x, classes, 20);
    assertTrue(report.toString().contains("softmax"), report.toString());
  }

  @Test
  void deadActivationsAreReported() {
    Linear first = new Linear(4, 8);
    Init.constant_(first.weight, 0);
    Init.constant_(first.bias, -1);
    Linear last = new Linear(8, 1, false);
    Sequential m = new Sequential(first, new ReLU(), last);
    var report =
        OverfitCheck.overfitOneBatch(
            m, new MSELoss(), new SGD(m.parameters(), 0.1), x, Tensor.ones(8, 1), 5);
    assertTrue(report.toString().contains("dead"), report.toString());
  }
}
