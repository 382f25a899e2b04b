package dev.flambeau;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.flambeau.internal.kernels.DTypes;
import dev.flambeau.internal.tensor.TensorHandle;
import dev.flambeau.internal.tensor.TensorImpl;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * How the library is divided: which package may use which, what is exported, how large files are.
 */
@Tag("sources")
class ArchitectureTest {
  private static final String ROOT = ClassUses.ROOT;

  /**
   * What each package may use besides its own: a package, or one class of it. "" is dev.flambeau.
   * The packages between tensors, autograd and ops use each other; the rest is in layers.
   */
  private static final Map<String, Set<String>> ALLOWED =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("spi", Set.of()),
              Map.entry("internal.natives", Set.of("spi")),
              Map.entry("internal.memory", Set.of("spi")),
              Map.entry("internal.text", Set.of()),
              Map.entry("internal.kernels", Set.of("", "internal.tensor", "spi")),
              Map.entry(
                  "internal.tensor",
                  Set.of(
                      "",
                      "internal.autograd",
                      "internal.kernels",
                      "internal.memory",
                      "internal.text",
                      "spi")),
              Map.entry("internal.autograd", Set.of("", "internal.tensor", "internal.kernels")),
              Map.entry(
                  "ops",
                  Set.of(
                      "",
                      "internal.autograd",
                      "internal.kernels",
                      "internal.tensor",
                      "internal.text",
                      "spi")),
              Map.entry(
                  "",
                  Set.of(
                      "internal.autograd",
                      "internal.kernels",
                      "internal.memory",
                      "internal.tensor",
                      "internal.text",
                      "ops",
                      "spi")),
              Map.entry("nn", Set.of("", "internal.text")),
              Map.entry(
                  "optim",
                  Set.of("", "internal.text", "internal.kernels.OptimizerSteps", "spi.Kernels")),
              Map.entry("optim.lr", Set.of("", "optim", "internal.text")),
              Map.entry("data", Set.of("")),
              Map.entry("metrics", Set.of("", "internal.text")),
              Map.entry("io", Set.of("")),
              Map.entry("vision", Set.of("", "internal.text")),
              Map.entry("train", Set.of("", "nn", "optim"))));

  /** Lines of the longest source; Tensor, which declares all factories and families, is longer. */
  private static final int LINES = 450;

  /** The library's sources, from the folder of any module; null where they are not. */
  static Path sources() {
    for (String p :
        new String[] {"src/main/java/dev/flambeau", "../api/src/main/java/dev/flambeau"}) {
      if (Files.isDirectory(Path.of(p, "spi"))) {
        return Path.of(p);
      }
    }
    return null;
  }

  private static Map<String, Set<String>> uses() {
    return ClassUses.of(Tensor.class);
  }

  private static String packageOf(String name) {
    return ClassUses.packageOf(name);
  }

  private static boolean mayUse(String from, String to) {
    String a = packageOf(from);
    String b = packageOf(to);
    String type = to.substring(ROOT.length() + 1).replaceAll("\\$.*", "");
    Set<String> allowed = ALLOWED.getOrDefault(a, Set.of());
    return a.equals(b) || allowed.contains(b) || allowed.contains(type);
  }

  @Test
  void packagesUseOnlyWhatTheyMay() throws IOException {
    Map<String, Set<String>> uses = uses();
    assertTrue(uses.size() > 200, "only " + uses.size() + " classes found");
    List<String> wrong = new ArrayList<>();
    uses.forEach(
        (from, all) ->
            all.stream()
                .filter(to -> !mayUse(from, to))
                .forEach(to -> wrong.add(from + " uses " + to)));
    assertEquals(List.of(), wrong, "a rule is in ALLOWED, with its reason in docs/architecture.md");
    Set<String> packages = new TreeSet<>();
    for (Class<?> c : ClassUses.all(Tensor.class)) {
      packages.add(packageOf(c.getName()));
    }
    assertEquals(ALLOWED.keySet(), packages, "each package has a rule in ALLOWED");
  }

  /** A permission that nothing uses would let a dependency in unnoticed. */
  @Test
  void everyRuleIsNeeded() {
    Set<String> needed = new HashSet<>();
    uses()
        .forEach(
            (from, all) ->
                all.forEach(
                    to -> {
                      String type = to.substring(ROOT.length() + 1).replaceAll("\\$.*", "");
                      needed.add(packageOf(from) + " " + packageOf(to));
                      needed.add(packageOf(from) + " " + type);
                    }));
    List<String> idle = new ArrayList<>();
    ALLOWED.forEach(
        (from, all) ->
            all.stream()
                .filter(to -> !needed.contains(from + " " + to))
                .forEach(to -> idle.add(from + " -> " + to)));
    assertEquals(List.of(), idle);
  }

  @Test
  void onlyInterfacesOfOpsAreSeen() throws IOException {
    List<String> seen = new ArrayList<>();
    for (Class<?> c : ClassUses.all(Tensor.class)) {
      boolean family = c.isInterface() && c.isSealed() && c.getEnclosingClass() == null;
      if (packageOf(c.getName()).equals("ops") && isSeen(c) && !family) {
        seen.add(c.getName());
      }
    }
    assertEquals(List.of(), seen, "public in ops, and no sealed interface");
  }

  /** Whether programs can name it: nothing around it is hidden. */
  private static boolean isSeen(Class<?> c) {
    return c == null || Modifier.isPublic(c.getModifiers()) && isSeen(c.getEnclosingClass());
  }

  /**
   * Where a class has a method of its own that would take the same call, {@code sizes(x)} means
   * that one, and not the tensor's sizes, without a word from the compiler.
   */
  @Test
  void accessorsAreNotHidden() throws IOException {
    List<Class<?>> owners = List.of(TensorHandle.class, TensorImpl.class, DTypes.class);
    List<String> hidden = new ArrayList<>();
    for (Class<?> c : ClassUses.all(Tensor.class)) {
      String in = packageOf(c.getName());
      boolean isEngine = in.equals("ops") || in.startsWith("internal.");
      if (!isEngine || owners.contains(c)) {
        continue;
      }
      for (Method m : c.getDeclaredMethods()) {
        owners.stream()
            .flatMap(owner -> Arrays.stream(owner.getDeclaredMethods()))
            .filter(a -> Modifier.isStatic(a.getModifiers()) && takesAll(m, a))
            .forEach(a -> hidden.add(m + " hides " + a + " from the code around it"));
      }
    }
    assertEquals(List.of(), hidden);
  }

  /** Whether {@code m} could take every call of {@code accessor}. */
  private static boolean takesAll(Method m, Method accessor) {
    Class<?>[] own = m.getParameterTypes();
    Class<?>[] others = accessor.getParameterTypes();
    boolean all = m.getName().equals(accessor.getName()) && own.length == others.length;
    for (int i = 0; all && i < own.length; i++) {
      all = own[i].isAssignableFrom(others[i]);
    }
    return all && !m.isSynthetic();
  }

  @Test
  void nothingInternalIsExported() {
    ModuleDescriptor module =
        ModuleFinder.of(ClassUses.placeOf(Tensor.class)).find(ROOT).orElseThrow().descriptor();
    Set<String> exported = new TreeSet<>();
    for (ModuleDescriptor.Exports e : module.exports()) {
      if (!e.isQualified()) {
        exported.add(e.source());
        continue;
      }
      assertEquals("dev.flambeau.internal.natives", e.source(), "for our own backends alone");
      for (String to : e.targets()) {
        assertTrue(to.matches("dev\\.flambeau\\.(cpu|cuda)(\\..*)?"), e + " to " + to);
      }
    }
    Set<String> expected = new TreeSet<>();
    for (String p : module.packages()) {
      if (!p.startsWith(ROOT + ".internal")) {
        expected.add(p);
      }
    }
    assertEquals(expected, exported);
  }

  /** The root of the repository; the test is left out where that is not. */
  static Path repository() throws IOException {
    Path root = sources();
    assumeTrue(root != null, "the sources are not here");
    Path top = root.resolve("../../../../../..").toRealPath();
    assumeTrue(Files.exists(top.resolve("native-src")), "the repository is not here");
    return top;
  }

  /** Whether somebody wrote it: a build did not. */
  private static boolean isWritten(Path top, Path file) {
    Set<String> built = Set.of("target", ".git", "node_modules");
    return Stream.iterate(top.relativize(file), x -> x != null, Path::getParent)
        .noneMatch(x -> built.contains(x.getFileName().toString()));
  }

  /** What a program imports first fits on a page, and so does any other package. */
  @Test
  void packagesStaySmall() throws IOException {
    Path top = repository();
    Map<String, Integer> counts = new TreeMap<>();
    try (Stream<Path> all = Files.walk(top)) {
      for (Path p : all.filter(f -> f.toString().endsWith(".java") && isWritten(top, f)).toList()) {
        counts.merge(top.relativize(p.getParent()).toString(), 1, Integer::sum);
      }
    }
    assertTrue(counts.size() > 40, counts.keySet().toString());
    String library = "api/src/main/java/dev/flambeau";
    counts.remove(library + "/nn"); // a layer each, as in torch.nn
    assertTrue(counts.get(library) <= 28, "too many files in " + ROOT);
    counts.values().removeIf(n -> n <= 30);
    assertEquals(Map.of(), counts, "packages with more than 30 files");
  }

  @Test
  void filesStaySmall() throws IOException {
    Path top = repository();
    Pattern source = Pattern.compile(".*\\.(java|h|inl|cpp|cu|py)");
    List<String> large = new ArrayList<>();
    int files = 0;
    try (Stream<Path> all = Files.walk(top)) {
      for (Path p : all.filter(f -> source.matcher(f.toString()).matches()).toList()) {
        if (isWritten(top, p)) {
          files++;
          long lines = Files.readAllLines(p).size();
          if (lines > LINES && !p.endsWith("dev/flambeau/Tensor.java")) {
            large.add(top.relativize(p) + ": " + lines + " lines");
          }
        }
      }
    }
    assertTrue(files > 300, "only " + files + " sources found");
    assertEquals(List.of(), large, "sources of more than " + LINES + " lines");
  }

  /** Scala, for one, finds a static method only in the class that declares it. */
  @Test
  void factoriesAreDeclaredWhereTheyAreCalled() {
    Set<String> names = new TreeSet<>();
    for (Method m : Tensor.class.getMethods()) {
      if (Modifier.isStatic(m.getModifiers())) {
        assertEquals(Tensor.class, m.getDeclaringClass(), m.toString());
        names.add(m.getName());
      }
    }
    Set<String> some =
        Set.of("of", "fromBuffer", "zeros", "ones", "full", "arange", "linspace", "eye", "rand");
    assertTrue(names.containsAll(some), names.toString());
    assertEquals(
        Set.of(),
        Arrays.stream(Tensor.class.getInterfaces())
            .flatMap(f -> Arrays.stream(f.getDeclaredMethods()))
            .filter(m -> Modifier.isStatic(m.getModifiers()) && Modifier.isPublic(m.getModifiers()))
            .collect(java.util.stream.Collectors.toSet()),
        "static methods of families, which no call on Tensor finds");
  }
}
