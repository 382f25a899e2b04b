package dev.flambeau.inplace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Autograd;
import dev.flambeau.DType;
import dev.flambeau.Device;
import dev.flambeau.Reduction;
import dev.flambeau.Tensor;
import dev.flambeau.nn.Functional;
import dev.flambeau.optim.SGD;
import dev.flambeau.rows.OpCase;
import dev.flambeau.rows.OpCases;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What a change in place between forward and backward does: nothing, or it is refused. */
class SavedValuesTest {
  /** Ops whose inputs may change: PyTorch saves none, their result, or something else. */
  private static final Set<String> FREE =
      Set.of(
          "add",
          "sub",
          "neg",
          "sum",
          "mean",
          "exp",
          "expm1",
          "sqrt",
          "tanh",
          "sigmoid",
          "relu",
          "softmax",
          "logSoftmax",
          "reciprocal",
          "rsqrt",
          "where",
          "cat",
          "reshape",
          "gather",
          "maskedFill",
          "l1Loss",
          "crossEntropy");

  @TestFactory
  Stream<DynamicTest> changesBetweenForwardAndBackward() {
    return OpCases.all().stream()
        .filter(row -> row.differentiable)
        .map(row -> DynamicTest.dynamicTest(row.name, () -> check(row)));
  }

  private static void check(OpCase row) {
    for (int shape = 0; shape < row.shapes.size(); shape++) {
      int inputs = row.inputs(shape, DType.FLOAT64, Device.cpu()).length;
      Tensor[] expected = gradients(row, shape, -2);
      for (int changed = -1; changed < inputs; changed++) {
        if (changed == row.constant && changed >= 0) {
          continue;
        }
        Tensor[] found;
        try {
          found = gradients(row, shape, changed);
        } catch (IllegalArgumentException e) {
          assertTrue(changed == -1 && e.getMessage().contains("share memory"), e::getMessage);
          continue; // the result is an expanded view
        } catch (IllegalStateException e) {
          assertTrue(e.getMessage().contains("was changed in place by add_"), e::getMessage);
          assertFalse(changed >= 0 && FREE.contains(row.op()), e::getMessage);
          continue;
        }
        for (int i = 0; i < inputs; i++) {
          if (expected[i] != null) {
            assertTrue(close(expected[i], found[i]), "of input " + i);
          }
        }
      }
    }
  }

  private static boolean close(Tensor a, Tensor b) {
    Tensor nan = a.ne(a);
    return nan.equal(b.ne(b)) && a.maskedFill(nan, 0).allclose(b.maskedFill(nan, 0), 1e-12, 1e-14);
  }

  /** Gradients when an input, or (-1) the result, is changed after forward; -2: nothing is. */
  private static Tensor[] gradients(OpCase row, int shape, int changed) {
    Tensor[] in = row.inputs(shape, DType.FLOAT64, Device.cpu());
    Tensor[] used = in.clone();
    for (int i = 0; i < in.length; i++) {
      if (i != row.constant && in[i].dtype().isFloating()) {
        in[i].requiresGrad_();
        used[i] = in[i].mul(1);
      }
    }
    Tensor y = row.fn.apply(used);
    Tensor loss = y.mul(Tensor.arange(y.numel()).to(DType.FLOAT64).view(y.shape().toArray())).sum();
    if (changed >= 0) {
      used[changed].add_(1);
    } else if (changed == -1) {
      y.add_(1);
    }
    loss.backward();
    Tensor[] found = new Tensor[in.length];
    for (int i = 0; i < in.length; i++) {
      found[i] = in[i].grad();
    }
    return found;
  }

  @Test
  void aParameterInALossThatIsSteppedMeanwhile() {
    Tensor w = Tensor.of(DType.FLOAT64, new double[] {1, -2, 3}).requiresGrad_();
    Tensor loss = w.l1Loss(Tensor.zeros(3).to(DType.FLOAT64), Reduction.SUM);
    loss.backward(null, true, false);
    new SGD(List.of(w), 10).step();
    assertEquals("tensor([-9.,  8., -7.], dtype=torch.float64, requires_grad=True)", w.toString());
    w.zeroGrad();
    loss.backward();
    assertEquals("tensor([ 1., -1.,  1.], dtype=torch.float64)", w.grad().toString());
  }

  @Test
  void secondDerivativesAfterAChange() {
    Tensor x = Tensor.of(DType.FLOAT64, new double[][] {{0.5, 1.5, -1}}).requiresGrad_();
    Tensor again = x.detach().copy().requiresGrad_();
    Tensor h = x.mul(1);
    Tensor loss = Functional.crossEntropy(h, Tensor.of(new long[] {1}));
    h.zero_();
    Tensor first = Autograd.grad(List.of(loss), List.of(x), null, true, true).get(0);
    Tensor second = Autograd.grad(first.square().sum(), x).get(0);
    Tensor plain = Functional.crossEntropy(again.mul(1), Tensor.of(new long[] {1}));
    Tensor expected = Autograd.grad(List.of(plain), List.of(again), null, true, true).get(0);
    assertTrue(expected.allclose(first), first::toString);
    assertTrue(
        Autograd.grad(expected.square().sum(), again).get(0).allclose(second), second::toString);
  }

  @Test
  void targetsAreStillGuarded() {
    Tensor h = Tensor.ones(1, 3).requiresGrad_().mul(1);
    Tensor target = Tensor.of(new long[] {1});
    Tensor loss = Functional.crossEntropy(h, target);
    target.zero_();
    assertThrows(IllegalStateException.class, loss::backward);
  }
}
