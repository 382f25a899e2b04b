package dev.flambeau.inplace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Autograd;
import dev.flambeau.DType;
import dev.flambeau.Index;
import dev.flambeau.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Gradients through writes into views, whatever the memory order of base, view and gradient. */
class ViewGradientTest {
  private record Step<T>(String name, T does) {}

  private static <T> Step<T> step(String name, T does) {
    return new Step<>(name, does);
  }

  /** Tensors of shape (4, 6) with memory of their own. */
  private static final List<Step<UnaryOperator<Tensor>>> BASES =
      List.of(
          step("rows", x -> x.mul(1)),
          step("columns", x -> x.t().contiguous().t().mul(1)),
          step(
              "of three dims",
              x ->
                  x.view(4, 2, 3)
                      .transpose(0, 1)
                      .contiguous()
                      .transpose(0, 1)
                      .mul(1)
                      .reshape(4, 6)
                      .mul(1)));

  private static final List<Step<UnaryOperator<Tensor>>> VIEWS =
      List.of(
          step("all", x -> x.get(Index.all())),
          step("flat", x -> x.isContiguous() ? x.view(24) : x.t().view(24)),
          step("t", Tensor::t),
          step("row", x -> x.get(2)),
          step("column", x -> x.get(Index.all(), 1)),
          step("steps", x -> x.get("1:, ::2")),
          step("narrow", x -> x.narrow(1, 2, 3)),
          step("element", x -> x.get(1, 1)),
          step("unsqueeze", x -> x.unsqueeze(1)),
          step("squeeze", x -> x.narrow(0, 1, 1).squeeze()),
          step("permute", x -> x.unsqueeze(0).permute(2, 0, 1)),
          step("split", x -> x.split(2, 1).get(1)),
          step("flat part", x -> (x.isContiguous() ? x : x.t()).view(2, 12).get(1).narrow(0, 3, 5)),
          step("row of expanded", x -> x.unsqueeze(0).expand(3, 4, 6).get(1)),
          step("nothing", x -> x.narrow(0, 2, 0)));

  private static final List<Step<Consumer<Tensor>>> WRITES =
      List.of(
          step("mul_", v -> v.mul_(3)),
          step("exp_", Tensor::exp_),
          step("square_", Tensor::square_),
          step("fill_", v -> v.fill_(5)),
          step("mul_ by a copy", v -> v.mul_(v.copy())),
          step("copy_ of a copy", v -> v.copy_(v.copy().sin())),
          step("twice", v -> v.mul_(2).sin_()));

  private static final List<Step<UnaryOperator<Tensor>>> USES =
      List.of(
          step("as it is", x -> x.mul(weights(4, 6))),
          step("transposed", x -> x.t().mul(weights(6, 4))),
          step("in parts", x -> x.get("::2").mul(weights(2, 6))),
          step("summed", x -> x.sum(0)),
          step("copied", x -> x.t().contiguous().mul(weights(6, 4))),
          step("repeated", x -> x.unsqueeze(0).expand(2, 4, 6).mul(weights(2, 4, 6))),
          step("as three dims", x -> x.reshape(2, 2, 6).permute(2, 0, 1).mul(weights(6, 2, 2))));

  private static Tensor weights(long... sizes) {
    long n = 1;
    for (long s : sizes) {
      n *= s;
    }
    return Tensor.arange(n).to(DType.FLOAT64).mul(0.7).cos().view(sizes);
  }

  @TestFactory
  Stream<DynamicTest> asCentralDifferences() {
    List<DynamicTest> tests = new ArrayList<>();
    for (var base : BASES) {
      for (var view : VIEWS) {
        tests.add(
            DynamicTest.dynamicTest(
                base.name + ", " + view.name,
                () -> {
                  for (var write : WRITES) {
                    for (var use : USES) {
                      check(base, view, write, use);
                    }
                  }
                }));
      }
    }
    return tests.stream();
  }

  private static void check(
      Step<UnaryOperator<Tensor>> base,
      Step<UnaryOperator<Tensor>> view,
      Step<Consumer<Tensor>> write,
      Step<UnaryOperator<Tensor>> use) {
    UnaryOperator<Tensor> program =
        x -> {
          Tensor h = base.does.apply(x);
          Tensor other = h.t(); // sees the write as well
          write.does.accept(view.does.apply(h));
          return use.does.apply(h).sum().add(other.mul(other).sum());
        };
    Tensor x = Tensor.arange(24).to(DType.FLOAT64).mul(0.11).sub(1.3).view(4, 6).requiresGrad_();
    program.apply(x).backward();
    double[] values = x.detach().copy().view(24).toDoubleArray();
    double[] expected = new double[24];
    double step = 1e-5;
    try (var off = Autograd.noGrad()) {
      for (int i = 0; i < 24; i++) {
        expected[i] = (at(program, values, i, step) - at(program, values, i, -step)) / (2 * step);
      }
    }
    assertArrayEquals(
        expected,
        x.grad().contiguous().view(24).toDoubleArray(),
        1e-6,
        () -> write.name + ", " + use.name);
  }

  private static double at(UnaryOperator<Tensor> program, double[] values, int i, double step) {
    double[] moved = values.clone();
    moved[i] += step;
    return program.apply(Tensor.of(DType.FLOAT64, moved).view(4, 6)).item();
  }

  @Test
  void secondDerivativesGoThroughViews() {
    // y = (2 x0^3)^2 + x1^3 sin(x1^3), by writes into views.
    Tensor x = Tensor.of(DType.FLOAT64, new double[] {0.5, 0.8}).requiresGrad_();
    Tensor h = x.pow(3).view(1, 2);
    Tensor seen = h.t();
    h.t().get(0).mul_(2);
    h.view(2).get(1).mul_(h.view(2).get(1).copy().sin());
    Tensor y = seen.get(0).square().add(seen.get(1)).sum();
    Tensor first = Autograd.grad(List.of(y), List.of(x), null, true, true).get(0);
    Tensor second = Autograd.grad(first.sum(), x).get(0);
    double c = 0.8 * 0.8 * 0.8;
    double dc = 3 * 0.8 * 0.8;
    double ddc = 6 * 0.8;
    assertArrayEquals(
        new double[] {24 * Math.pow(0.5, 5), dc * (Math.sin(c) + c * Math.cos(c))},
        first.toDoubleArray(),
        1e-12);
    assertArrayEquals(
        new double[] {
          120 * Math.pow(0.5, 4),
          ddc * (Math.sin(c) + c * Math.cos(c)) + dc * dc * (2 * Math.cos(c) - c * Math.sin(c))
        },
        second.toDoubleArray(),
        1e-12);
  }

  @Test
  void anExpandedViewFollowsItsBase() {
    Tensor x = Tensor.ones(3).requiresGrad_();
    Tensor h = x.mul(2);
    Tensor twice = h.expand(2, 3);
    h.mul_(5);
    twice.sum().backward();
    assertEquals("tensor([20., 20., 20.])", x.grad().toString());
    assertEquals("AsStridedBackward0", twice.gradFn().name());
  }

  @Test
  void aViewMadeUnderNoGrad() {
    Tensor w = Tensor.ones(4).requiresGrad_();
    Tensor h = w.mul(2.0);
    Tensor part;
    Tensor ofLeaf;
    try (var off = Autograd.noGrad()) {
      part = h.narrow(0, 0, 2);
      ofLeaf = w.narrow(0, 0, 2);
    }
    Tensor ofPart = part.get(0);
    for (Tensor v : List.of(part, ofLeaf, ofPart)) {
      IllegalStateException e = assertThrows(IllegalStateException.class, () -> v.mul_(3.0));
      assertTrue(
          e.getMessage().startsWith("mul_: a view that was made under noGrad"), e::getMessage);
      assertThrows(IllegalStateException.class, v::zero_);
      assertThrows(IllegalStateException.class, () -> v.set(3, Index.ellipsis()));
    }
    assertEquals("tensor([2., 2.])", part.toString());
    try (var off = Autograd.noGrad()) {
      part.mul_(3.0);
    }
    h.narrow(0, 2, 2).mul_(10);
    // It has no place in the graph of what h is now.
    assertThrows(IllegalStateException.class, () -> part.mul(2));
    assertEquals("tensor([6., 6.])", part.toString());
    assertEquals("tensor([12., 12.])", part.detach().mul(2).toString());
    h.sum().backward();
    assertEquals("tensor([ 2.,  2., 20., 20.])", w.grad().toString());
  }

  /** Hands its input on, or a view of it. */
  private static final class Through extends dev.flambeau.Function {
    private final UnaryOperator<Tensor> what;

    Through(UnaryOperator<Tensor> what) {
      this.what = what;
    }

    @Override
    protected List<Tensor> forward(Context context, List<Tensor> in) {
      return List.of(what.apply(in.get(0)));
    }

    @Override
    protected List<Tensor> backward(Context context, List<Tensor> g) {
      return List.of(g.get(0).mul(-1));
    }
  }

  @Test
  void whatAFunctionHandsOnIsNotWritten() {
    Tensor x = Tensor.ones(4).requiresGrad_();
    for (UnaryOperator<Tensor> what : List.<UnaryOperator<Tensor>>of(t -> t, t -> t.view(4))) {
      Tensor h = x.mul(2);
      Tensor y = new Through(what).call(h);
      assertThrows(IllegalStateException.class, () -> y.mul_(3));
      assertEquals("tensor([2., 2., 2., 2.])", h.detach().toString());
      y.sum().add(h.sum()).backward();
      assertEquals("tensor([0., 0., 0., 0.])", x.grad().toString());
      x.setGrad(null);
    }
  }

  @Test
  void aViewMadeUnderNoGradOfAConstantLosesNothing() {
    Tensor w = Tensor.ones(2).requiresGrad_();
    Tensor base = Tensor.ones(4);
    Tensor v;
    try (var off = Autograd.noGrad()) {
      v = base.narrow(0, 0, 2);
    }
    v.mul_(w.mul(3));
    base.sum().backward();
    assertEquals("tensor([3., 3.])", w.grad().toString());
    assertTrue(v.requiresGrad());
  }

  @Test
  void aLeafAmongViews() {
    Tensor base = Tensor.zeros(4);
    Tensor leaf = base.narrow(0, 0, 3).requiresGrad_();
    Tensor w = leaf.narrow(0, 0, 2);
    for (Tensor t : List.of(leaf, w)) {
      assertThrows(IllegalStateException.class, () -> t.mul_(2));
    }
    base.add_(1); // no part of any graph, as in PyTorch
    assertTrue(leaf.isLeaf());
    base.narrow(0, 1, 2).mul_(Tensor.ones(2).requiresGrad_().mul(7));
    assertFalse(leaf.isLeaf());
    assertEquals("AsStridedBackward0", leaf.gradFn().name());
    assertEquals("tensor([1., 7., 7.], grad_fn=<AsStridedBackward0>)", leaf.toString());
  }

  @Test
  void retainGradIsOfTheValueThatATensorHas() {
    Tensor w = Tensor.of(1.0, 2.0).requiresGrad_();
    Tensor y = w.mul(3.0).retainGrad();
    List<String> seen = new ArrayList<>();
    y.registerHook(
        g -> {
          seen.add(g.toString());
          return null;
        });
    y.mul_(2.0);
    y.sum().backward();
    assertEquals("tensor([1., 1.])", y.grad().toString());
    assertEquals("tensor([6., 6.])", w.grad().toString());
    // A hook stays where it was registered, at the value of then.
    assertEquals(List.of("tensor([2., 2.])"), seen);

    Tensor v = Tensor.ones(4).requiresGrad_();
    Tensor h = v.mul(2.0);
    Tensor part = h.narrow(0, 0, 2).retainGrad();
    h.mul_(3.0);
    part.sum().backward();
    assertEquals("tensor([1., 1.])", part.grad().toString());
    assertEquals("tensor([6., 6., 0., 0.])", v.grad().toString());
    assertNull(h.grad());
  }

  @Test
  void aBaseThatWasGivenOtherMemory() {
    Tensor base = Tensor.zeros(4);
    Tensor v = base.narrow(0, 0, 2);
    base.setData(Tensor.ones(4));
    base.mul_(Tensor.ones(4).requiresGrad_());
    assertFalse(v.requiresGrad());
    assertEquals("tensor([0., 0.])", v.toString());
    Tensor w = Tensor.ones(2).requiresGrad_();
    IllegalStateException e = assertThrows(IllegalStateException.class, () -> v.add_(w));
    assertTrue(e.getMessage().contains("other memory"), e::getMessage);
  }

  @Test
  void manyViewsOfViews() {
    Tensor x = Tensor.of(DType.FLOAT64, new double[] {1, 2, 3, 4}).requiresGrad_();
    Tensor h = x.mul(2);
    Tensor v = h;
    for (int i = 0; i < 50_000; i++) {
      v = v.view(2, 2).t().t().view(4);
    }
    v.get(0).mul_(10);
    assertEquals(20, v.get(0).item());
    v.sum().backward();
    assertEquals("tensor([20.,  2.,  2.,  2.], dtype=torch.float64)", x.grad().toString());
    try (var off = Autograd.noGrad()) {
      for (int i = 0; i < 100_000; i++) {
        v = v.view(2, 2).view(4);
      }
    }
    assertEquals(20, v.get(0).item());
  }

  @Test
  void threadsThatReadOneView() throws Exception {
    int rounds = 5_000;
    Tensor x = Tensor.ones(4).requiresGrad_();
    List<Tensor> views = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      Tensor h = x.mul(1);
      views.add(h.narrow(0, 1, 2));
      h.mul_(3);
    }
    AtomicIntegerArray arrived = new AtomicIntegerArray(rounds);
    Callable<Integer> reads =
        () -> {
          int old = 0;
          for (int i = 0; i < rounds; i++) {
            arrived.incrementAndGet(i);
            for (int spins = 0; arrived.get(i) < 2; spins++) { // both at once, as near as can be
              if (spins > 1000) {
                Thread.yield();
              }
            }
            old += views.get(i).gradFn().name().equals("AsStridedBackward0") ? 0 : 1;
          }
          return old;
        };
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      List<Future<Integer>> both = List.of(pool.submit(reads), pool.submit(reads));
      for (Future<Integer> f : both) {
        assertEquals(0, f.get(), "views whose place in the graph was seen as it was before");
      }
    } finally {
      pool.shutdownNow();
    }
    views.get(0).sum().backward();
    assertEquals("tensor([0., 3., 3., 0.])", x.grad().toString());
  }

  @Test
  void aLeafStaysALeafThoughAnOlderViewIsWritten() {
    Tensor w = Tensor.ones(2).requiresGrad_();
    Tensor b = Tensor.ones(3);
    Tensor older = b.narrow(0, 0, 2);
    b.requiresGrad_();
    assertThrows(IllegalStateException.class, () -> older.mul_(w));
    assertThrows(IllegalStateException.class, () -> older.mul_(2));
    assertTrue(b.isLeaf());
    assertEquals("tensor([1., 1., 1.])", b.detach().toString());
  }

  @Test
  void whatAFunctionMadeOfAConstantIsNotWrittenEither() {
    Tensor w = Tensor.ones(2).requiresGrad_();
    for (UnaryOperator<Tensor> what : List.<UnaryOperator<Tensor>>of(t -> t, t -> t.view(-1))) {
      Tensor x = Tensor.ones(2);
      Tensor y = new Through(what).apply(x, w).get(0);
      assertThrows(IllegalStateException.class, () -> y.mul_(2));
      x.mul_(w.mul(5)); // which y shows, but its place in the graph cannot
      assertThrows(IllegalStateException.class, () -> y.mul(1));
    }
  }

  @Test
  void aRetainedGradientIsPartOfTheGraphUnderCreateGraph() {
    Tensor x = Tensor.of(DType.FLOAT64, new double[] {1, 2}).requiresGrad_();
    Tensor y = x.mul(x).retainGrad();
    Tensor loss = y.pow(3).sum();
    loss.backward(null, true, true);
    x.setGrad(null);
    loss.add(y.grad().pow(2).sum()).backward();
    assertEquals("tensor([  78., 9408.], dtype=torch.float64)", x.grad().toString());
  }

  @Test
  void nothingIsWrittenWhereTheGraphCannotFollow() {
    Tensor w = Tensor.ones(2).requiresGrad_();
    Tensor d = Tensor.ones(2, 1).expand(2, 3).detach();
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> d.select(1, 0).mul_(w.mul(5)));
    assertTrue(e.getMessage().startsWith("mul_: "), e::getMessage);
    assertEquals(1, d.max().item());
  }
}
