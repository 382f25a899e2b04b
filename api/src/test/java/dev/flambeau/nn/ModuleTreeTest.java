package dev.flambeau.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.DType;
import dev.flambeau.Device;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import dev.flambeau.train.Summary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Modules wider and deeper than any list or stack should be asked to be. */
class ModuleTreeTest {
  private static final int WIDE = 100_000;
  private static final int DEEP = 5_000;
  private static final Duration MUCH = Duration.ofSeconds(20); // a quadratic walk takes longer

  private static Sequential nested(Layer innermost, int depth) {
    Sequential s = new Sequential(innermost);
    for (int i = 1; i < depth; i++) {
      s = new Sequential(s);
    }
    return s;
  }

  @Test
  void manyLayers() {
    Layer[] layers = new Layer[WIDE];
    Arrays.setAll(layers, i -> new Identity());
    Sequential model = assertTimeout(MUCH, () -> new Sequential(layers));
    assertEquals(WIDE, model.size());
    assertEquals(WIDE + 1, model.modules().size());
    assertEquals(3, model.call(Tensor.of(3f)).item());
    String text = model.toString();
    assertTrue(text.endsWith("\n  (99999): Identity()\n)"));
  }

  @Test
  void manyLevels() {
    Linear linear = new Linear(2, 2, false);
    Sequential model = assertTimeout(MUCH, () -> nested(linear, DEEP));
    Tensor x = Tensor.of(new float[][] {{1, 2}}).requiresGrad_();
    Tensor y = model.call(x);
    assertTrue(y.equal(linear.call(x)));
    y.sum().backward();
    assertTrue(linear.weight.grad().equal(Tensor.of(new float[][] {{1, 2}, {1, 2}})));

    String name = "0.".repeat(DEEP) + "weight";
    assertEquals(List.of(linear.weight), model.parameters());
    assertEquals(Map.of(name, linear.weight), model.namedParameters());
    assertEquals(List.of(name), List.copyOf(model.stateDict().keySet()));
    assertEquals(List.of(), model.buffers());
    assertEquals(DEEP + 1, model.modules().size());
    assertEquals(2 * DEEP - 1, List.copyOf(model.namedModules().keySet()).get(DEEP).length());
    model.loadStateDict(Map.of(name, Tensor.zeros(2, 2)));
    assertEquals(0, linear.weight.abs().sum().item());

    model.eval();
    assertFalse(linear.isTraining());
    model.train();
    assertTrue(linear.isTraining());
    model.to(DType.FLOAT64).to(Device.cpu());
    assertEquals(DType.FLOAT64, linear.weight.dtype());
    assertNotNull(linear.weight.grad());
    model.zeroGrad();
    assertNull(linear.weight.grad());
    model.requiresGrad_(false);
    assertFalse(linear.weight.requiresGrad());
    List<Module> seen = new ArrayList<>();
    model.apply(seen::add);
    assertEquals(DEEP + 1, seen.size());
    assertEquals(linear, seen.get(0));
    assertEquals(model, seen.get(DEEP));
    assertEquals(1, Summary.of(model, Tensor.ones(DType.FLOAT64, 1, 2)).rows().size());

    String line =
        "\n" + "  ".repeat(DEEP) + "(0): Linear(in_features=2, out_features=2, bias=False)\n";
    String text = model.toString();
    assertTrue(text.startsWith("Sequential(\n  (0): Sequential(\n    (0): Sequential(\n"));
    assertTrue(text.contains(line));
    assertTrue(text.endsWith("\n    )\n  )\n)"));
  }

  /** Built from the outside, and joined in the middle: neither walks again what was walked. */
  @Test
  void levelsAddedBelow() {
    Sequential top = new Sequential();
    assertTimeout(
        MUCH,
        () -> {
          Sequential at = top;
          for (int i = 0; i < WIDE; i++) {
            Sequential next = new Sequential();
            at.add(next);
            at = next;
          }
          at.add(nested(new ReLU(), DEEP));
        });
    assertEquals(WIDE + DEEP + 2, top.modules().size());
    Sequential below = (Sequential) ((Sequential) top.get(0)).get(0);
    var e = assertThrows(IllegalArgumentException.class, () -> below.add(top));
    assertEquals("module: 1 contains its own parent", e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> below.set(0, below));
  }

  /** What a hook at any level sees, and when, is what it would see by a call for each level. */
  @Test
  void hooksInside() {
    List<String> events = new ArrayList<>();
    Linear linear = new Linear(2, 2);
    Sequential inner = new Sequential(linear, new ReLU());
    Sequential middle = new Sequential(new Tanh(), inner);
    Sequential model = new Sequential(middle, new Sequential(), new Sigmoid());
    Tensor x = Tensor.ones(1, 2);
    Tensor expected = linear.call(x.tanh()).relu().sigmoid();
    assertTrue(model.call(x).allclose(expected));

    List<Tensor> kept = new ArrayList<>();
    for (Layer watched : new Layer[] {middle, inner, linear}) {
      String name = watched == middle ? "middle" : watched == inner ? "inner" : "linear";
      watched.beforeForward((l, in) -> events.add("before " + name));
      watched.onForward(
          (l, in, out) -> {
            events.add("after " + name);
            kept.add(in);
            kept.add(out);
          });
    }
    assertTrue(model.call(x).allclose(expected));
    assertEquals(
        "[before middle, before inner, before linear, after linear, after inner, after middle]",
        events.toString());
    assertTrue(kept.get(0).allclose(x.tanh()));
    assertTrue(kept.get(2).allclose(kept.get(0)) && kept.get(4).allclose(x));
    assertTrue(kept.get(3).allclose(kept.get(1).relu()));
    assertTrue(kept.get(5).allclose(kept.get(3)));
  }

  /** A scope that a level opened is closed when a layer below it fails. */
  @Test
  void aFailureInside() {
    Layer failing =
        new Layer() {
          @Override
          protected Tensor forward(Tensor x) {
            throw new UnsupportedOperationException("no");
          }

          @Override
          protected boolean freesTemporaries() {
            return true;
          }
        };
    ReLU watched = new ReLU();
    watched.onForward((l, in, out) -> {});
    Sequential model = new Sequential(watched, new Sequential(new Sequential(failing)));
    try (var scope = Scope.open()) {
      assertThrows(UnsupportedOperationException.class, () -> model.call(Tensor.ones(2)));
    } // which would refuse while an inner one is open
  }

  /** A class's own text stands where it is, with what is below it left to it. */
  @Test
  void textsOfTheirOwn() {
    class Own extends Module {
      Own() {
        module("hidden", new ReLU());
      }

      @Override
      public String toString() {
        return "own\ntext";
      }
    }
    class Outer extends Module {
      Outer() {
        module("a", new Own());
        module("b", new Tanh());
      }
    }
    Outer outer = new Outer();
    assertEquals("Outer(\n  (a): own\n  text\n  (b): Tanh()\n)", outer.toString());
  }
}
