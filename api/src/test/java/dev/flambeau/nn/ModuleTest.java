package dev.flambeau.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Autograd;
import dev.flambeau.DType;
import dev.flambeau.Device;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Parameters, names, states, modes and the printed tree. */
class ModuleTest {
  private static final class Net extends Module {
    final Sequential body =
        module("body", new Sequential().add("fc", new Linear(3, 4)).add("act", new ReLU()));
    final Tensor scale = parameter("scale", Tensor.ones(2));
    final Tensor steps = buffer("steps", Tensor.of(0L));

    @Override
    protected String extraRepr() {
      return "a=1\nb=2";
    }
  }

  private static final class Anything extends Module {
    final String extra;

    Anything(String extra) {
      this.extra = extra;
    }

    @Override
    protected String extraRepr() {
      return extra;
    }
  }

  @Test
  void namesAreDottedAndOrdered() {
    Net net = new Net();
    assertEquals(
        "[scale, body.fc.weight, body.fc.bias]", net.namedParameters().keySet().toString());
    assertEquals("[steps]", net.namedBuffers().keySet().toString());
    assertEquals(
        "[scale, steps, body.fc.weight, body.fc.bias]", net.stateDict().keySet().toString());
    assertEquals("[, body, body.fc, body.act]", net.namedModules().keySet().toString());
    assertEquals("[body]", net.namedChildren().keySet().toString());
    assertEquals(List.of(net.body), net.children());
    assertSame(net.scale, net.parameters().get(0));
    assertEquals(4, net.modules().size());
    assertEquals(List.of(net.steps), net.buffers());
  }

  @Test
  void whatIsSharedCountsOnce() {
    Linear layer = new Linear(2, 2);
    var model = new Sequential(layer, layer);
    assertEquals("[0.weight, 0.bias]", model.namedParameters().keySet().toString());
    assertEquals("[, 0]", model.namedModules().keySet().toString());
    assertEquals(4, model.stateDict().size());
  }

  @Test
  void theTreePrintsAsInPyTorch() {
    assertEquals(
        "Net(\n"
            + "  a=1\n"
            + "  b=2\n"
            + "  (body): Sequential(\n"
            + "    (fc): Linear(in_features=3, out_features=4, bias=True)\n"
            + "    (act): ReLU()\n"
            + "  )\n"
            + ")",
        new Net().toString());
    Anything one = new Anything("a=1");
    assertEquals("Anything(a=1)", one.toString());
    one.module("fc", new Linear(1, 1));
    assertEquals(
        "Anything(\n  a=1\n  (fc): Linear(in_features=1, out_features=1, bias=True)\n)",
        one.toString());
    Anything outer = new Anything("");
    outer.module("0", new Anything("a=1\nb=2"));
    assertEquals("Anything(\n  (0): Anything(\n    a=1\n    b=2\n  )\n)", outer.toString());
    assertEquals(
        "Layer()",
        new Layer() {
          @Override
          protected Tensor forward(Tensor x) {
            return x;
          }
        }.toString());
  }

  @Test
  void namesMustBeUsableAndFree() {
    Anything m = new Anything("");
    m.module("a", new ReLU());
    assertThrows(IllegalArgumentException.class, () -> m.parameter("x.y", Tensor.ones(1)));
    assertThrows(IllegalArgumentException.class, () -> m.buffer("", Tensor.ones(1)));
    var e = assertThrows(IllegalArgumentException.class, () -> m.parameter("a", Tensor.ones(1)));
    assertEquals("parameter: Anything already has something else named \"a\"", e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> m.parameter("i", Tensor.of(1)));
    Tensor result = Tensor.ones(1).requiresGrad_().mul(2);
    assertThrows(IllegalArgumentException.class, () -> m.parameter("r", result));
    assertThrows(IllegalArgumentException.class, () -> m.module("self", m));
  }

  @Test
  void parametersSurviveScopes() {
    Linear layer;
    Map<String, Tensor> state;
    try (var scope = Scope.open()) {
      layer = new Linear(2, 2);
      state = layer.stateDict();
    }
    assertFalse(layer.weight.isReleased());
    assertFalse(layer.bias.isReleased());
    assertFalse(state.get("weight").isReleased());
  }

  @Test
  void statesGoRound() {
    var from = new Sequential(new Linear(3, 2), new ReLU(), new Linear(2, 1));
    var to = new Sequential(new Linear(3, 2), new ReLU(), new Linear(2, 1));
    Tensor before = to.get(0, Linear.class).weight;
    var result = to.loadStateDict(from.stateDict());
    assertEquals("<All keys matched successfully>", result.toString());
    assertSame(before, to.get(0, Linear.class).weight);
    Tensor x = Tensor.randn(4, 3);
    assertTrue(to.call(x).equal(from.call(x)));
    assertFalse(from.stateDict().get("0.weight").requiresGrad());
    assertTrue(from.stateDict().get("0.weight").isSameStorage(from.get(0, Linear.class).weight));
  }

  @Test
  void aStateThatDoesNotFitIsRefusedWhole() {
    var model = new Sequential(new Linear(2, 2));
    Tensor weight = model.get(0, Linear.class).weight.detach().copy();
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put("0.weight", Tensor.ones(3, 2));
    state.put("x", Tensor.ones(2));
    var e = assertThrows(IllegalArgumentException.class, () -> model.loadStateDict(state));
    assertEquals(
        "Error(s) in loading state_dict for Sequential:\n"
            + "\tMissing key(s) in state_dict: \"0.bias\". \n"
            + "\tUnexpected key(s) in state_dict: \"x\". \n"
            + "\tsize mismatch for 0.weight: copying a param with shape torch.Size([3, 2]) from"
            + " checkpoint, the shape in current model is torch.Size([2, 2]).",
        e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> model.loadStateDict(state, false));
    state.put("0.weight", Tensor.ones(DType.FLOAT64, 2, 2));
    var found = model.loadStateDict(state, false);
    assertEquals(List.of("0.bias"), found.missingKeys());
    assertEquals(List.of("x"), found.unexpectedKeys());
    assertEquals(
        "_IncompatibleKeys(missing_keys=['0.bias'], unexpected_keys=['x'])", found.toString());
    assertFalse(model.get(0, Linear.class).weight.detach().equal(weight));
    assertEquals(DType.FLOAT32, model.get(0, Linear.class).weight.dtype());
  }

  @Test
  void aStateWithoutValuesIsRefusedWhole() {
    var model = new Sequential(new Linear(2, 2));
    Tensor before = model.get(0, Linear.class).weight.detach().copy();
    Tensor released = Tensor.ones(2);
    released.close();
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put("0.weight", Tensor.ones(2, 2));
    state.put("0.bias", released);
    var e = assertThrows(IllegalArgumentException.class, () -> model.loadStateDict(state));
    assertTrue(e.getMessage().contains("0.bias: the tensor of shape torch.Size([2])"), e::toString);
    assertTrue(e.getMessage().contains("in the checkpoint was released"), e::toString);
    state.put("0.bias", null);
    e = assertThrows(IllegalArgumentException.class, () -> model.loadStateDict(state, false));
    assertTrue(e.getMessage().contains("0.bias is null; expected a tensor of"), e::toString);
    assertTrue(before.equal(model.get(0, Linear.class).weight.detach()));

    Anything m = new Anything("");
    Tensor a = m.buffer("a", Tensor.zeros(2));
    m.buffer("expanded", Tensor.zeros(1).expand(2));
    Tensor closed = m.buffer("closed", Tensor.zeros(2));
    closed.close();
    Tensor ones = Tensor.ones(2);
    e =
        assertThrows(
            IllegalArgumentException.class,
            () -> m.loadStateDict(Map.of("a", ones, "expanded", ones, "closed", ones)));
    assertTrue(e.getMessage().contains("expanded: the current model's tensor"), e::toString);
    assertTrue(e.getMessage().contains("closed: the tensor of shape"), e::toString);
    assertEquals(0, a.sum().item());
  }

  @Test
  void modesReachEveryChild() {
    Net net = new Net();
    net.eval();
    assertFalse(net.isTraining());
    assertFalse(net.body.get(1).isTraining());
    net.train();
    assertTrue(net.body.get(1).isTraining());
  }

  @Test
  void applyGoesFromTheLeavesUp() {
    List<String> names = new ArrayList<>();
    new Net().apply(m -> names.add(m.typeName()));
    assertEquals(List.of("Linear", "ReLU", "Sequential", "Net"), names);
  }

  @Test
  void gradientsAreZeroedAndFrozen() {
    Linear layer = new Linear(2, 1);
    layer.call(Tensor.ones(3, 2)).sum().backward();
    assertEquals("tensor([3.])", layer.bias.grad().toString());
    layer.zeroGrad();
    assertNull(layer.bias.grad());
    layer.requiresGrad_(false);
    assertFalse(layer.call(Tensor.ones(3, 2)).requiresGrad());
  }

  @Test
  void conversionKeepsTheTensorsThemselves() {
    Net net = new Net();
    Linear layer = net.body.get(0, Linear.class);
    Tensor weight = layer.weight;
    Tensor x = Tensor.randn(5, 3);
    Tensor before = layer.call(x);
    before.sum().backward();
    net.to(DType.FLOAT64);
    assertSame(weight, layer.weight);
    assertEquals(DType.FLOAT64, weight.dtype());
    assertEquals(DType.FLOAT64, weight.grad().dtype());
    assertEquals(DType.INT64, net.steps.dtype());
    assertTrue(weight.isLeaf() && weight.requiresGrad() && weight.isParameter());
    net.zeroGrad();
    Tensor after = layer.call(x.toDouble());
    assertTrue(after.allclose(before.toDouble(), 1e-6, 1e-6));
    after.sum().backward();
    assertEquals(DType.FLOAT64, weight.grad().dtype());
    net.to(Device.cpu());
    assertEquals(Device.cpu(), weight.device());
    assertThrows(IllegalArgumentException.class, () -> net.to(DType.INT64));
  }

  @Test
  void aGraphKeepsTheValuesItSaw() {
    Linear layer = new Linear(2, 1, false);
    Tensor x = Tensor.of(new double[][] {{3, 4}}).requiresGrad_();
    Tensor y = layer.call(x);
    Tensor old = layer.weight.detach().copy();
    try (var off = Autograd.noGrad()) {
      layer.weight.setData(Tensor.zeros(1, 2));
    }
    y.sum().backward();
    assertTrue(x.grad().equal(old));
    assertEquals("tensor([[3., 4.]])", layer.weight.grad().toString());
  }

  @Test
  void dataMustFit() {
    Tensor p = new Linear(2, 2).weight;
    assertThrows(IllegalArgumentException.class, () -> p.setData(Tensor.ones(3)));
    assertThrows(IllegalArgumentException.class, () -> p.setData(Tensor.ones(DType.INT64, 2, 2)));
    assertThrows(IllegalStateException.class, () -> p.mul(2).setData(Tensor.ones(2, 2)));
  }
}
