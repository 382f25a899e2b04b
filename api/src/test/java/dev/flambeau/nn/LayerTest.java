package dev.flambeau.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Autograd;
import dev.flambeau.Backends;
import dev.flambeau.Device;
import dev.flambeau.Flambeau;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Calling a layer: hooks, and what its scope frees. */
class LayerTest {
  /**
   * Remembers what it made on the way; marked as this package's own layers are, so it frees that.
   */
  private static class Tidy extends Layer implements BuiltIn {
    Tensor inner;

    @Override
    protected Tensor forward(Tensor x) {
      inner = x.exp();
      if (inner.size(0) == 3) {
        throw new IllegalArgumentException("three");
      }
      return inner.sin();
    }
  }

  @Test
  void temporariesAreFreedAndTheResultIsNot() {
    Tidy layer = new Tidy();
    Tensor x = Tensor.ones(4);
    Tensor y = layer.call(x);
    assertTrue(layer.inner.isReleased());
    assertFalse(x.isReleased() || y.isReleased());
    assertThrows(IllegalArgumentException.class, () -> layer.call(Tensor.ones(3)));
    assertTrue(layer.inner.isReleased(), "an exception ends the scope, too");
  }

  @Test
  void autogradKeepsWhatItSaved() {
    Tidy layer = new Tidy();
    Tensor x = Tensor.zeros(4).requiresGrad_();
    layer.call(x).sum().backward();
    assertTrue(layer.inner.isReleased());
    assertTrue(x.grad().allclose(Tensor.full(Math.cos(1), 4)));
  }

  @Test
  void aLayerThatGivesItsInputBackReleasesNothing() {
    var model = new Sequential(new Identity(), new Dropout(0), new Flatten());
    try (var scope = Scope.open()) {
      Tensor x = Tensor.ones(2, 3);
      assertSame(x, model.call(x));
      assertFalse(x.isReleased());
      Tensor view = model.call(Tensor.ones(2, 3, 4));
      assertEquals(24, view.sum().item());
      scope.close();
      assertTrue(x.isReleased(), "the scope outside owns the input as before");
      assertTrue(view.isReleased());
    }
  }

  @Test
  void aForwardPassLeavesOnlyItsResult() {
    var model =
        new Sequential(
            new Linear(64, 128), new ReLU(), new Sequential(new Linear(128, 64), new Tanh()));
    Tensor x = Tensor.ones(32, 64);
    try (var off = Autograd.noGrad()) {
      model.call(x).close();
      Backends.releaseUnused(Device.cpu());
      long before = Backends.memory().liveBytes();
      Tensor y = model.call(x);
      assertEquals(y.numel() * 4, Backends.memory().liveBytes() - before);
      y.close();
      assertEquals(before, Backends.memory().liveBytes());
    }
  }

  @Test
  void trainingWithoutScopesLeavesOnlyWhatTheProgramHolds() {
    Flambeau.manualSeed(0);
    var model =
        new Sequential(new Linear(64, 128), new Dropout(0.2), new ReLU(), new Linear(128, 4));
    var criterion = new CrossEntropyLoss();
    Tensor x = Tensor.ones(32, 64);
    Tensor labels = Tensor.randint(0, 4, 32);
    long before = 0;
    for (int step = 0; step < 3; step++) {
      Tensor y = model.call(x);
      Tensor loss = criterion.call(y, labels);
      loss.backward();
      model.zeroGrad();
      y.close();
      loss.close();
      if (step == 0) {
        Backends.releaseUnused(Device.cpu());
        before = Backends.memory().liveBytes();
      }
    }
    assertEquals(before, Backends.memory().liveBytes());
  }

  @Test
  void hooksSeeInputAndOutput() {
    var model = new Sequential(new Linear(2, 3), new ReLU());
    List<String> seen = new ArrayList<>();
    var before = model.get(1).beforeForward((l, in) -> seen.add("before " + l + " " + in.shape()));
    var after =
        model.onForward(
            (l, in, out) -> seen.add(l.typeName() + " " + in.shape() + " " + out.shape()));
    model.call(Tensor.ones(4, 2));
    assertEquals(
        List.of(
            "before ReLU() torch.Size([4, 3])", "Sequential torch.Size([4, 2]) torch.Size([4, 3])"),
        seen);
    before.close();
    after.close();
    model.call(Tensor.ones(4, 2));
    assertEquals(2, seen.size());
  }

  @Test
  void aHookMayStoreWhatItSees() {
    var inner = new Sequential(new Linear(2, 3), new ReLU());
    var model = new Sequential(inner, new Linear(3, 1));
    List<Tensor> stored = new ArrayList<>();
    try (var hook =
        inner
            .get(0)
            .onForward(
                (l, in, out) -> {
                  stored.add(out);
                  stored.add(out.detach().mul(2));
                })) {
      model.call(Tensor.ones(4, 2));
    }
    assertTrue(stored.get(1).equal(stored.get(0).detach().mul(2)));
  }

  @Test
  void forwardMustGiveATensor() {
    Layer layer =
        new Layer() {
          @Override
          protected Tensor forward(Tensor x) {
            return null;
          }
        };
    var e = assertThrows(IllegalStateException.class, () -> layer.call(Tensor.ones(1)));
    assertEquals("Layer: forward returned null instead of a tensor", e.getMessage());
  }
}
