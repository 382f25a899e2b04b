package dev.flambeau.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flambeau.Flambeau;
import dev.flambeau.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("kernels")
class DropoutTest {
  @Test
  void itDropsWhatPyTorchDrops() {
    Flambeau.manualSeed(42);
    Tensor y = new Dropout(0.2).call(Tensor.ones(20));
    StringBuilder zeros = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      double v = y.get(i).item();
      assertEquals(v == 0 ? 0 : 1.25, v);
      zeros.append(v == 0 ? " " + i : "");
    }
    assertEquals(" 6 7 12 13", zeros.toString());
  }

  @Test
  void asInTheNotes() {
    Flambeau.manualSeed(0);
    var model = new Sequential(new Linear(8, 16), new ReLU(), new Dropout(0.2));
    Tensor x = Tensor.randn(10, 8);
    assertEquals(105, model.call(x).eq(0).sum().itemLong());
    model.eval();
    assertEquals(85, model.call(x).eq(0).sum().itemLong());
  }

  @Test
  void evaluationPassesTheInputOn() {
    Dropout layer = new Dropout();
    assertEquals("Dropout(p=0.5, inplace=False)", layer.toString());
    layer.eval();
    Tensor x = Tensor.ones(3);
    assertSame(x, layer.call(x));
    assertThrows(IllegalArgumentException.class, () -> new Dropout(1.5));
  }
}
