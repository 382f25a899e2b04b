package dev.flambeau;

import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.internal.kernels.OptimizerSteps;
import dev.flambeau.rows.OpCase;
import dev.flambeau.rows.OpCases;
import dev.flambeau.spi.Kernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Tensors on a device whose memory the host cannot read. */
class DeviceTest {
  private static final Device FIRST = OpForwardTest.ORACLE;
  private static final Device SECOND = second();

  /** The next of the same type; a machine may have one GPU only. */
  private static Device second() {
    Device d = new Device(FIRST.type(), FIRST.index() + 1);
    return Backends.isAvailable(d) ? d : FIRST;
  }

  // ---- copies

  @Test
  void copiesGoEverywhere() {
    for (DType type : DType.values()) {
      Tensor x = Tensor.arange(24).remainder(5).to(type).reshape(2, 3, 4);
      for (Tensor t :
          List.of(x, x.transpose(0, 2), x.slice(2, 1, 4, 2), x.select(0, 1), x.narrow(1, 0, 0))) {
        Tensor there = t.to(FIRST);
        assertEquals(FIRST, there.device());
        assertTrue(there.to(Device.cpu()).equal(t), type + " there and back");
        Tensor further = there.to(SECOND);
        assertEquals(SECOND, further.device());
        assertTrue(further.to(FIRST).equal(there), type + " from device to device");
        assertArrayEquals(t.toByteArray(), further.toByteArray());
        assertSame(there, there.to(FIRST));
      }
      assertArrayEquals(
          x.permute(2, 0, 1).stride(), x.permute(2, 0, 1).to(FIRST).stride(), "order of memory");
    }
  }

  @Test
  void gradientsFlowThroughCopies() {
    Tensor x = Tensor.of(1.0, 2.0, 3.0).requiresGrad_();
    Tensor there = x.to(FIRST);
    assertEquals("ToCopyBackward0", there.gradFn().name());
    there.square().to(SECOND).to(Device.cpu(), DType.FLOAT64).sum().backward();
    assertEquals(Device.cpu(), x.grad().device());
    assertTrue(x.grad().equal(x.detach().mul(2)));
  }

  @Test
  void gradientsOfProgramsAreOnTheirDevice() {
    Tensor x = Tensor.ones(3).requiresGrad_();
    Tensor y = x.mul(2);
    Hook hook = y.registerHook(g -> g.to(FIRST));
    var e = assertThrows(IllegalStateException.class, () -> y.sum().backward());
    assertEquals(
        "MulBackward0: a hook returned a gradient of "
            + FIRST
            + " for one on cpu; move it with to(device)",
        e.getMessage());
    hook.close();
    class Elsewhere extends Function {
      @Override
      protected List<Tensor> forward(Context context, List<Tensor> in) {
        return List.of(in.get(0).mul(1));
      }

      @Override
      protected List<Tensor> backward(Context context, List<Tensor> g) {
        return List.of(g.get(0).to(FIRST));
      }
    }
    Tensor z = new Elsewhere().call(x).sum();
    e = assertThrows(IllegalStateException.class, z::backward);
    assertTrue(e.getMessage().contains(FIRST + " for input 0 on cpu"), e.getMessage());
    Tensor number = Tensor.of(1.0).requiresGrad_(); // which is moved
    new Elsewhere().call(number).backward();
    assertEquals(Device.cpu(), number.grad().device());
    assertEquals(1, number.grad().item());
  }

  @Test
  void parametersMoveWithTheirGradients() {
    Tensor x = Tensor.ones(3).asParameter();
    assertThrows(IllegalArgumentException.class, () -> x.setGrad(Tensor.ones(3).to(FIRST)));
    x.setData(x.detach().to(FIRST));
    x.mul(2).sum().backward();
    assertEquals(FIRST, x.grad().device());
  }

  // ---- reading

  @Test
  void itPrintsAsOnTheCpu() {
    Tensor x = Tensor.linspace(-1, 1, 12).reshape(3, 4);
    for (Tensor t : List.of(x, x.t(), x.slice(1, 0, 4, 2), x.gt(0), x.mul(9).toLong())) {
      String text = t.to(FIRST).toString();
      assertEquals(t.toString(), text.replaceAll(",\\s+device='" + FIRST + "'", ""));
      assertNotEquals(t.toString(), text);
      assertEquals(text, Tensor.stack(List.of(t, t), 0).to(FIRST).select(0, 1).toString());
    }
    Tensor large = Tensor.arange(5000);
    String text = large.to(FIRST).toString();
    assertEquals(large.toString(), text.replaceAll(",\\s+device='" + FIRST + "'", ""));
  }

  @Test
  void valuesAreRead() {
    Tensor x = Tensor.of(new float[][] {{1, 2, 3}, {4, 5, 6}}).to(FIRST);
    assertEquals(6, x.get(1, 2).item());
    assertEquals(4, x.toLong().get(1, 0).itemLong());
    assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6}, x.t().toFloatArray());
    assertArrayEquals(new float[][] {{1, 2, 3}, {4, 5, 6}}, (float[][]) x.toArray());
    assertTrue(x.equal(x.copy()) && x.allclose(x.add(1e-9)));
    assertEquals(15, x.get(x.gt(3)).sum().item());
    assertEquals(
        12, x.get(Tensor.of(new long[] {1, 0}), Tensor.of(new long[] {2, 2})).sum().item() + 3);
    x.set(9, 0, 1);
    x.set(Tensor.of(7.0, 8.0, 9.0).to(FIRST), 1);
    assertEquals(
        "[[1.0, 9.0, 3.0], [7.0, 8.0, 9.0]]", Arrays.deepToString((float[][]) x.toArray()));
    assertEquals(2, Tensor.of(0, 2, 1).to(FIRST).oneHot().argmax(1).get(1).item());
    FIRST.synchronize();
    Device.cpu().synchronize();
  }

  // ---- ops

  /** Values of all rows are compared in OpForwardTest; here their gradients. */
  @TestFactory
  Stream<DynamicTest> gradientsAsOnTheCpu() {
    List<DynamicTest> tests = new ArrayList<>();
    for (OpCase c : OpCases.all()) {
      if (c.differentiable) {
        tests.add(
            DynamicTest.dynamicTest(
                c.name,
                () -> {
                  for (int i = 0; i < c.shapes.size(); i++) {
                    for (boolean createGraph : new boolean[] {false, true}) {
                      gradients(c, i, createGraph);
                    }
                  }
                }));
      }
    }
    return tests.stream();
  }

  private static void gradients(OpCase c, int shape, boolean createGraph) {
    Tensor[] here = c.inputs(shape, DType.FLOAT64, Device.cpu());
    Tensor[] there = c.inputs(shape, DType.FLOAT64, FIRST);
    for (int i = 0; i < here.length; i++) {
      here[i].requiresGrad_();
      there[i].requiresGrad_();
    }
    OpGradientTest.project(c.outputs(here)).backward(null, createGraph, createGraph);
    OpGradientTest.project(c.outputs(there)).backward(null, createGraph, createGraph);
    for (int i = 0; i < here.length; i++) {
      if (here[i].grad() != null) {
        assertEquals(FIRST, there[i].grad().device());
        OpForwardTest.close(
            c + ", input " + i, here[i].grad(), there[i].grad(), 1e-12 * c.ulps, 1e-13 * c.ulps);
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> twoDevicesAreRefused() {
    List<DynamicTest> t = new ArrayList<>();
    Tensor a = Tensor.rand(3, 4);
    Tensor b = Tensor.rand(3, 4).to(FIRST);
    Tensor classes = Tensor.of(0, 1, 2);
    Tensor index = Tensor.zeros(DType.INT64, 3, 4);
    Tensor vector = Tensor.rand(4);
    refused(t, "add_", () -> a.copy().add_(b));
    refused(t, "add_", () -> b.copy().add_(a));
    refused(t, "addcmul-like broadcast", () -> b.mul(vector));
    refused(t, "comparison", () -> b.lt(a));
    refused(t, "maskedFill", () -> b.maskedFill(a.gt(0), 1));
    refused(t, "where condition", () -> Tensor.where(a.gt(0), b, b));
    refused(t, "where", () -> Tensor.where(b.gt(0), b, a));
    refused(t, "matmul", () -> b.matmul(a.t()));
    refused(t, "mv", () -> b.mv(vector));
    refused(t, "dot", () -> b.select(0, 1).dot(vector));
    refused(t, "bmm", () -> b.unsqueeze(0).bmm(a.t().unsqueeze(0)));
    refused(t, "addmm", () -> vector.addmm(b, b.t().matmul(b)));
    refused(t, "linear weight", () -> b.linear(a));
    refused(t, "linear bias", () -> b.linear(b, Tensor.rand(3)));
    refused(t, "cat", () -> Tensor.cat(List.of(b, a), 0));
    refused(t, "stack", () -> Tensor.stack(List.of(a, b), 0));
    refused(t, "gather", () -> b.gather(0, index));
    refused(t, "scatter index", () -> b.scatter(0, index, b));
    refused(t, "scatter source", () -> b.scatter(0, index.to(FIRST), a));
    refused(t, "scatterAdd", () -> b.scatterAdd(0, index.to(FIRST), a));
    refused(t, "indexSelect", () -> b.indexSelect(0, classes));
    refused(t, "indexAdd", () -> b.indexAdd(0, classes.to(FIRST), a));
    refused(t, "set", () -> b.set(a, Index.all()));
    refused(t, "mseLoss", () -> b.mseLoss(a, Reduction.MEAN));
    refused(t, "l1Loss", () -> b.l1Loss(a, Reduction.NONE));
    refused(t, "bceLoss", () -> b.bceLoss(a, Reduction.SUM));
    refused(t, "bceLoss weight", () -> b.bceLoss(b, a, Reduction.SUM));
    refused(t, "bceWithLogitsLoss", () -> b.bceWithLogitsLoss(a, Reduction.MEAN));
    refused(t, "posWeight", () -> b.bceWithLogitsLoss(b, null, vector, Reduction.MEAN));
    refused(t, "nllLoss", () -> b.nllLoss(classes, null, -100, Reduction.MEAN));
    refused(t, "nllLoss weight", () -> b.nllLoss(classes.to(FIRST), vector, -100, Reduction.MEAN));
    refused(t, "crossEntropy", () -> b.crossEntropy(classes, null, -100, Reduction.MEAN, 0));
    refused(t, "crossEntropy probabilities", () -> b.crossEntropy(a, null, -1, Reduction.SUM, 0.1));
    refused(t, "layerNorm", () -> b.layerNorm(new long[] {4}, vector, null, 1e-5));
    refused(t, "layerNorm bias", () -> b.layerNorm(new long[] {4}, null, vector, 1e-5));
    refused(t, "equal", () -> b.equal(a));
    refused(t, "allclose", () -> b.allclose(a));
    refused(t, "setGrad", () -> b.copy().setGrad(a));
    refused(t, "sgd gradient", () -> sgd(List.of(b.copy()), List.of(a), null));
    refused(t, "sgd parameters", () -> sgd(List.of(b.copy(), a), List.of(b, a), null));
    refused(t, "sgd buffer", () -> sgd(List.of(b.copy()), List.of(b), a.copy()));
    refused(t, "adam", () -> adam(b.copy(), b, a.copy()));
    refused(t, "backward", () -> b.copy().requiresGrad_().mul(1).backward(a));
    return t.stream();
  }

  private static void sgd(List<Tensor> parameters, List<Tensor> gradients, Tensor buffer) {
    List<Tensor> buffers = new ArrayList<>(parameters);
    buffers.set(0, buffer);
    double[][] numbers = new double[parameters.size()][5];
    new OptimizerSteps("sgd", Kernels.SGD, 0, parameters, gradients, buffers, numbers).run();
  }

  private static void adam(Tensor p, Tensor g, Tensor average) {
    List<Tensor> states = List.of(average, p.zerosLike());
    new OptimizerSteps("adam", Kernels.ADAM, 0, List.of(p), List.of(g), states, new double[1][6])
        .run();
  }

  private static void refused(
      List<DynamicTest> out, String what, org.junit.jupiter.api.function.Executable call) {
    out.add(
        DynamicTest.dynamicTest(
            what,
            () -> {
              String said = assertThrows(IllegalArgumentException.class, call).getMessage();
              assertTrue(said.contains(FIRST.toString()) && said.contains("cpu"), said);
            }));
  }

  /** A 0-d tensor of the host beside one of the device: the values and gradients of one device. */
  @Test
  void scalarsOfTheHostAreCopied() {
    List<BinaryOperator<Tensor>> ops =
        List.of(
            Tensor::add,
            Tensor::sub,
            Tensor::mul,
            Tensor::div,
            Tensor::pow,
            Tensor::remainder,
            Tensor::minimum,
            Tensor::maximum,
            (a, b) -> Tensor.where(a.gt(b), a, b),
            (a, b) -> Tensor.where(a.t().gt(0.9).t(), b, a));
    for (BinaryOperator<Tensor> op : ops) {
      for (boolean first : new boolean[] {false, true}) {
        Tensor x = Tensor.of(new double[] {0.5, 1.5, 2.5}).requiresGrad_();
        Tensor n = Tensor.of(1.25).toDouble().requiresGrad_();
        Tensor there = x.detach().to(FIRST).requiresGrad_();
        Tensor number = n.detach().copy().requiresGrad_();
        Tensor expected = first ? op.apply(n, x) : op.apply(x, n);
        Tensor y = first ? op.apply(number, there) : op.apply(there, number);
        assertEquals(FIRST, y.device());
        assertEquals(expected.dtype(), y.dtype());
        assertTrue(y.to(Device.cpu()).allclose(expected), () -> y + " " + expected);
        expected.sum().backward();
        y.sum().backward();
        assertTrue(there.grad().to(Device.cpu()).allclose(x.grad()));
        assertEquals(Device.cpu(), number.grad().device());
        assertTrue(number.grad().allclose(n.grad()));
      }
    }
    Tensor whole = Tensor.arange(4).to(FIRST);
    assertEquals(DType.FLOAT32, whole.mul(Tensor.of(0.5)).dtype());
    assertEquals(DType.INT64, whole.mul(Tensor.of(2)).dtype());
    assertEquals(2, whole.ge(Tensor.of(2)).sum().item());
    assertEquals(2, Tensor.of(2).gt(whole).sum().item());
    assertEquals(3, whole.logicalAnd(Tensor.of(true)).sum().item());
    assertEquals(FIRST, Tensor.of(2).add(Tensor.of(3).to(FIRST)).device(), "both 0-d");
  }

  @Test
  void scalarsOfTheHostAreCopiedInPlace() {
    Tensor x = Tensor.of(1.0, 2.0).to(FIRST);
    assertEquals(7, x.add_(Tensor.of(2)).sum().item());
    assertEquals(3.5, x.mul_(Tensor.of(0.5)).sum().item());
    assertEquals(2, x.version());
    Tensor w = Tensor.of(3.0).requiresGrad_();
    Tensor y = Tensor.ones(2, 3).to(FIRST).t();
    y.slice(0, 0, 3, 2).mul_(w);
    assertEquals(14, y.sum().item());
    y.sum().backward();
    assertEquals(4, w.grad().item());
    Tensor here = Tensor.of(1.0);
    Tensor there = Tensor.of(1.0).to(FIRST);
    assertThrows(IllegalArgumentException.class, () -> here.add_(there), "the result stays here");
    assertThrows(IllegalArgumentException.class, () -> here.mul(w).add_(there));
    assertThrows(IllegalArgumentException.class, () -> Tensor.ones(1).add(there), "not 0-d");
  }

  @Test
  void copyTakesFromAnyDevice() {
    Tensor x = Tensor.zeros(2, 3).to(FIRST);
    x.copy_(Tensor.of(1.0, 2.0, 3.0));
    assertEquals(12, x.sum().item());
    Tensor y = Tensor.zeros(2, 3);
    y.copy_(x);
    assertEquals(12, y.sum().item());
    assertEquals(FIRST, x.zerosLike().device());
  }

  // ---- random numbers

  @Test
  void aSeedDecidesEachDevicesNumbers() {
    Tensor like = Tensor.empty(20).to(FIRST);
    Flambeau.manualSeed(3);
    Tensor cpu = Tensor.rand(5);
    Tensor a = like.randLike();
    Tensor b = like.randnLike();
    assertFalse(a.equal(like.randLike()), "each fill has numbers of its own");
    Flambeau.manualSeed(3);
    assertTrue(a.equal(like.randLike()), "the same seed, the same numbers");
    assertTrue(b.equal(like.randnLike()));
    assertTrue(cpu.equal(Tensor.rand(5)), "drawn whatever other devices draw");
    byte[] at = Rng.current().state(FIRST);
    Tensor c = like.copy().bernoulli_(0.5);
    Rng.current().setState(FIRST, at);
    assertTrue(c.equal(like.copy().bernoulli_(0.5)));
    assertTrue(c.eq(0).logicalOr(c.eq(1)).all().itemBoolean());
    assertTrue(like.copy().random_(2, 5).sub(3).abs().le(1).all().itemBoolean());
    assertEquals(FIRST, a.bernoulli().device());
    try (var r = Rng.use(new Rng(3))) {
      assertTrue(a.equal(like.randLike()), "a generator of its own");
    }
  }

  @Test
  void dropoutDrawsItsMaskAgain() {
    Flambeau.manualSeed(1);
    for (boolean transposed : new boolean[] {false, true}) {
      Tensor x = Tensor.ones(40, 50).to(FIRST).requiresGrad_();
      Tensor in = transposed ? x.t() : x;
      long before = Backends.memory(FIRST).liveBytes();
      Tensor y = in.dropout(0.25, true);
      assertEquals(before + 40 * 50 * 4, Backends.memory(FIRST).liveBytes(), "no mask is kept");
      assertEquals("MulBackward0", y.gradFn().name());
      double kept = y.ne(0).toFloat().mean().item();
      assertTrue(Math.abs(kept - 0.75) < 0.04, "kept " + kept);
      assertTrue(y.eq(0).logicalOr(y.sub(1 / 0.75).abs().le(1e-6)).all().itemBoolean());
      Tensor g = Tensor.arange(0, 2000, 1.0).reshape(sizes(y)).to(FIRST).requiresGrad_();
      List<Tensor> gx = Autograd.grad(List.of(y), List.of(x), List.of(g), true, true);
      Tensor expected = y.detach().mul(g.detach());
      Tensor found = transposed ? gx.get(0).t() : gx.get(0);
      assertTrue(found.allclose(expected), "backward has the same mask");
      Tensor twice = Autograd.grad(List.of(found.sum()), List.of(g), null, false, false).get(0);
      assertTrue(twice.allclose(y.detach()), "so has its backward");
      assertFalse(y.detach().equal(in.detach().dropout(0.25, true)), "the next mask is another");
    }
  }
}
