package dev.flambeau.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.ClassUses;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import java.io.IOException;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every module that the library ships frees what a call makes on its way. */
class ShippedModelsTest {
  /** What a constructor is given, by the type of the parameter. */
  private static final Map<Class<?>, Object> ARGUMENTS =
      Map.of(long.class, 2L, int.class, 1, double.class, 0.5, boolean.class, true);

  /** All classes of the library that a program can make a module of. */
  static List<Class<?>> modules() throws IOException {
    return ClassUses.all(Module.class).stream()
        .filter(Module.class::isAssignableFrom)
        .filter(c -> Modifier.isPublic(c.getModifiers()) && !Modifier.isAbstract(c.getModifiers()))
        .toList();
  }

  private static Object argument(Class<?> type) {
    if (type.isArray()) {
      Object array = Array.newInstance(type.componentType(), type == long[].class ? 1 : 0);
      if (type == long[].class) {
        ((long[]) array)[0] = 2;
      }
      return array;
    }
    return ARGUMENTS.get(type);
  }

  /** One, by the constructor that asks for least. */
  private static Module make(Class<?> type) throws ReflectiveOperationException {
    Constructor<?> least =
        Arrays.stream(type.getConstructors())
            .min(Comparator.comparingInt(Constructor::getParameterCount))
            .orElseThrow();
    Object[] arguments =
        Arrays.stream(least.getParameterTypes()).map(ShippedModelsTest::argument).toArray();
    return (Module) least.newInstance(arguments);
  }

  @Test
  void areScoped() throws Exception {
    List<Class<?>> all = modules();
    assertTrue(all.size() >= 24 && all.contains(Linear.class), all.toString());
    List<String> not = new ArrayList<>();
    for (Class<?> c : all) {
      if (!make(c).isScoped()) {
        not.add(c.getName());
      }
    }
    assertEquals(
        List.of(),
        not,
        "calls of these keep what they make: mark them as BuiltIn, or override freesTemporaries()"
            + " where they lie in another package");
  }

  /** Else a program's subclass, which may store tensors, would be taken for one of ours. */
  @Test
  void markedModulesAreFinal() throws Exception {
    for (Class<?> c : ClassUses.all(Module.class)) {
      if (BuiltIn.class.isAssignableFrom(c) && c != BuiltIn.class) {
        assertTrue(Modifier.isFinal(c.getModifiers()), c + " is marked as BuiltIn, and not final");
      }
    }
  }

  /** A module of another package, as a model of ours will be. */
  @Test
  void othersSayItThemselves() {
    Layer open =
        new Layer() {
          @Override
          protected Tensor forward(Tensor x) {
            return x.exp();
          }
        };
    Layer closed =
        new Layer() {
          private final Layer inner = module("inner", new ReLU());

          @Override
          protected boolean freesTemporaries() {
            return true;
          }

          @Override
          protected Tensor forward(Tensor x) {
            return inner.call(x);
          }
        };
    assertEquals(List.of(false, true), List.of(open.isScoped(), closed.isScoped()));
    try (var scope = Scope.open()) {
      assertEquals(2, closed.call(Tensor.full(2.0)).item());
    }
  }
}
