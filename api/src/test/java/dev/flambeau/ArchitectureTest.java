package dev.flambeau;

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
import java.util.List;
import java.util.Map;
import java.util.Set;
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
          "optim", Set.of(""),
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
    return to.equals(from) || allowed.contains(to);
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
                  walk(c.fn.apply(in).gradFn(), Collections.newSetFromMap(new IdentityHashMap<>()));
                }));
      }
    }
    return tests.stream();
  }

  private static void walk(Node node, Set<Node> seen) throws ReflectiveOperationException {
    if (node == null || !seen.add(node)) {
      return;
    }
    for (Node.Edge e = node.edges; e != null; e = e.next) {
      if (e instanceof Recording.Input input) {
        holdsNoTensor(node.name(), input.gradient, 0);
      }
    }
    for (Node n : node.nextFunctions()) {
      walk(n, seen);
    }
  }

  private static void holdsNoTensor(String where, Object held, int depth)
      throws ReflectiveOperationException {
    if (held == null || depth > 4) {
      return;
    }
    assertTrue(
        !(held instanceof Tensor) && !(held instanceof Storage),
        where + ": its gradient captures a tensor; declare it with saves(...)");
    if (held instanceof Object[] many) {
      for (Object o : many) {
        holdsNoTensor(where, o, depth + 1);
      }
    }
    if (held.getClass().getName().contains("$$Lambda")) {
      for (Field f : held.getClass().getDeclaredFields()) {
        if (!Modifier.isStatic(f.getModifiers()) && !f.getType().isPrimitive()) {
          f.setAccessible(true);
          holdsNoTensor(where, f.get(held), depth + 1);
        }
      }
    }
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
