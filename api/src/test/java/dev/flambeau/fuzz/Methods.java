package dev.flambeau.fuzz;

import dev.flambeau.Tensor;
import dev.flambeau.nn.Functional;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The methods that programs call: all public ones of {@link Tensor} and {@link Functional}. */
final class Methods {
  private Methods() {}

  /** What an op consists of: messages may name that instead. */
  private static final Map<String, List<String>> PARTS =
      Map.ofEntries(
          Map.entry("plus", List.of("add")),
          Map.entry("minus", List.of("sub")),
          Map.entry("times", List.of("mul")),
          Map.entry("unaryMinus", List.of("neg")),
          Map.entry("viewAs", List.of("view")),
          Map.entry("expandAs", List.of("expand")),
          Map.entry("data", List.of("detach")),
          Map.entry("itemLong", List.of("item")),
          Map.entry("itemBoolean", List.of("item")),
          Map.entry("clampMin", List.of("clamp")),
          Map.entry("clampMax", List.of("clamp")),
          Map.entry("mT", List.of("transpose")),
          Map.entry("get", List.of("index", "select")),
          Map.entry("set", List.of("index", "select", "copy_", "fill_", "expand")),
          Map.entry("norm", List.of("square")),
          Map.entry("rsub", List.of("sub")),
          Map.entry("matmul", List.of("mm", "mv", "dot", "bmm")),
          Map.entry("crossEntropy", List.of("logSoftmax", "nllLoss")),
          Map.entry("bceLoss", List.of("lt")),
          Map.entry("std", List.of("var", "sqrt")),
          Map.entry("allclose", List.of("sub")),
          Map.entry("oneHot", List.of("max")),
          Map.entry("linear", List.of("mm", "addmm", "matmul")),
          Map.entry("asParameter", List.of("requiresGrad_")),
          Map.entry("rand", List.of("uniform_")),
          Map.entry("uniform", List.of("uniform_")),
          Map.entry("randLike", List.of("uniform_")),
          Map.entry("randn", List.of("normal_")),
          Map.entry("randnLike", List.of("normal_")),
          Map.entry("randint", List.of("random_")),
          Map.entry("bernoulli", List.of("bernoulli_", "uniform_", "ge")),
          Map.entry("dropout", List.of("bernoulli_")),
          Map.entry("binaryCrossEntropy", List.of("bceLoss", "sub", "lt")),
          Map.entry("binaryCrossEntropyWithLogits", List.of("bceWithLogitsLoss", "sub")));

  private static final Pattern WORD = Pattern.compile("[A-Za-z][A-Za-z0-9]*_?");

  static final List<Method> ALL = all();

  /** Every name that a message may call an op by. */
  static final Set<String> NAMES = names();

  private static List<Method> all() {
    List<Method> all = new ArrayList<>();
    for (Class<?> owner : List.of(Tensor.class, Functional.class)) {
      for (Method m : owner.getMethods()) {
        if (m.getDeclaringClass() != Object.class && !m.isBridge()) {
          all.add(m);
        }
      }
    }
    all.sort(Comparator.comparing(Methods::signature));
    return List.copyOf(all);
  }

  private static Set<String> names() {
    Set<String> names = new HashSet<>();
    ALL.forEach(m -> names.addAll(namesOf(m.getName())));
    names.addAll(List.of("grad", "backward", "hook", "scope", "Function", "noGrad"));
    return names;
  }

  static String signature(Method m) {
    return m.getDeclaringClass().getSimpleName()
        + "."
        + m.getName()
        + Arrays.toString(m.getGenericParameterTypes());
  }

  static boolean isStatic(Method m) {
    return Modifier.isStatic(m.getModifiers());
  }

  /** Whether it changes its tensor's elements, or what it is. */
  static boolean writes(Method m) {
    return m.getName().endsWith("_") || m.getName().startsWith("set");
  }

  static List<Type> parameters(Method m) {
    return Arrays.asList(m.getGenericParameterTypes());
  }

  /** The names by which a message may call the op {@code name}. */
  static Set<String> namesOf(String name) {
    Set<String> names = new HashSet<>(List.of(name));
    if (name.endsWith("_")) {
      names.add(name.substring(0, name.length() - 1));
    }
    names.addAll(PARTS.getOrDefault(name, List.of()));
    return names;
  }

  /** Whether a message has one of these names as a word. */
  static boolean isNamed(String message, Set<String> names) {
    for (Matcher words = WORD.matcher(message); words.find(); ) {
      if (names.contains(words.group())) {
        return true;
      }
    }
    return false;
  }
}
