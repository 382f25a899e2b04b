package dev.flambeau.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Autograd;
import dev.flambeau.Tensor;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The activations as layers: values and texts of PyTorch's. */
@Tag("kernels")
class ActivationsTest {
  private final Set<Class<?>> checked = new HashSet<>();

  private void check(Layer layer, String text, double... expected) {
    checked.add(layer.getClass());
    assertEquals(text, layer.toString());
    Tensor y = layer.call(Tensor.of(-2.0, -0.5, 0.0, 1.0, 3.0));
    assertArrayEquals(expected, y.toDoubleArray(), 3e-7, text);
  }

  private static boolean hasTestOfItsOwn(Class<?> layer) {
    return ActivationsTest.class.getResource(layer.getSimpleName() + "Test.class") != null;
  }

  @Test
  void valuesAndTexts() throws IOException {
    check(new ReLU(), "ReLU()", 0, 0, 0, 1, 3);
    check(new LeakyReLU(0.05), "LeakyReLU(negative_slope=0.05)", -0.1, -0.025, 0, 1, 3);
    check(new LeakyReLU(), "LeakyReLU(negative_slope=0.01)", -0.02, -0.005, 0, 1, 3);
    check(new ELU(), "ELU(alpha=1.0)", -0.864664717, -0.39346934, 0, 1, 3);
    check(new ELU(0.5), "ELU(alpha=0.5)", -0.432332367, -0.196734667, 0, 1, 3);
    check(
        new GELU(),
        "GELU(approximate='none')",
        -0.0455000997,
        -0.154268786,
        0,
        0.841344714,
        2.99595022);
    check(
        new GELU("tanh"),
        "GELU(approximate='tanh')",
        -0.0454022884,
        -0.154285997,
        0,
        0.841192007,
        2.99636269);
    check(new SiLU(), "SiLU()", -0.238405839, -0.188770339, 0, 0.731058598, 2.85772252);
    check(new Hardsigmoid(), "Hardsigmoid()", 1 / 6.0, 2.5 / 6, 0.5, 4 / 6.0, 1);
    check(new Hardswish(), "Hardswish()", -2 / 6.0, -1.25 / 6, 0, 4 / 6.0, 3);
    check(new Hardshrink(), "Hardshrink(0.5)", -2, 0, 0, 1, 3);
    check(new Hardshrink(2), "Hardshrink(2.0)", 0, 0, 0, 0, 3);
    check(
        new Softplus(2, 3),
        "Softplus(beta=2, threshold=3)",
        0.00907496456,
        0.156630844,
        0.346573591,
        1.06346405,
        3);
    check(new Sigmoid(), "Sigmoid()", 0.119202919, 0.377540678, 0.5, 0.731058598, 0.952574134);
    check(new Tanh(), "Tanh()", -0.964027584, -0.462117165, 0, 0.761594176, 0.995054781);
    check(
        new Softmax(0),
        "Softmax(dim=0)",
        0.00551360799,
        0.0247102771,
        0.0407403558,
        0.110743776,
        0.818291962);
    check(
        new LogSoftmax(-1),
        "LogSoftmax(dim=-1)",
        -5.20053625,
        -3.70053601,
        -3.20053601,
        -2.20053601,
        -0.200536072);
    check(new Identity(), "Identity()", -2, -0.5, 0, 1, 3);
    for (Class<?> c : ShippedModelsTest.modules()) {
      if (Layer.class.isAssignableFrom(c) && !hasTestOfItsOwn(c)) {
        assertTrue(checked.contains(c), c.getSimpleName() + ": add its values and text here");
      }
    }
  }

  @Test
  void hardshrinkAtItsEdges() {
    double inf = Double.POSITIVE_INFINITY;
    Tensor x = Tensor.of(Double.NaN, inf, -inf, 0.5, -0.5, -0.0, -0.75).requiresGrad_();
    Tensor y = new Hardshrink().call(x);
    double[] expected = {Double.NaN, inf, -inf, 0, 0, 0, -0.75};
    assertArrayEquals(expected, y.toDoubleArray(), "inside, -0.0 too, all is 0");
    // libtorch's vectors take NaN to be inside, its scalars and its GPU kernels do not.
    double[] slopes = {1, 1, 1, 0, 0, 0, 1};
    for (boolean createGraph : new boolean[] {false, true}) {
      Tensor g = Autograd.grad(List.of(y.sum()), List.of(x), null, true, createGraph).get(0);
      assertArrayEquals(slopes, g.toDoubleArray(), "createGraph " + createGraph);
    }
  }

  @Test
  void defaultsPrintAsPyTorchs() {
    assertEquals("Softplus(beta=1, threshold=20)", new Softplus().toString());
    assertEquals("Softplus(beta=0.5, threshold=1.5)", new Softplus(0.5, 1.5).toString());
    assertThrows(IllegalArgumentException.class, () -> new GELU("sigmoid"));
  }
}
