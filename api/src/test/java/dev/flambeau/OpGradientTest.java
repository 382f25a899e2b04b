package dev.flambeau;

import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.internal.autograd.Engine;
import dev.flambeau.rows.OpCase;
import dev.flambeau.rows.OpCases;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Every row's first and second derivatives in float64 against central differences. */
@Tag("kernels")
public class OpGradientTest {
  private static final double STEP = 1e-5;

  @TestFactory
  Stream<DynamicTest> asCentralDifferences() {
    List<DynamicTest> tests = new ArrayList<>();
    for (OpCase c : OpCases.all()) {
      if (c.differentiable) {
        tests.add(DynamicTest.dynamicTest(c.name, () -> check(c)));
      }
    }
    return tests.stream();
  }

  /** Both derivatives of a row, for every subset of its outputs that may have gradients. */
  public static void check(OpCase c) {
    for (int i = 0; i < c.shapes.size(); i++) {
      int shape = i;
      Supplier<Tensor[]> in = () -> c.inputs(shape, DType.FLOAT64, Device.cpu());
      for (boolean[] with : OpCase.subsets(c.outputs(in.get()))) {
        first(c, in.get(), with);
        recorded(c, in.get(), with);
        if (c.twice) {
          second(c, in.get(), with);
        }
      }
    }
  }

  /** A number made of all outputs, each with a weight of its own. */
  static Tensor project(Tensor y) {
    double[] weights = new double[(int) y.numel()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = Math.sin(1 + 1.7 * i) + 0.3;
    }
    return y.mul(Tensor.of(DType.FLOAT64, weights).reshape(sizes(y)).to(y.device())).sum();
  }

  /** The same of all floating outputs. */
  static Tensor project(Tensor[] outputs) {
    boolean[] floating = new boolean[outputs.length];
    for (int i = 0; i < outputs.length; i++) {
      floating[i] = outputs[i].dtype().isFloating();
    }
    return project(outputs, floating);
  }

  /** The same of some outputs: the others get no gradient. */
  private static Tensor project(Tensor[] outputs, boolean[] with) {
    Tensor sum = null;
    for (int i = 0; i < outputs.length; i++) {
      if (with[i]) {
        Tensor y = project(outputs[i]);
        sum = sum == null ? y : sum.add(y.mul(1 + 0.7 * i));
      }
    }
    return sum;
  }

  private static String named(OpCase c, boolean[] with) {
    return c + (with.length == 1 ? "" : ", of outputs " + Arrays.toString(with));
  }

  private static void first(OpCase c, Tensor[] in, boolean[] with) {
    for (Tensor t : in) {
      t.requiresGrad_();
    }
    String name = named(c, with);
    Tensor out = project(c.outputs(in), with);
    if (!out.requiresGrad()) {
      throw new AssertionError(name + ": the result is not in the graph");
    }
    out.backward();
    for (int k = 0; k < in.length; k++) {
      Tensor g = in[k].grad();
      if (k == c.constant) {
        assertTrue(g == null, name + ": input " + k + " has no gradient");
        continue;
      }
      if (g == null && with.length > 1) {
        g = in[k].detach().zerosLike(); // no part in these outputs: the differences must be 0
      }
      check(name + ", input " + k, in[k], g, () -> project(c.outputs(in), with).item(), 2e-6);
    }
  }

  /**
   * The gradient written with tensor ops, as used for higher derivatives, is the kernels' gradient.
   */
  private static void recorded(OpCase c, Tensor[] in, boolean[] with) {
    for (Tensor t : in) {
      t.requiresGrad_();
    }
    List<Tensor> plain = gradients(c, in, with, false);
    List<Tensor> graph = gradients(c, in, with, true);
    for (int k = 0; k < in.length; k++) {
      if (plain.get(k) != null) {
        String name = named(c, with) + " recorded, input " + k;
        OpForwardTest.close(name, plain.get(k), graph.get(k), 1e-9, 1e-11);
      }
    }
  }

  private static List<Tensor> gradients(
      OpCase c, Tensor[] in, boolean[] with, boolean createGraph) {
    Tensor[] leaves = new Tensor[in.length];
    for (int i = 0; i < in.length; i++) {
      leaves[i] = in[i].detach().requiresGrad_();
    }
    project(c.outputs(leaves), with).backward(null, createGraph, createGraph);
    List<Tensor> out = new ArrayList<>();
    for (Tensor t : leaves) {
      out.add(t.grad());
    }
    return out;
  }

  private static void second(OpCase c, Tensor[] in, boolean[] with) {
    for (Tensor t : in) {
      t.requiresGrad_();
    }
    Tensor total = slopes(c, in, with);
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
        String name = named(c, with) + " twice, input " + k;
        check(name, in[k], hessian.get(k), () -> slopes(c, in, with).item(), 2e-5);
      }
    }
  }

  /** A number made of all first derivatives. */
  private static Tensor slopes(OpCase c, Tensor[] in, boolean[] with) {
    Tensor out = project(c.outputs(in), with);
    Tensor[] g = Engine.gradients(List.of(out), List.of(in), null, true, true);
    Tensor sum = null;
    for (int i = 0; i < g.length; i++) {
      if (g[i] != null) {
        Tensor all = project(g[i]);
        sum = sum == null ? all : sum.add(all.mul(1 + i));
      }
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
