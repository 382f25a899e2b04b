package dev.flambeau.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.nn.Dropout;
import dev.flambeau.nn.Linear;
import dev.flambeau.nn.ReLU;
import dev.flambeau.nn.Sequential;
import org.junit.jupiter.api.Test;

class SummaryTest {
  @Test
  void namesShapesAndCounts() {
    Sequential inner = new Sequential(new Linear(8, 4), new ReLU());
    Sequential model = new Sequential(inner, new Dropout(0.5), new Linear(4, 2));
    inner.eval();
    inner.requiresGrad_(false);
    Summary s = Summary.of(model, 5, 8);
    assertEquals(4, s.rows().size());
    assertEquals("0.0", s.rows().get(0).name());
    assertEquals("torch.Size([5, 4])", s.rows().get(0).output().toString());
    assertEquals(36, s.rows().get(0).parameters());
    assertEquals(46, s.total());
    assertEquals(10, s.trainable());
    assertTrue(model.isTraining() && !inner.isTraining(), "modes are as before");
    assertEquals(
        """
        Layer         Output shape    Parameters
        ----------------------------------------
        0.0 (Linear)  [5, 4]                  36
        0.1 (ReLU)    [5, 4]                   0
        1 (Dropout)   [5, 4]                   0
        2 (Linear)    [5, 2]                  10
        ----------------------------------------
        Parameters: 46, of which 10 are trained (0.2 KB in float32)""",
        s.toString());
  }
}
