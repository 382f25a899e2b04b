package dev.flambeau;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every row's first and second derivatives in float64 against central differences. */
class OpGradientTest {
  private static final double STEP = 1e-5;

  @TestFactory
  Stream<DynamicTest> asCentralDifferences() {
    List<DynamicTest> tests = new ArrayList<>();
    for (OpCase c : OpCases.all()) {
      if (c.differentiable) {
        tests.add(
            DynamicTest.dynamicTest(
                c.name,
                () -> {
                  for (int i = 0; i < c.shapes.size(); i++) {
                    first(c, c.inputs(i, DType.FLOAT64, Device.cpu()));
                    recorded(c, c.inputs(i, DType.FLOAT64, Device.cpu()));
                    if (c.twice) {
                      second(c, c.inputs(i, DType.FLOAT64, Device.cpu()));
                    }
                  }
                }));
      }
    }
    return tests.stream();
  }

  /** A number made of all outputs, each with a weight of its own. */
  static Tensor project(Tensor y) {
    double[] weights = new double[(int) y.numel()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = Math.sin(1 + 1.7 * i) + 0.3;
    }
    return y.mul(Tensor.of(DType.FLOAT64, weights).reshape(y.sizes()).to(y.device())).sum();
  }

  private static void first(OpCase c, Tensor[] in) {
    for (Tensor t : in) {
      t.requiresGrad_();
    }
    Tensor out = project(c.fn.apply(in));
    if (!out.requiresGrad()) {
      throw new AssertionError(c + ": the result is not in the graph");
    }
    out.backward();
    for (int k = 0; k < in.length; k++) {
      Tensor g = in[k].grad();
      if (k == c.constant) {
        assertTrue(g == null, c + ": input " + k + " has no gradient");
        continue;
      }
      check(c + ", input " + k, in[k], g, () -> project(c.fn.apply(in)).item(), 2e-6);
    }
  }

  /**
   * The gradient written with tensor ops, as used for higher derivatives, is the kernels' gradient.
   */
  private static void recorded(OpCase c, Tensor[] in) {
    for (Tensor t : in) {
      t.requiresGrad_();
    }
    List<Tensor> plain = gradients(c, in, false);
    List<Tensor> graph = gradients(c, in, true);
    for (int k = 0; k < in.length; k++) {
      if (plain.get(k) != null) {
        OpForwardTest.close(c + " recorded, input " + k, plain.get(k), graph.get(k), 1e-9, 1e-11);
      }
    }
  }

  private static List<Tensor> gradients(OpCase c, Tensor[] in, boolean createGraph) {
    Tensor[] leaves = new Tensor[in.length];
    for (int i = 0; i < in.length; i++) {
      leaves[i] = in[i].detach().requiresGrad_();
    }
    project(c.fn.apply(leaves)).backward(null, createGraph, createGraph);
    List<Tensor> out = new ArrayList<>();
    for (Tensor t : leaves) {
      out.add(t.grad());
    }
    return out;
  }

  private static void second(OpCase c, Tensor[] in) {
    for (Tensor t : in) {
      t.requiresGrad_();
    }
    Tensor total = slopes(c, in);
    if (!total.requiresGrad()) {
      return; // linear: the first derivative is constant
    }
    List<Tensor> hessian = new ArrayList<>();
    total.backward();
    for (Tensor t : in) {
      hessian.add(t.grad());
    }
    for (int k = 0; k < in.length; k++) {
      in[k].setGrad(null);
    }
    for (int k = 0; k < in.length; k++) {
      if (hessian.get(k) != null) {
        check(c + " twice, input " + k, in[k], hessian.get(k), () -> slopes(c, in).item(), 2e-5);
      }
    }
  }

  /** A number made of all first derivatives. */
  private static Tensor slopes(OpCase c, Tensor[] in) {
    List<Tensor> g = Autograd.grad(List.of(project(c.fn.apply(in))), List.of(in), null, true, true);
    Tensor sum = project(g.get(0));
    for (int i = 1; i < g.size(); i++) {
      sum = sum.add(project(g.get(i)).mul(1 + i));
    }
    return sum;
  }

  private interface Value {
    double get();
  }

  private static void check(String what, Tensor x, Tensor gradient, Value f, double tolerance) {
    double[] g = gradient.toDoubleArray();
    Tensor flat = x.detach().view(-1);
    double[] at = flat.toDoubleArray();
    for (int i = 0; i < g.length; i += Math.max(1, g.length / 40)) {
      flat.select(0, i).fill_(at[i] + STEP);
      double up = f.get();
      flat.select(0, i).fill_(at[i] - STEP);
      double down = f.get();
      flat.select(0, i).fill_(at[i]);
      double numeric = (up - down) / (2 * STEP);
      double off = Math.abs(numeric - g[i]);
      assertTrue(
          off <= tolerance * Math.max(1, Math.abs(numeric)),
          what + ": slope " + i + " is " + g[i] + ", central differences say " + numeric);
    }
  }
}
