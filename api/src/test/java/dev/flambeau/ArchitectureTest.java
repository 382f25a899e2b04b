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

  /** What all may use: types that are values, and know nothing of tensors. */
  private static final Set<String> VALUES = Set.of("DType", "Device", "Shape");

  private static final Set<String> MODELS =
      Set.of("nn", "optim", "data", "metrics", "io", "vision");

  /**
   * What each package may use besides its own: a package, or one class of it. "" is dev.flambeau.
   * The packages between tensors, autograd and ops use each other; the rest is in layers.
   */
  private static final Map<String, Set<String>> ALLOWED =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("spi", Set.of()),
              Map.entry("internal.natives", Set.of("spi")),
              Map.entry("internal.memory", with(VALUES, "spi")),
              Map.entry("internal.text", VALUES),
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
              Map.entry("train", with(MODELS, ""))));

  /** Lines of the longest source; Tensor, which declares all factories and families, is longer. */
  private static final int LINES = 450;

  private static Set<String> with(Set<String> some, String more) {
    Set<String> all = new HashSet<>(some);
    all.add(more);
    return all;
  }

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
  void packagesUseOnlyWhatTheyMay() {
    Map<String, Set<String>> uses = uses();
    assertTrue(uses.size() > 200, "only " + uses.size() + " classes found");
    List<String> wrong = new ArrayList<>();
    Set<String> packages = new TreeSet<>();
    uses.forEach(
        (from, all) -> {
          packages.add(packageOf(from));
          for (String to : all) {
            if (!mayUse(from, to)) {
              wrong.add(from + " uses " + to);
            }
          }
        });
    assertEquals(List.of(), wrong, "a rule is in ALLOWED, with its reason in docs/architecture.md");
    assertTrue(ALLOWED.keySet().containsAll(packages), "packages without a rule: " + packages);
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
                .filter(to -> all != VALUES && !VALUES.contains(to) && !all.containsAll(MODELS))
                .forEach(to -> idle.add(from + " -> " + to)));
    assertEquals(List.of(), idle);
  }

  @Test
  void onlyInterfacesOfOpsAreSeen() throws IOException {
    List<String> seen = new ArrayList<>();
    for (String name : uses().keySet()) {
      if (packageOf(name).equals("ops") && !name.contains("$")) {
        Class<?> type = load(name);
        if (Modifier.isPublic(type.getModifiers()) && !(type.isInterface() && type.isSealed())) {
          seen.add(name);
        }
      }
    }
    assertEquals(List.of(), seen, "public in ops, and no sealed interface");
  }

  /**
   * Where a class has a method of its own that would take the same call, {@code sizes(x)} means
   * that one, and not the tensor's sizes, without a word from the compiler.
   */
  @Test
  void accessorsAreNotHidden() {
    List<Class<?>> owners = List.of(TensorHandle.class, TensorImpl.class, DTypes.class);
    List<String> hidden = new ArrayList<>();
    for (String name : uses().keySet()) {
      boolean isEngine = packageOf(name).equals("ops") || packageOf(name).startsWith("internal.");
      if (!isEngine || owners.contains(load(name))) {
        continue;
      }
      for (Method m : load(name).getDeclaredMethods()) {
        owners.stream()
            .flatMap(c -> Arrays.stream(c.getDeclaredMethods()))
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

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, Tensor.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void nothingInternalIsExported() {
    ModuleDescriptor module =
        ModuleFinder.of(ClassUses.placeOf(Tensor.class)).find(ROOT).orElseThrow().descriptor();
    Set<String> exported = new TreeSet<>();
    for (ModuleDescriptor.Exports e : module.exports()) {
      if (!e.isQualified()) {
        exported.add(e.source());
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

  /** What a program imports first fits on a page, and so does what lies in any other folder. */
  @Test
  void packagesStaySmall() throws IOException {
    Path root = sources();
    assumeTrue(root != null, "the sources are not here");
    Map<String, Integer> counts = new TreeMap<>();
    countFiles(root, "", counts);
    counts.remove("nn"); // a layer each, as in torch.nn
    assertTrue(counts.remove("") <= 28, "too many files in " + ROOT);
    countFiles(root.resolve("../../../../test/java/dev/flambeau"), "test/", counts);
    counts.values().removeIf(n -> n <= 30);
    assertEquals(Map.of(), counts, "folders with more than 30 files");
  }

  private static void countFiles(Path root, String prefix, Map<String, Integer> counts)
      throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      for (Path p : all.filter(f -> f.toString().endsWith(".java")).toList()) {
        counts.merge(prefix + root.relativize(p.getParent()), 1, Integer::sum);
      }
    }
  }

  @Test
  void filesStaySmall() throws IOException {
    Path root = sources();
    assumeTrue(root != null, "the sources are not here");
    Path top = root.resolve("../../../../../..").toRealPath();
    assumeTrue(Files.exists(top.resolve("native-src")), "the repository is not here");
    Pattern source = Pattern.compile(".*\\.(java|h|inl|cpp|cu)");
    Set<String> built = Set.of("target", ".git", "node_modules");
    List<String> large = new ArrayList<>();
    int files = 0;
    try (Stream<Path> all = Files.walk(top)) {
      for (Path p : all.filter(f -> source.matcher(f.toString()).matches()).toList()) {
        Path in = top.relativize(p);
        if (Stream.iterate(in, x -> x != null, Path::getParent)
            .anyMatch(x -> built.contains(x.getFileName().toString()))) {
          continue;
        }
        files++;
        long lines = Files.readAllLines(p).size();
        if (lines > LINES && !p.endsWith("dev/flambeau/Tensor.java")) {
          large.add(in + ": " + lines + " lines");
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
