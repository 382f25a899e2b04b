package dev.flambeau.arguments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Activation;
import dev.flambeau.Autograd;
import dev.flambeau.DType;
import dev.flambeau.Index;
import dev.flambeau.Reduction;
import dev.flambeau.Scope;
import dev.flambeau.Tensor;
import dev.flambeau.nn.Functional;
import dev.flambeau.nn.Init;
import dev.flambeau.nn.Linear;
import dev.flambeau.nn.MSELoss;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * A null where a tensor must be given, for every tensor argument of every public method, those in
 * arrays and lists included: the exception names the method that was called, and the argument.
 */
class NullTensorsTest {
  /** Whose methods are tried. */
  private static final List<Class<?>> CLASSES =
      List.of(
          Tensor.class,
          Functional.class,
          Init.class,
          Linear.class,
          MSELoss.class,
          Autograd.class,
          Scope.class,
          Index.class);

  /** Arguments that may be null, by method and place among its arguments; and why. */
  private static final Map<String, String> NULLABLE = new HashMap<>();

  private static void nullable(String why, String... arguments) {
    for (String a : arguments) {
      NULLABLE.put(a, why);
    }
  }

  static {
    nullable("no gradient", "Tensor.setGrad(Tensor) 0");
    nullable(
        "1, for one element",
        "Tensor.backward(Tensor) 0",
        "Tensor.backward(Tensor, boolean, boolean) 0",
        "Autograd.grad(List, List, List, boolean, boolean) 2");
    nullable(
        "no bias",
        "Tensor.linear(Tensor, Tensor) 1",
        "Tensor.linear(Tensor, Tensor, Activation) 1",
        "Functional.linear(Tensor, Tensor, Tensor) 2",
        "Tensor.layerNorm(long[], Tensor, Tensor, double) 2",
        "Functional.layerNorm(Tensor, long[], Tensor, Tensor, double) 3");
    nullable(
        "weights of 1",
        "Tensor.layerNorm(long[], Tensor, Tensor, double) 1",
        "Functional.layerNorm(Tensor, long[], Tensor, Tensor, double) 2",
        "Tensor.bceLoss(Tensor, Tensor, Reduction) 1",
        "Tensor.bceWithLogitsLoss(Tensor, Tensor, Tensor, Reduction) 1",
        "Tensor.bceWithLogitsLoss(Tensor, Tensor, Tensor, Reduction) 2",
        "Tensor.crossEntropy(Tensor, Tensor, long, Reduction, double) 1",
        "Tensor.nllLoss(Tensor, Tensor, long, Reduction) 1",
        "Functional.binaryCrossEntropy(Tensor, Tensor, Tensor, Reduction) 2",
        "Functional.binaryCrossEntropyWithLogits(Tensor, Tensor, Tensor, Tensor, Reduction) 2",
        "Functional.binaryCrossEntropyWithLogits(Tensor, Tensor, Tensor, Tensor, Reduction) 3",
        "Functional.crossEntropy(Tensor, Tensor, Tensor) 2",
        "Functional.crossEntropy(Tensor, Tensor, Tensor, long, Reduction, double) 2",
        "Functional.nllLoss(Tensor, Tensor, Tensor, long, Reduction) 2");
  }

  /** One tensor argument of a method; {@code element}: a null within it. */
  private record Argument(Method method, int place, boolean element) {
    String name() {
      String types =
          Arrays.toString(
              Arrays.stream(method.getParameterTypes()).map(Class::getSimpleName).toArray());
      return method.getDeclaringClass().getSimpleName().replaceAll("\\w+Ops|TensorHandle", "Tensor")
          + "."
          + method.getName()
          + "("
          + types.substring(1, types.length() - 1)
          + ") "
          + place;
    }
  }

  private static List<Argument> arguments() {
    List<Argument> found = new ArrayList<>();
    for (Class<?> c : CLASSES) {
      for (Method m : c.getMethods()) {
        if (m.isBridge() || m.getDeclaringClass() == Object.class) {
          continue;
        }
        for (int i = 0; i < m.getParameterCount(); i++) {
          Type type = m.getGenericParameterTypes()[i];
          boolean several = type == Tensor[].class || isList(type);
          if (type == Tensor.class || several) {
            found.add(new Argument(m, i, false));
          }
          if (several) {
            found.add(new Argument(m, i, true));
          }
        }
      }
    }
    return found;
  }

  private static boolean isList(Type type) {
    return type instanceof ParameterizedType p
        && p.getRawType() == List.class
        && p.getActualTypeArguments()[0] == Tensor.class;
  }

  @TestFactory
  Stream<DynamicTest> nullsAreRefusedByTheMethodThatWasCalled() {
    return arguments().stream()
        .map(
            a ->
                DynamicTest.dynamicTest(
                    a.name() + (a.element ? ", an element" : ""), () -> tryNull(a)));
  }

  private static void tryNull(Argument a) throws IllegalAccessException {
    Throwable e = thrown(a);
    if (NULLABLE.containsKey(a.name())) {
      assertTrue(!(e instanceof NullPointerException), () -> "null is allowed here: " + e);
      return;
    }
    assertNotNull(e, "null was taken");
    assertInstanceOf(NullPointerException.class, e);
    String expected = a.method.getName() + ": \\w+" + (a.element ? "\\[1\\]" : "") + " is null";
    assertTrue(
        e.getMessage().matches(expected), () -> "'" + e.getMessage() + "' is not " + expected);
  }

  /** What a call throws that is right but for a null in one place. */
  private static Throwable thrown(Argument a) throws IllegalAccessException {
    Object[] arguments = new Object[a.method.getParameterCount()];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = example(a.method.getGenericParameterTypes()[i]);
    }
    if (!a.element) {
      arguments[a.place] = null;
    } else if (arguments[a.place] instanceof Tensor[] tensors) {
      tensors[1] = null;
    } else {
      arguments[a.place] = Arrays.asList(Tensor.ones(2, 2), null);
    }
    try (Scope scope = Scope.open()) {
      List<Object> receivers = List.of(Tensor.ones(2, 2), new Linear(2, 2), new MSELoss(), scope);
      boolean isStatic = Modifier.isStatic(a.method.getModifiers());
      Class<?> c = a.method.getDeclaringClass();
      a.method.invoke(
          isStatic ? null : receivers.stream().filter(c::isInstance).findFirst().orElseThrow(),
          arguments);
      return null;
    } catch (InvocationTargetException e) {
      return e.getCause();
    }
  }

  private static Object example(Type type) {
    Map<Type, Object> known =
        Map.ofEntries(
            Map.entry(Tensor.class, Tensor.ones(2, 2)),
            Map.entry(Tensor[].class, new Tensor[] {Tensor.ones(2, 2), Tensor.ones(2, 2)}),
            Map.entry(int.class, 0),
            Map.entry(long.class, 1L),
            Map.entry(double.class, 0.5),
            Map.entry(boolean.class, false),
            Map.entry(int[].class, new int[] {0}),
            Map.entry(long[].class, new long[] {2}),
            Map.entry(Object[].class, new Object[] {0}),
            Map.entry(String.class, "none"),
            Map.entry(Reduction.class, Reduction.MEAN),
            Map.entry(Activation.class, Activation.RELU),
            Map.entry(Init.Fan.class, Init.Fan.IN),
            Map.entry(Init.Nonlinearity.class, Init.Nonlinearity.RELU),
            Map.entry(DType.class, DType.FLOAT32));
    Object found = isList(type) ? List.of(Tensor.ones(2, 2), Tensor.ones(2, 2)) : known.get(type);
    assertNotNull(found, type + ": give an example of it here");
    return found;
  }

  /** The list of exceptions names arguments that are there. */
  @Test
  void whatMayBeNullIsThere() {
    TreeSet<String> names = new TreeSet<>(NULLABLE.keySet());
    arguments().forEach(a -> names.remove(a.name()));
    assertEquals(new TreeSet<>(), names);
  }
}
