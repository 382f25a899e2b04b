package dev.flambeau;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The rules of the house: who may import whom, and what a recorded op may hold. */
class ArchitectureTest {
  private static final Set<String> ANY = Set.of("nn", "optim", "data", "metrics", "io", "vision");

  /** What each package may import besides java.* and its own. */
  private static final Map<String, Set<String>> ALLOWED =
      Map.of(
          "spi", Set.of(),
          "", Set.of("spi"),
          "nn", Set.of(""),
          "optim", Set.of("", "spi.Kernels"), // for the optimizers' codes
          "data", Set.of(""),
          "metrics", Set.of(""),
          "io", Set.of("", "com.fasterxml.jackson.core"),
          "vision", Set.of(""),
          "train", with(ANY, ""));

  private static Set<String> with(Set<String> some, String more) {
    Set<String> all = new java.util.HashSet<>(some);
    all.add(more);
    return all;
  }

  static Path sources() {
    for (String p :
        new String[] {"src/main/java/dev/flambeau", "../api/src/main/java/dev/flambeau"}) {
      if (Files.isDirectory(Path.of(p, "spi"))) {
        return Path.of(p);
      }
    }
    return null;
  }

  @Test
  void packagesImportOnlyWhatTheyMay() throws IOException {
    Path root = sources();
    assumeTrue(root != null, "the sources are not here");
    List<String> wrong = new ArrayList<>();
    int files = 0;
    try (Stream<Path> all = Files.walk(root)) {
      for (Path p : all.filter(f -> f.toString().endsWith(".java")).toList()) {
        files++;
        Path parent = root.relativize(p).getParent();
        String from = parent == null ? "" : parent.toString();
        for (String line : Files.readAllLines(p)) {
          if (line.startsWith("import ") && !mayImport(from, line)) {
            wrong.add(root.relativize(p) + ": " + line);
          }
        }
      }
    }
    assertTrue(files > 50, "only " + files + " files found");
    assertTrue(wrong.isEmpty(), String.join("\n", wrong));
  }

  private static boolean mayImport(String from, String line) {
    String name = line.replaceFirst("import (static )?", "").replace(";", "").trim();
    if (name.startsWith("java.")) {
      return true;
    }
    Set<String> allowed = ALLOWED.get(from);
    if (allowed == null) {
      return fail("no rule for package " + from + "; add one");
    }
    if (!name.startsWith("dev.flambeau.")) {
      return allowed.stream().anyMatch(a -> !a.isEmpty() && name.startsWith(a + "."));
    }
    String rest = name.substring("dev.flambeau.".length());
    String to = Character.isUpperCase(rest.charAt(0)) ? "" : rest.substring(0, rest.indexOf('.'));
    return to.equals(from) || allowed.contains(to) || allowed.contains(rest);
  }

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
   * Looks into whatever is ours, into arrays and collections; what lives for ever may hold some.
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
    Node node = Autograd.record("Planted", Tensor.ones(2)).input(x, gradient).result().gradFn();
    AssertionError said = assertThrows(AssertionError.class, () -> walk(node, identitySet()));
    assertTrue(said.getMessage().contains("Planted: its gradient captures"), said.getMessage());
  }

  private static Set<Object> identitySet() {
    return Collections.newSetFromMap(new IdentityHashMap<>());
  }

  @Test
  void everyPackageHasARule() throws IOException {
    Path root = sources();
    assumeTrue(root != null, "the sources are not here");
    try (Stream<Path> all = Files.list(root)) {
      List<String> packages =
          all.filter(Files::isDirectory).map(p -> p.getFileName().toString()).toList();
      assertTrue(ALLOWED.keySet().containsAll(packages), Arrays.toString(packages.toArray()));
    }
  }
}
