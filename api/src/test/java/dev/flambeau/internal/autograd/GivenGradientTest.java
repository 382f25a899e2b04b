package dev.flambeau.internal.autograd;

import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.layout;
import static dev.flambeau.internal.tensor.TensorImpl.share;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Autograd;
import dev.flambeau.DType;
import dev.flambeau.Function;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import dev.flambeau.internal.kernels.Pointwise;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What hooks and functions are given is theirs: whatever they do to it, at once or later, changes
 * no other gradient, and they may keep it.
 */
class GivenGradientTest {
  private static final double[] VALUES = {1, 2, 3, 4, 5, 6};

  /** How the program's code comes to see the gradient of {@code x}. */
  private enum Receiver {
    TENSOR_HOOK {
      @Override
      Tensor place(Tensor x, UnaryOperator<Tensor> code) {
        Tensor y = x.mul(1);
        y.registerHook(code);
        return y;
      }
    },
    LEAF_HOOK {
      @Override
      Tensor place(Tensor x, UnaryOperator<Tensor> code) {
        x.registerHook(code);
        return x;
      }
    },
    FUNCTION {
      @Override
      Tensor place(Tensor x, UnaryOperator<Tensor> code) {
        return new Passing(code).call(x);
      }
    },
    FUNCTION_WITH_HOOK {
      @Override
      Tensor place(Tensor x, UnaryOperator<Tensor> code) {
        Tensor y = new Passing(g -> g).call(x);
        y.registerHook(code);
        return y;
      }
    };

    abstract Tensor place(Tensor x, UnaryOperator<Tensor> code);
  }

  private static final class Passing extends Function {
    final UnaryOperator<Tensor> code;

    Passing(UnaryOperator<Tensor> code) {
      this.code = code;
    }

    @Override
    protected List<Tensor> forward(Context context, List<Tensor> in) {
      return List.of(in.get(0).mul(1));
    }

    @Override
    protected List<Tensor> backward(Context context, List<Tensor> g) {
      Tensor other = code.apply(g.get(0));
      return List.of(other == null ? g.get(0) : other);
    }
  }

  /** A result of two inputs that get the same gradient, in memory that they share. */
  private record Graph(String name, long[] sizes, BinaryOperator<Tensor> result, double[] slopes) {
    static Graph ones(String name, long[] sizes, BinaryOperator<Tensor> result) {
      return new Graph(name, sizes, result, new double[] {1});
    }

    static Graph values(String name, BinaryOperator<Tensor> result) {
      return new Graph(name, new long[] {2, 3}, result, VALUES);
    }
  }

  private static final List<Graph> GRAPHS =
      List.of(
          Graph.ones("the first 1", new long[0], Tensor::add),
          Graph.ones("a view of it", new long[] {1}, (y, z) -> y.add(z).sum()),
          Graph.ones("a matrix of it", new long[] {1, 1}, (y, z) -> z.add(y).mean(0).t().sum()),
          Graph.values("both of add", (y, z) -> y.add(z).mul(values()).sum()),
          Graph.values("both of add, turned", (y, z) -> z.add(y).mul(values()).sum()),
          Graph.values(
              "views", (y, z) -> y.view(6).add(z.t().t().view(6)).view(2, 3).mul(values()).sum()),
          Graph.values(
              "parts of one",
              (y, z) ->
                  Tensor.cat(new Tensor[] {y, z}, 0)
                      .mul(Tensor.cat(new Tensor[] {values(), values()}, 0))
                      .sum()),
          Graph.values("what was saved", GivenGradientTest::savedAsGradient));

  private static Tensor values() {
    return Tensor.of(VALUES).reshape(2, 3);
  }

  /** An op whose gradients are what it saved. */
  private static Tensor savedAsGradient(Tensor y, Tensor z) {
    return Recording.of("SavedBackward0", y.detach().mul(values()).sum())
        .saves(values())
        .input(y, (g, saved) -> saved.get(0).detach())
        .input(z, (g, saved) -> saved.get(0).detach())
        .result();
  }

  /** What the program's code does, and by how much it changes the gradient of {@code x}. */
  private record Code(String name, double factor, UnaryOperator<Tensor> atOnce) {}

  private static final List<Code> CODES =
      List.of(
          new Code("writes", 5, g -> nothing(g.mul_(5))),
          new Code("writes and returns", 5, g -> g.mul_(5)),
          new Code("returns another", 5, g -> g.mul(5)),
          new Code("writes and returns another", 10, g -> g.mul_(5).mul(2)),
          new Code("writes through a view", 5, g -> nothing(g.detach().mul_(5))),
          new Code("closes", 1, g -> nothing(g.mul(1), g)),
          new Code("only looks", 1, g -> null));

  private static Tensor nothing(Tensor... toClose) {
    if (toClose.length > 1) {
      toClose[1].close();
    }
    return null;
  }

  private interface Check {
    void of(Receiver receiver, Graph graph, Code code, boolean createGraph);
  }

  private static Stream<DynamicTest> all(List<Code> codes, Check check) {
    List<DynamicTest> tests = new ArrayList<>();
    for (Receiver r : Receiver.values()) {
      for (Graph g : GRAPHS) {
        tests.add(
            DynamicTest.dynamicTest(
                r + ": " + g.name,
                () -> {
                  for (Code c : codes) {
                    if (r != Receiver.FUNCTION || !c.name.equals("closes")) { // which returns it
                      check.of(r, g, c, false);
                      check.of(r, g, c, true);
                    }
                  }
                }));
      }
    }
    return tests.stream();
  }

  private static void assertTimes(double factor, Graph graph, Tensor g, String what) {
    double[] expected = graph.slopes.clone();
    for (int i = 0; i < expected.length; i++) {
      expected[i] *= factor;
    }
    assertArrayEquals(expected, g.toDoubleArray(), what);
  }

  private static Tensor leaf(long... sizes) {
    return Tensor.ones(sizes).requiresGrad_();
  }

  @TestFactory
  Stream<DynamicTest> noOtherGradientChanges() {
    return all(
        CODES,
        (receiver, graph, code, createGraph) -> {
          Tensor x = leaf(graph.sizes);
          Tensor z = leaf(graph.sizes);
          List<Tensor> kept = new ArrayList<>();
          Tensor y =
              receiver.place(
                  x,
                  g -> {
                    Tensor made = code.atOnce.apply(g);
                    kept.add(g);
                    if (made != null) {
                      kept.add(made);
                    }
                    return made;
                  });
          Tensor result = graph.result.apply(y, z);
          for (int run = 1; run <= 2; run++) {
            result.backward(null, true, createGraph);
            assertTimes(run * code.factor, graph, x.grad(), code.name);
            assertTimes(run, graph, z.grad(), code.name + ", the other input");
            for (Tensor k : kept) { // from then on the program's
              if (!k.isReleased()) {
                k.detach().fill_(100);
              }
            }
            assertTimes(run * code.factor, graph, x.grad(), code.name + ", written later");
            assertTimes(run, graph, z.grad(), code.name + ", written later, the other input");
          }
          // Nor does a backward that knows nothing of it.
          Tensor w = leaf(graph.sizes);
          graph.result.apply(w, w.detach()).backward();
          assertTimes(1, graph, w.grad(), code.name + ", a later backward");
        });
  }

  /** What came first is written into while the gradient is still on its way. */
  @TestFactory
  Stream<DynamicTest> noGradientOnItsWayChanges() {
    return all(
        CODES.subList(0, 1), // which does not matter
        (receiver, graph, code, createGraph) -> {
          Tensor x = leaf(graph.sizes);
          Tensor z = leaf(graph.sizes);
          List<Tensor> kept = new ArrayList<>();
          Tensor early =
              receiver.place(
                  x,
                  g -> {
                    kept.forEach(k -> k.detach().fill_(100));
                    return null;
                  });
          Tensor late =
              receiver.place(
                  early.mul(1),
                  g -> {
                    Tensor made = g.mul(1);
                    kept.add(g);
                    kept.add(made);
                    return made;
                  });
          graph.result.apply(late, z).backward(null, false, createGraph);
          assertTimes(1, graph, x.grad(), "x");
          assertTimes(1, graph, z.grad(), "z");
        });
  }

  @TestFactory
  Stream<DynamicTest> whatTheProgramGaveIsNotChanged() {
    return Stream.of(Receiver.values())
        .map(
            r ->
                DynamicTest.dynamicTest(
                    r.name(),
                    () -> {
                      Tensor given = values();
                      Tensor x = leaf(2, 3);
                      Tensor z = leaf(2, 3);
                      r.place(x, g -> g.mul_(5)).add(z).backward(given);
                      assertArrayEquals(VALUES, given.toDoubleArray());
                      assertArrayEquals(VALUES, z.grad().toDoubleArray());
                      assertEquals(5 * 21, x.grad().sum().item());
                      Tensor y = r.place(leaf(2, 3), g -> g.mul_(5));
                      Tensor gz =
                          Autograd.grad(List.of(y.add(z)), List.of(z), List.of(given), true, false)
                              .get(0);
                      gz.mul_(3);
                      assertArrayEquals(VALUES, given.toDoubleArray());
                    }));
  }

  @Test
  void theResultsOfGradAreApart() {
    for (boolean createGraph : new boolean[] {false, true}) {
      Tensor a = leaf(2, 3);
      Tensor b = leaf(2, 3);
      Tensor y = a.add(b).mul(values()).sum();
      List<Tensor> found = Autograd.grad(List.of(y), List.of(a, b, a), null, true, createGraph);
      found.get(0).detach().mul_(10);
      assertArrayEquals(VALUES, found.get(1).toDoubleArray());
      assertArrayEquals(VALUES, found.get(2).toDoubleArray());
      Tensor number = leaf();
      Tensor one = Autograd.grad(List.of(number), List.of(number), null, true, createGraph).get(0);
      one.detach().mul_(10);
      assertEquals(1, Autograd.grad(number.add(0), number).get(0).item());
    }
  }

  @Test
  void leavesUnderCreateGraphHaveTheirOwnGradients() {
    Tensor a = leaf(3);
    Tensor b = leaf(3);
    a.add(b).sum().backward(null, true, true);
    a.add(b).sum().backward();
    a.sum().backward();
    assertArrayEquals(new double[] {3, 3, 3}, a.grad().toDoubleArray());
    assertArrayEquals(new double[] {2, 2, 2}, b.grad().toDoubleArray());
  }

  @Test
  void writesOfHooksAreDifferentiated() {
    for (Receiver r : Receiver.values()) {
      Tensor x = Tensor.of(1.0, 2.0, 3.0).requiresGrad_();
      r.place(x, g -> g.mul_(5)).pow(3).sum().backward(null, false, true);
      Tensor first = x.grad();
      assertArrayEquals(new double[] {15, 60, 135}, first.toDoubleArray(), r.name());
      x.zeroGrad();
      first.sum().backward(); // which passes there again
      assertArrayEquals(new double[] {150, 300, 450}, x.grad().toDoubleArray(), r.name());
    }
  }

  // ---- what is kept

  @TestFactory
  Stream<DynamicTest> whatItMakesIsThePrograms() {
    return Stream.of(Receiver.values())
        .map(
            r ->
                DynamicTest.dynamicTest(
                    r.name(),
                    () -> {
                      List<Tensor> kept = new ArrayList<>();
                      UnaryOperator<Tensor> code =
                          g -> {
                            kept.add(g);
                            kept.add(g.mul(2));
                            return g.mul(3);
                          };
                      Tensor x = leaf(2, 3);
                      r.place(x, code).mul(values()).sum().backward();
                      assertEquals(21, kept.get(0).sum().item());
                      assertEquals(42, kept.get(1).sum().item());
                      assertEquals(63, x.grad().sum().item());
                      try (var scope = Scope.open()) {
                        Tensor y = leaf(2, 3);
                        r.place(y, code).mul(values()).sum().backward();
                        assertEquals(42, kept.get(3).sum().item());
                        scope.keep(kept.get(3));
                      }
                      assertEquals(21, kept.get(2).sum().item());
                      assertEquals(42, kept.get(3).sum().item());
                      try (var scope = Scope.open()) {
                        r.place(leaf(2, 3), code).mul(values()).sum().backward();
                      }
                      assertTrue(kept.get(5).isReleased(), "its scope has ended");
                    }));
  }

  @Test
  void aConstantIsNotWritten() {
    Tensor one = Pointwise.one(context(Tensor.ones(1)), DType.FLOAT32);
    Tensor again = share(one, layout(one));
    for (UnaryOperator<Tensor> op :
        List.<UnaryOperator<Tensor>>of(
            t -> t.mul_(2),
            Tensor::zero_,
            Tensor::relu_,
            t -> t.add_(Tensor.ones(1).sum()),
            t -> t.copy_(Tensor.of(2.0)),
            t -> t.view(1).fill_(3))) {
      var e = assertThrows(IllegalStateException.class, () -> op.apply(again));
      assertTrue(e.getMessage().contains("constant of the library"), e.getMessage());
    }
    assertEquals(1, again.item());
    assertFalse(one.isReleased());
  }
}
