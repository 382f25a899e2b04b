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
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The methods that programs call: all public ones of {@link Tensor} and {@link Functional}. */
final class Methods {
  private Methods() {}

  /** Names by which messages call what these methods do. */
  private static final List<List<String>> SAME =
      List.of(
          List.of("plus", "add"),
          List.of("minus", "sub"),
          List.of("times", "mul"),
          List.of("unaryMinus", "neg"),
          List.of("viewAs", "view"),
          List.of("expandAs", "expand"),
          List.of("data", "detach"),
          List.of("itemLong", "item"),
          List.of("itemBoolean", "item"));

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
    for (List<String> same : SAME) {
      if (same.get(0).equals(name)) {
        names.addAll(same);
      }
    }
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
