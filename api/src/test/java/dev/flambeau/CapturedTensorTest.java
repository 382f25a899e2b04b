package dev.flambeau;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.internal.autograd.Gradient;
import dev.flambeau.internal.autograd.Recording;
import dev.flambeau.internal.tensor.DeviceContext;
import dev.flambeau.internal.tensor.Storage;
import dev.flambeau.rows.OpCase;
import dev.flambeau.rows.OpCases;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What a recorded op may hold of tensors: only what it declares. */
class CapturedTensorTest {
  /**
   * What backward needs is declared with {@code saves}, never captured: else it would be kept
   * without being counted, and changed without being noticed.
   */
  @TestFactory
  Stream<DynamicTest> gradientsCaptureNoTensor() {
    List<DynamicTest> tests = new ArrayList<>();
    for (OpCase c : OpCases.all()) {
      if (c.differentiable) {
        tests.add(
            DynamicTest.dynamicTest(
                c.name,
                () -> {
                  Tensor[] in = c.inputs(0, DType.FLOAT32, Device.cpu());
                  for (Tensor t : in) {
                    t.requiresGrad_();
                  }
                  walk(c.fn.apply(in).gradFn(), identitySet());
                }));
      }
    }
    return tests.stream();
  }

  private static void walk(Node node, Set<Object> seen) throws ReflectiveOperationException {
    if (node == null || !seen.add(node)) {
      return;
    }
    if (node instanceof Recording) {
      fieldsHoldNoTensor(node.name(), node, seen);
    }
    for (Node n : node.nextFunctions()) {
      walk(n, seen);
    }
  }

  /**
   * Searches our classes, arrays and collections; what lives as long as the process may hold some.
   */
  private static void holdsNoTensor(String where, Object held, Set<Object> seen)
      throws ReflectiveOperationException {
    if (held == null
        || held instanceof Node
        || held instanceof DeviceContext
        || held instanceof Enum<?>
        || !seen.add(held)) {
      return;
    }
    assertTrue(
        !(held instanceof Tensor) && !(held instanceof Storage),
        where + ": its gradient captures a tensor; declare it with saves(...)");
    if (held instanceof Object[] many) {
      for (Object o : many) {
        holdsNoTensor(where, o, seen);
      }
    } else if (held instanceof Iterable<?> many) {
      for (Object o : many) {
        holdsNoTensor(where, o, seen);
      }
    } else if (held instanceof Map<?, ?> map) {
      holdsNoTensor(where, map.values(), seen);
    } else if (isOurs(held.getClass())) {
      fieldsHoldNoTensor(where, held, seen);
    }
  }

  /** Lambdas are named after the class that they stand in. */
  private static boolean isOurs(Class<?> type) {
    return type != null && type.getName().startsWith("dev.flambeau.");
  }

  /** All fields, but for what a node has declared with {@code saves}. */
  private static void fieldsHoldNoTensor(String where, Object held, Set<Object> seen)
      throws ReflectiveOperationException {
    for (Class<?> c = held.getClass(); isOurs(c); c = c.getSuperclass()) {
      for (Field f : c.getDeclaredFields()) {
        boolean declared = held instanceof Node && f.getName().equals("saved");
        if (!Modifier.isStatic(f.getModifiers()) && !f.getType().isPrimitive() && !declared) {
          f.setAccessible(true);
          holdsNoTensor(where, f.get(held), seen);
        }
      }
    }
  }

  private record Held(Tensor tensor) {}

  private static final class Keeper {
    private final List<Held> all;

    Keeper(Tensor tensor) {
      this.all = List.of(new Held(tensor));
    }
  }

  /** The test above sees a tensor wherever a lambda may hide it. */
  @TestFactory
  Stream<DynamicTest> aCapturedTensorIsFound() {
    Tensor x = Tensor.ones(2).requiresGrad_();
    Held held = new Held(x);
    Keeper keeper = new Keeper(x);
    Tensor[] several = {x};
    Map<String, Object> named = Map.of("x", held);
    Supplier<Tensor> later = () -> x;
    Map<String, Gradient> gradients = new LinkedHashMap<>();
    gradients.put("itself", (g, saved) -> g.mul(x));
    gradients.put("in a record", (g, saved) -> g.mul(held.tensor));
    gradients.put("in a record in a list", (g, saved) -> g.mul(keeper.all.get(0).tensor));
    gradients.put("in an array", (g, saved) -> g.mul(several[0]));
    gradients.put("in a map", (g, saved) -> named.isEmpty() ? g : null);
    gradients.put("in another lambda", (g, saved) -> g.mul(later.get()));
    List<DynamicTest> tests = new ArrayList<>();
    gradients.forEach((where, f) -> tests.add(DynamicTest.dynamicTest(where, () -> found(x, f))));
    return tests.stream();
  }

  private static void found(Tensor x, Gradient gradient) {
    Node node = Recording.of("Planted", Tensor.ones(2)).input(x, gradient).result().gradFn();
    AssertionError said = assertThrows(AssertionError.class, () -> walk(node, identitySet()));
    assertTrue(said.getMessage().contains("Planted: its gradient captures"), said.getMessage());
  }

  private static Set<Object> identitySet() {
    return Collections.newSetFromMap(new IdentityHashMap<>());
  }
}
