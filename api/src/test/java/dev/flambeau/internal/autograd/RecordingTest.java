package dev.flambeau.internal.autograd;

import static dev.flambeau.internal.tensor.TensorImpl.impl;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Autograd;
import dev.flambeau.DType;
import dev.flambeau.Function;
import dev.flambeau.Node;
import dev.flambeau.OpGradientTest;
import dev.flambeau.Tensor;
import dev.flambeau.VarMean;
import dev.flambeau.rows.OpCase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** How ops write themselves down: several outputs, joint gradients, and their two forms. */
class RecordingTest {
  private static Tensor leaf(double... values) {
    return constant(values).requiresGrad_();
  }

  private static Tensor constant(double... values) {
    return Tensor.of(DType.FLOAT64, values);
  }

  // ---- ops of several outputs: y = tanh(a) b + c and z = a exp(b)

  private record Kept(Tensor a, Tensor b, Tensor y, Tensor z) {}

  private static Tensor[] forward(Tensor a, Tensor b, Tensor c) {
    return new Tensor[] {a.tanh().mul(b).add(c), a.mul(b.exp())};
  }

  private static Recording record(Tensor a, Tensor b, Tensor c, Tensor[] out) {
    return Recording.of("PairBackward0", out[0], out[1])
        .saves(a, b, out[0], out[1])
        .inputs(a, b, c);
  }

  /** The gradients, as a kernel would find them: what is not wanted is not computed. */
  private static Tensor[] kernel(Tensor[] g, Kept kept, boolean[] wanted) {
    assertFalse(Autograd.isGradEnabled(), "a kernel records nothing");
    return slopes(g, kept, wanted);
  }

  private static Tensor[] slopes(Tensor[] g, Kept kept, boolean[] wanted) {
    Tensor t = kept.a.tanh();
    Tensor e = kept.b.exp();
    Tensor ga = null;
    Tensor gb = null;
    if (g[0] != null) {
      ga = wanted[0] ? g[0].mul(kept.b).mul(t.square().rsub(1)) : null;
      gb = wanted[1] ? g[0].mul(t) : null;
    }
    if (g[1] != null) {
      ga = wanted[0] ? sum(ga, g[1].mul(e)) : null;
      gb = wanted[1] ? sum(gb, g[1].mul(kept.z)) : null;
    }
    return new Tensor[] {ga, gb, wanted[2] ? g[0] : null};
  }

  private static Tensor sum(Tensor a, Tensor b) {
    return a == null ? b : a.add(b);
  }

  private static Tensor[] outputs(Tensor a, Tensor b, Tensor c) {
    try (var off = Autograd.noGrad()) {
      return forward(a, b, c);
    }
  }

  /** Both forms are written. */
  private static Tensor[] written(Tensor a, Tensor b, Tensor c) {
    Tensor[] out = outputs(a, b, c);
    record(a, b, c, out)
        .gradient(
            (g, saved, wanted) -> kernel(g, saved.as(Kept::new), wanted),
            (g, saved, wanted) -> slopes(g, saved.as(Kept::new), wanted))
        .result();
    return out;
  }

  /** The composed form is the forward, run again; c, on which no gradient depends, is not saved. */
  private static Tensor[] recomputed(Tensor a, Tensor b, Tensor c) {
    Tensor[] out = outputs(a, b, c);
    record(a, b, c, out)
        .gradient(
            (g, saved, wanted) -> kernel(g, saved.as(Kept::new), wanted),
            (in, saved) -> forward(in[0], in[1], in[2] == null ? in[0].zerosLike() : in[2]))
        .result();
    return out;
  }

  private static Tensor[] once(Tensor a, Tensor b, Tensor c) {
    Tensor[] out = outputs(a, b, c);
    record(a, b, c, out)
        .gradientOnce("pair", (g, saved, wanted) -> kernel(g, saved.as(Kept::new), wanted))
        .result();
    return out;
  }

  private static OpCase row(String name, OpCase.Several f) {
    return OpCase.several(name, f)
        .shapes(new long[] {2, 3}, new long[] {2, 3}, new long[] {2, 3})
        .shapes(new long[] {2, 3}, new long[] {3}, new long[] {1});
  }

  @TestFactory
  Stream<DynamicTest> derivatives() {
    return Stream.of(
            row("written", in -> written(in[0], in[1], in[2])),
            row("recomputed", in -> recomputed(in[0], in[1], in[2])),
            // Inputs that are computed from each other, or the same: derivatives stay partial ones.
            row("recomputed, b from a", in -> recomputed(in[0], in[0].sin().mul(in[1]), in[2])),
            row("recomputed, a twice", in -> recomputed(in[0], in[0], in[1].mul(in[2]))),
            row("recomputed, no c", in -> recomputed(in[0], in[1].mul(in[2]), Tensor.of(0.5))),
            row(
                "recomputed, of itself",
                in -> recomputed(recomputed(in[0], in[1], in[2])[1], in[1], in[2])),
            row("once", in -> once(in[0], in[1], in[2])).onceOnly(),
            OpCase.several(
                    "first of whole numbers",
                    in -> {
                      Tensor[] out = {in[0].detach().gt(0), outputs(in[0], in[0], in[0])[1]};
                      Recording.of("GtBackward0", out[0], out[1])
                          .saves(in[0])
                          .inputs(in[0])
                          .gradient(
                              (g, saved, wanted) -> {
                                assertNull(g[0], "a bool has no gradient");
                                Tensor x = saved.get(0);
                                return new Tensor[] {g[1].mul(x.exp().mul(x.add(1)))};
                              })
                          .result();
                      assertFalse(out[0].requiresGrad());
                      assertNull(out[0].gradFn());
                      return out;
                    })
                .shapes(new long[] {3}))
        .map(c -> DynamicTest.dynamicTest(c.name, () -> OpGradientTest.check(c)));
  }

  // ---- what is wanted, and what comes

  @Test
  void gradientsSeeMissingOutputsAndUnwantedInputs() {
    Tensor a = leaf(1, 2);
    Tensor b = constant(3.0, 4.0);
    List<String> seen = new ArrayList<>();
    Tensor[] out = {a.detach().mul(1), a.detach().mul(2), a.detach().mul(3)};
    Recording.of("ThreeBackward0", out[0], out[1], out[2])
        .inputs(a, b, null)
        .gradient(
            (g, saved, wanted) -> {
              seen.add((g[0] != null) + " " + (g[1] != null) + " " + (g[2] != null));
              seen.add(Arrays.toString(wanted));
              return new Tensor[] {g[1], null, null};
            })
        .result();
    assertEquals(2, impl(out[2]).output());
    assertEquals("[AccumulateGrad, null, null]", names(out[0].gradFn()));
    out[1].sum().backward();
    assertEquals(List.of("false true false", "[true, false, false]"), seen);
    assertEquals("tensor([1., 1.], dtype=torch.float64)", a.grad().toString());
  }

  private static String names(Node node) {
    return node.nextFunctions().stream().map(n -> n == null ? null : n.name()).toList().toString();
  }

  @Test
  void gradWantsOnlyItsInputs() {
    Tensor a = leaf(1, 2);
    Tensor b = leaf(3, 4);
    List<String> seen = new ArrayList<>();
    Tensor y = a.detach().mul(b.detach());
    Recording.of("ProductBackward0", y)
        .saves(a, b)
        .inputs(a, b)
        .gradient(
            (g, saved, wanted) -> {
              seen.add(Arrays.toString(wanted));
              return new Tensor[] {
                wanted[0] ? g[0].mul(saved.get(1)) : null, wanted[1] ? g[0].mul(saved.get(0)) : null
              };
            })
        .result();
    Tensor gb = Autograd.grad(List.of(y.sum()), List.of(b), null, true, false).get(0);
    assertEquals("[[false, true]]", seen.toString());
    assertEquals("tensor([1., 2.], dtype=torch.float64)", gb.toString());
    // The result's own gradient does not need the op.
    Tensor gy = Autograd.grad(y.sum(), y).get(0);
    assertEquals(1, seen.size());
    assertEquals("tensor([1., 1.], dtype=torch.float64)", gy.toString());
  }

  @Test
  void gradOfManyInputs() {
    int n = 30_000; // quadratic, they take 12 s
    Tensor[] in = new Tensor[n];
    for (int i = 0; i < n; i++) {
      in[i] = leaf(i);
    }
    Tensor y = Tensor.cat(in, 0);
    Tensor[] twice = Arrays.copyOf(in, n + 1);
    twice[n] = in[7];
    List<Tensor> found =
        assertTimeout(Duration.ofSeconds(6), () -> Autograd.grad(y.mul(y.detach()).sum(), twice));
    for (int i = 0; i < n; i += 999) {
      assertEquals(i, found.get(i).item());
    }
    assertEquals(7, found.get(n).item());
  }

  @Test
  void eachOutputIsATensorAsOthersAre() {
    Tensor x = leaf(1, 2, 4);
    VarMean y = x.varMean();
    assertEquals("VarMeanBackward0", y.mean().gradFn().name());
    assertTrue(y.mean().gradFn() == y.var().gradFn());
    y.mean().retainGrad();
    y.var().registerHook(g -> g.mul(10));
    Tensor before = y.var().mul(1);
    y.mean().mul_(3); // neither output is saved
    before.add(y.mean()).backward();
    assertEquals(1, y.mean().grad().item()); // of the value that it has now
    Tensor expected = constant(1, 2, 4).sub(7.0 / 3).mul(10).add(1);
    assertTrue(x.grad().allclose(expected), x.grad().toString());
    Tensor mean = x.varMean().mean();
    assertEquals(1, Autograd.grad(mean, mean).get(0).item());
  }

  @Test
  void nothingIsKeptWhereNothingNeedsGradients() {
    Tensor a = Tensor.of(1.0);
    Tensor[] out = {a.add(1), a.add(2)};
    Tensor y =
        Recording.of("PairBackward0", out[0], out[1])
            .saves(a)
            .inputs(a, null)
            .gradient((g, saved, wanted) -> g)
            .result();
    assertTrue(y == out[0] && y.isLeaf() && out[1].isLeaf() && !out[1].requiresGrad());
    try (var off = Autograd.noGrad()) {
      assertTrue(written(leaf(1), leaf(2), leaf(3))[1].isLeaf());
    }
  }

  @Test
  void oneTensorForSeveralInputsIsSharedOut() {
    Tensor a = leaf(1, 2);
    Tensor b = leaf(3, 4);
    Tensor y = a.detach().mul(2);
    Recording.of("SumBackward0", y)
        .inputs(a, b)
        .gradient(
            (g, saved, wanted) -> {
              Tensor both = g[0].mul(2);
              return new Tensor[] {both, both};
            })
        .result();
    y.sum().backward();
    assertNotSame(a.grad(), b.grad());
    assertFalse(a.grad().isSameStorage(b.grad()));
    a.grad().mul_(10);
    assertArrayEquals(new double[] {2, 2}, b.grad().toDoubleArray());
  }

  private static final class Both extends Function {
    @Override
    protected List<Tensor> forward(Context context, List<Tensor> in) {
      return List.of(in.get(0).add(in.get(1)));
    }

    @Override
    protected List<Tensor> backward(Context context, List<Tensor> g) {
      Tensor both = g.get(0).mul(2);
      return List.of(both, both);
    }
  }

  @Test
  void aUsersFunctionMaySendOneTensorToSeveralInputs() {
    Tensor a = leaf(1, 2);
    Tensor b = leaf(3, 4);
    new Both().call(a, b.mul(1)).sum().backward();
    a.grad().mul_(10);
    assertArrayEquals(new double[] {2, 2}, b.grad().toDoubleArray());
  }

  // ---- refusals

  @Test
  void aUsedGraphSaysSo() {
    Tensor a = leaf(1, 2);
    Tensor[] out = written(a, leaf(1, 2), leaf(1, 2));
    Tensor total = out[0].sum().add(out[1].sum());
    total.backward(null, true, false);
    total.backward();
    var e = assertThrows(IllegalStateException.class, () -> out[1].sum().backward());
    assertTrue(
        e.getMessage().contains("PairBackward0") && e.getMessage().contains("retainGraph"),
        e.getMessage());
  }

  @Test
  void aSavedOutputThatWasChangedIsNoticed() {
    Tensor a = leaf(1, 2);
    Tensor[] out = written(a, leaf(1, 2), leaf(1, 2));
    out[1].add_(1);
    var e = assertThrows(IllegalStateException.class, () -> out[0].sum().backward());
    assertTrue(
        e.getMessage().contains("PairBackward0") && e.getMessage().contains("add_"),
        e.getMessage());
  }

  @Test
  void anInputThatIsNotSavedMayChange() {
    Tensor a = leaf(1, 2);
    Tensor c = constant(5.0, 6.0);
    Tensor[] out = recomputed(a, leaf(1, 2), c);
    c.zero_();
    Tensor g = Autograd.grad(List.of(out[0].sum()), List.of(a), null, true, true).get(0);
    g.sum().backward();
    double t = Math.tanh(1);
    assertEquals(-2 * t * (1 - t * t), a.grad().get(0).item(), 1e-12);
  }

  @Test
  void anOpWithoutSecondDerivativeRefusesItAlone() {
    Tensor a = leaf(1, 2);
    Tensor[] out = once(a, leaf(3, 4), leaf(0, 0));
    Tensor g =
        Autograd.grad(List.of(out[0].add(a.pow(3)).sum()), List.of(a), null, true, true).get(0);
    Tensor plain = Autograd.grad(out[0].add(a.pow(3)).sum(), a).get(0);
    assertTrue(g.equal(plain), "the first derivative is as without createGraph");
    var e = assertThrows(IllegalStateException.class, () -> g.sum().backward());
    assertTrue(e.getMessage().startsWith("pair: its gradient cannot"), e.getMessage());
  }

  @Test
  void aGradientWithoutSecondDerivativeMayBeAConstant() {
    Tensor a = constant(1.0, 2.0);
    Tensor c = leaf(0, 0);
    Tensor y = once(a, a, c)[0];
    Tensor g = Autograd.grad(List.of(y.mul(c).sum()), List.of(c), null, true, true).get(0);
    assertTrue(g.requiresGrad(), "y is of c, and so is its gradient");
  }
}
