package dev.flambeau.nn.users;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Tensor;
import dev.flambeau.nn.Layer;
import dev.flambeau.nn.Linear;
import dev.flambeau.nn.Loss;
import dev.flambeau.nn.Sequential;
import dev.flambeau.nn.Tanh;
import org.junit.jupiter.api.Test;

/** Layers and losses of programs, which may store tensors and may say that they do not. */
class UserLayerTest {
  private static class Remembering extends Layer {
    final Tensor factor = parameter("factor", Tensor.of(2.0));
    Tensor last;

    @Override
    protected Tensor forward(Tensor x) {
      last = x.exp();
      return last.mul(factor);
    }
  }

  private static final class Tidy extends Remembering {
    @Override
    protected boolean freesTemporaries() {
      return true;
    }
  }

  private static final class Distance extends Loss {
    Tensor difference;

    @Override
    protected Tensor forward(Tensor input, Tensor target) {
      difference = input.sub(target);
      return difference.abs().sum();
    }
  }

  @Test
  void whatALayerStoresStays() {
    Remembering layer = new Remembering();
    var model = new Sequential(new Linear(3, 3), new Sequential(layer, new Tanh()));
    model.call(Tensor.ones(2, 3));
    assertFalse(layer.last.isReleased());
    assertEquals("[0.weight, 0.bias, 1.0.factor]", model.namedParameters().keySet().toString());
    assertTrue(model.toString().contains("(0): Remembering()"), model.toString());
  }

  @Test
  void aLayerCanFreeTemporaries() {
    Tidy layer = new Tidy();
    Tensor y = new Sequential(layer, new Tanh()).call(Tensor.ones(2));
    assertTrue(layer.last.isReleased());
    assertFalse(y.isReleased());
  }

  @Test
  void whatALossStoresStays() {
    Distance loss = new Distance();
    assertEquals(3, loss.call(Tensor.of(1.0, 2.0), Tensor.of(2.0, 4.0)).item());
    assertFalse(loss.difference.isReleased());
  }
}
