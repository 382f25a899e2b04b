package dev.flambeau.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Autograd;
import dev.flambeau.nn.Linear;
import org.junit.jupiter.api.Test;

class EarlyStoppingTest {
  @Test
  void stopsAfterEpochsWithoutImprovement() {
    EarlyStopping stop = EarlyStopping.onLoss(2);
    assertFalse(stop.update(1.0));
    assertFalse(stop.update(0.5));
    assertFalse(stop.update(0.6));
    assertTrue(stop.update(Double.NaN));
    assertEquals(0.5, stop.best());
    assertEquals(1, stop.bestEpoch());
  }

  @Test
  void smallChangesDoNotCount() {
    EarlyStopping stop = EarlyStopping.onScore(2).minDelta(0.1);
    assertFalse(stop.update(0.5));
    assertFalse(stop.update(0.55));
    assertTrue(stop.update(0.6));
    assertEquals(0, stop.bestEpoch());
  }

  @Test
  void theBestModelComesBack() {
    Linear model = new Linear(2, 1);
    EarlyStopping stop = EarlyStopping.onLoss(5);
    assertThrows(IllegalStateException.class, () -> stop.restore(model));
    String first = model.weight.detach().toString();
    stop.update(1.0, model);
    try (var off = Autograd.noGrad()) {
      model.weight.add_(1);
    }
    stop.update(2.0, model);
    stop.restore(model);
    assertEquals(first, model.weight.detach().toString());
    assertThrows(IllegalArgumentException.class, () -> EarlyStopping.onLoss(-1));
  }
}
