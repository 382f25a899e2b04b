package dev.flambeau;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The engine: accumulation, graphs kept and freed, versions, hooks, higher derivatives, functions
 * of users.
 */
@Tag("kernels")
class AutogradTest {
  private static Tensor leaf(double... values) {
    return Tensor.of(values).requiresGrad_();
  }

  @Test
  void gradientsAccumulateUntilZeroed() {
    Tensor x = leaf(1, 2, 3);
    x.mul(x).sum().backward();
    assertEquals("tensor([2., 4., 6.])", x.grad().toString());
    x.mul(x).sum().backward();
    assertEquals("tensor([ 4.,  8., 12.])", x.grad().toString());
    x.zeroGrad();
    assertNull(x.grad());
  }

  @Test
  void broadcastInputsGetSummedGradients() {
    Tensor x = leaf(1, 2);
    Tensor b = leaf(10);
    Tensor s = Tensor.of(3.0).requiresGrad_();
    x.add(b).mul(s).backward(Tensor.ones(2));
    assertEquals("tensor([3., 3.])", x.grad().toString());
    assertEquals("tensor([6.])", b.grad().toString());
    assertEquals("tensor(23.)", s.grad().toString());
  }

  @Test
  void aFreedGraphSaysSo() {
    Tensor x = leaf(1, 2);
    Tensor y = x.exp().sum();
    y.backward(null, true, false);
    y.backward();
    var e = assertThrows(IllegalStateException.class, y::backward);
    assertTrue(e.getMessage().contains("retainGraph"), e.getMessage());
  }

  @Test
  void changeOfASavedTensorIsNoticed() {
    Tensor x = leaf(1, 2);
    Tensor y = x.mul(1);
    Tensor z = y.sin();
    y.add_(1);
    var e = assertThrows(IllegalStateException.class, () -> z.sum().backward());
    assertTrue(
        e.getMessage().contains("SinBackward0") && e.getMessage().contains("add_"), e.getMessage());
  }

  @Test
  void leavesAreNotChangedInPlace() {
    Tensor x = leaf(1, 2);
    assertThrows(IllegalStateException.class, () -> x.add_(1));
    assertThrows(IllegalStateException.class, () -> x.select(0, 0).add_(1));
    try (var ng = Autograd.noGrad()) {
      x.add_(1);
    }
    assertEquals("tensor([2., 3.], requires_grad=True)", x.toString());
  }

  @Test
  void writesThroughViewsAreWritesToTheBase() {
    Tensor a = leaf(1, 1, 1);
    Tensor b = a.mul(1);
    Tensor first = b.get(0);
    first.mul_(5);
    assertEquals("CopySlices", b.gradFn().name());
    b.sum().backward();
    assertEquals("tensor([5., 1., 1.])", a.grad().toString());
  }

  @Test
  void otherViewsSeeTheBasesNewHistory() {
    Tensor a = leaf(1, 2, 3);
    Tensor b = a.mul(1);
    Tensor view = b.narrow(0, 0, 2);
    b.mul_(b.detach().copy());
    assertEquals("AsStridedBackward0", view.gradFn().name());
    view.sum().backward();
    assertEquals("tensor([1., 2., 0.])", a.grad().toString());
  }

  @Test
  void inPlaceJoinsTheGraph() {
    Tensor a = leaf(1, 2);
    Tensor b = a.mul(2);
    b.exp_();
    b.mul_(b.detach().copy());
    b.sum().backward();
    Tensor expected = a.detach().mul(2).exp().square().mul(2);
    assertTrue(a.grad().allclose(expected));
    Tensor zeros = Tensor.zeros(2, 2);
    zeros.select(0, 1).copy_(a);
    assertTrue(zeros.requiresGrad());
  }

  @Test
  void secondDerivatives() {
    Tensor x = leaf(0.5, 1.5);
    Tensor y = x.pow(3).sum();
    Tensor g = Autograd.grad(List.of(y), List.of(x), null, true, true).get(0);
    assertTrue(g.requiresGrad());
    Tensor h = Autograd.grad(g.sum(), x).get(0);
    assertTrue(h.allclose(x.detach().mul(6)));
    Tensor z = x.sigmoid().mul(x.exp()).softmax(0).square().sum();
    Tensor g1 = Autograd.grad(List.of(z), List.of(x), null, true, true).get(0);
    g1.square().sum().backward();
    assertTrue(x.grad().isfinite().all().itemBoolean());
  }

  @Test
  void hooksSeeAndReplaceGradients() {
    Tensor x = leaf(1, 2);
    List<Tensor> seen = new ArrayList<>();
    Tensor y = x.mul(3);
    try (var h =
        y.registerHook(
            g -> {
              seen.add(g);
              return g.mul(10);
            })) {
      y.retainGrad();
      y.sum().backward();
    }
    assertEquals("tensor([1., 1.])", seen.get(0).toString());
    assertEquals("tensor([10., 10.])", y.grad().toString());
    assertEquals("tensor([30., 30.])", x.grad().toString());
  }

  @Test
  void noGradRecordsNothing() {
    Tensor x = leaf(1);
    try (var ng = Flambeau.noGrad()) {
      assertFalse(x.mul(2).requiresGrad());
      try (var on = Autograd.enableGrad()) {
        assertTrue(x.mul(2).requiresGrad());
      }
    }
    assertTrue(x.mul(2).requiresGrad());
  }

  @Test
  void gradSaysWhatIsMissing() {
    Tensor x = leaf(1, 2);
    Tensor y = x.mul(2).sum();
    List<Tensor> ys = List.of(y);
    List<Tensor> nulls = Arrays.asList(x, null);
    missing("grad: inputs[1] is null", () -> Autograd.grad(ys, nulls, null, true, false));
    missing("grad: outputs[1] is null", () -> Autograd.grad(nulls, ys, null, true, false));
    missing("grad: output is null", () -> Autograd.grad(null, x));
    missing("grad: inputs is null", () -> Autograd.grad(y, (Tensor[]) null));
    missing("grad: outputs is null", () -> Autograd.grad(null, ys, null, true, false));
    refused(
        "grad: 2 gradients were given for 1 outputs",
        () -> Autograd.grad(ys, List.of(x), List.of(y, y), true, false));
    refused("registerHook: the hook is null", () -> x.registerHook(null));
    refused("setGrad: a tensor cannot be its own gradient", () -> x.setGrad(x));
    // Of several outputs each may have the implicit 1.
    List<Tensor> given = Arrays.asList(null, Tensor.of(5.0, 5.0));
    Tensor g = Autograd.grad(List.of(y, x.mul(3)), List.of(x), given, true, false).get(0);
    assertEquals("tensor([17., 17.])", g.toString());
  }

  private static void missing(String text, Runnable call) {
    assertEquals(text, assertThrows(NullPointerException.class, call::run).getMessage());
  }

  private static void refused(String text, Runnable call) {
    var e = assertThrows(IllegalArgumentException.class, call::run);
    assertTrue(e.getMessage().startsWith(text), e.getMessage());
  }

  @Test
  void aLeafsGradientFollowsItsDtype() {
    Tensor x = leaf(1, 2);
    Tensor y = x.mul(2).sum();
    x.mul(3).sum().backward();
    x.setData(x.detach().toDouble()); // the graph is of before
    y.backward();
    assertEquals("tensor([5., 5.], dtype=torch.float64)", x.grad().toString());
    Tensor z = leaf(1, 2);
    Tensor first = z.mul(2).sum();
    z.setData(z.detach().toDouble());
    first.backward();
    assertEquals("tensor([2., 2.], dtype=torch.float64)", z.grad().toString());
  }

  private static final class Cube extends Function {
    @Override
    protected List<Tensor> forward(Context context, List<Tensor> in) {
      context.saveForBackward(in.get(0));
      return List.of(in.get(0).pow(3), in.get(0).mul(2));
    }

    @Override
    protected List<Tensor> backward(Context context, List<Tensor> g) {
      Tensor x = context.saved(0);
      return List.of(g.get(0).mul(x.square().mul(3)).add(g.get(1).mul(2)));
    }
  }

  @Test
  void functionsOfUsers() {
    Tensor x = leaf(2, 3);
    List<Tensor> out = new Cube().apply(x);
    assertEquals("CubeBackward", out.get(0).gradFn().name());
    out.get(0).sum().backward();
    assertEquals("tensor([12., 27.])", x.grad().toString());
    assertThrows(IllegalStateException.class, () -> out.get(0).sum().backward());
  }

  @Test
  void backwardInAScopeLeavesTheGradients() {
    Tensor x = leaf(1, 2);
    try (var s = Scope.open()) {
      x.mul(2).relu().sum().backward();
    }
    Tensor g = x.grad();
    assertEquals("tensor([2., 2.])", g.toString());
    x.zeroGrad();
    assertFalse(g.isReleased(), "the program has taken it");
    assertSame(null, x.grad());
  }

  @Test
  void theGradientOfARemainderCountsWhatWasTaken() {
    Tensor b = Tensor.of(0.3f, 0.1f, 2f, Float.NEGATIVE_INFINITY).requiresGrad_();
    Tensor.of(3f, 2f, Float.POSITIVE_INFINITY, 3f).remainder(b).sum().backward();
    assertEquals("tensor([ -9., -19.,  nan,   1.])", b.grad().toString());
  }
}
