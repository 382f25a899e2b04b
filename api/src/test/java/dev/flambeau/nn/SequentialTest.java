package dev.flambeau.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Autograd;
import dev.flambeau.Flambeau;
import dev.flambeau.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("kernels")
class SequentialTest {
  @Test
  void itPrintsAndComputesAsInTheNotes() {
    Flambeau.manualSeed(0);
    var model = new Sequential(new Linear(10, 18), new Linear(18, 20), new Linear(20, 5));
    assertEquals(
        "Sequential(\n"
            + "  (0): Linear(in_features=10, out_features=18, bias=True)\n"
            + "  (1): Linear(in_features=18, out_features=20, bias=True)\n"
            + "  (2): Linear(in_features=20, out_features=5, bias=True)\n"
            + ")",
        model.toString());
    assertEquals(683, model.parameters().stream().mapToLong(Tensor::numel).sum());
    assertEquals(
        "tensor([[ 0.2729, -0.1613,  0.2111, -0.3384, -0.0586],\n"
            + "        [ 0.2729, -0.1613,  0.2111, -0.3384, -0.0586]],\n"
            + "       grad_fn=<AddmmBackward0>)",
        model.call(Tensor.ones(2, 10)).toString());
  }

  @Test
  void layersAreFoundByPosition() {
    Linear first = new Linear(2, 3);
    ReLU second = new ReLU();
    var model = new Sequential(first, second);
    assertEquals(2, model.size());
    assertSame(first, model.get(0));
    assertSame(second, model.get(-1));
    assertSame(first.weight, model.get(0, Linear.class).weight);
    List<Layer> seen = new ArrayList<>();
    model.forEach(seen::add);
    assertEquals(List.of(first, second), seen);
    assertThrows(IndexOutOfBoundsException.class, () -> model.get(2));
    var e = assertThrows(IllegalArgumentException.class, () -> model.get(1, Linear.class));
    assertEquals("get: layer 1 is a ReLU, not Linear", e.getMessage());
  }

  @Test
  void layersCanBeNamedAndExchanged() {
    var model =
        new Sequential()
            .add("body", new Linear(2, 3))
            .add(new Tanh())
            .add("head", new Linear(3, 1));
    assertEquals(
        "[body.weight, body.bias, head.weight, head.bias]",
        model.namedParameters().keySet().toString());
    model.set(-1, new Linear(3, 5, false));
    assertEquals(
        "Sequential(\n"
            + "  (body): Linear(in_features=2, out_features=3, bias=True)\n"
            + "  (1): Tanh()\n"
            + "  (head): Linear(in_features=3, out_features=5, bias=False)\n"
            + ")",
        model.toString());
    assertEquals("torch.Size([4, 5])", model.call(Tensor.ones(4, 2)).shape().toString());
    assertThrows(IllegalArgumentException.class, () -> model.add("head", new ReLU()));
  }

  @Test
  void anEmptyOneGivesItsInput() {
    var model = new Sequential();
    Tensor x = Tensor.ones(2);
    assertSame(x, model.call(x));
    assertTrue(!x.isReleased());
    assertEquals("Sequential()", model.toString());
  }

  @Test
  void aLinearLayerAndItsActivationMayShareAKernel() {
    Flambeau.manualSeed(3);
    Linear linear = new Linear(5, 40);
    for (Layer activation : List.of(new ReLU(), new GELU("tanh"), new GELU(), new Tanh())) {
      for (Tensor x : List.of(Tensor.randn(7, 5), Tensor.randn(2, 3, 5), Tensor.randn(5))) {
        Sequential both = new Sequential(linear, activation);
        both.zeroGrad();
        activation.call(linear.call(x)).sum().backward();
        List<Tensor> wanted = linear.parameters().stream().map(p -> p.grad().copy()).toList();
        both.zeroGrad();
        Tensor y = both.call(x);
        y.sum().backward();
        try (var off = Autograd.noGrad()) {
          assertTrue(both.call(x).allclose(activation.call(linear.call(x)), 1e-6, 1e-6));
        }
        assertTrue(y.allclose(activation.call(linear.call(x)), 1e-6, 1e-6));
        for (int i = 0; i < wanted.size(); i++) {
          Tensor gradient = linear.parameters().get(i).grad();
          assertTrue(gradient.allclose(wanted.get(i), 1e-5, 1e-5), activation + " " + x.shape());
        }
      }
    }
    Tensor y = new Sequential(linear, new ReLU()).call(Tensor.ones(1, 5));
    assertEquals("ReluBackward0", y.gradFn().name());
  }

  @Test
  void aHookSeesTheSumsBeforeTheActivation() {
    Linear linear = new Linear(1, 1);
    linear.weight.data().fill_(-1);
    linear.bias.data().fill_(0);
    for (boolean first : new boolean[] {true, false}) {
      ReLU relu = new ReLU();
      List<Double> seen = new ArrayList<>();
      Sequential model = new Sequential(linear, relu);
      var hook =
          first
              ? linear.onForward((layer, in, out) -> seen.add(out.item()))
              : relu.beforeForward((layer, in) -> seen.add(in.item()));
      try (hook) {
        assertEquals(0, model.call(Tensor.of(new float[][] {{2}})).item());
      }
      assertEquals(List.of(-2.0), seen);
    }
  }
}
