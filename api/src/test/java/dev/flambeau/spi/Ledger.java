package dev.flambeau.spi;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Notes what the contract asks of the backend, and demands in the end that it was everything: each
 * method of {@link Kernels} and {@link Memory}, each code of flambeau.h with each kernel that takes
 * it. It demands nothing where a part of the contract was not run.
 */
final class Ledger implements BeforeEachCallback, AfterAllCallback {
  private static final Map<Method, Entry> ENTRIES = new ConcurrentHashMap<>();
  private static final Set<Method> TESTS = ConcurrentHashMap.newKeySet(); // that were begun

  /** Which values the int arguments of a method have had, and which of them with success. */
  private static final class Entry {
    private final long[] asked;
    private final long[] done;

    Entry(Method method) {
      asked = new long[method.getParameterCount()];
      done = new long[method.getParameterCount()];
    }

    synchronized void note(Object[] args, Object answer) {
      boolean ok = Integer.valueOf(Kernels.OK).equals(answer);
      for (int i = 0; i < asked.length; i++) {
        if (args[i] instanceof Integer code && code >= 0 && code < Long.SIZE) {
          asked[i] |= 1L << code;
          done[i] |= ok ? 1L << code : 0;
        }
      }
    }
  }

  /** The same kernels or memory, every call of which is noted. */
  static <T> T noting(Class<T> type, T target) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, args) -> {
              try {
                Object answer = method.invoke(target, args);
                ENTRIES.computeIfAbsent(method, Entry::new).note(args, answer);
                return answer;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    TESTS.add(context.getRequiredTestMethod());
  }

  @Override
  public void afterAll(ExtensionContext context) {
    Class<?> suite = context.getRequiredTestClass();
    if (suite == KernelsContract.class && !ENTRIES.isEmpty() && TESTS.containsAll(tests(suite))) {
      List<String> missing = missing(Duel.backend().kernels(0).countedRandom());
      assertTrue(
          missing.isEmpty(),
          () ->
              "the contract leaves these out:\n  "
                  + String.join("\n  ", missing)
                  + "\nadd them to the contract of their family (see KernelsContract)");
    }
  }

  /** All tests of the nested classes. */
  private static List<Method> tests(Class<?> suite) {
    List<Method> all = new ArrayList<>();
    for (Class<?> nested : suite.getDeclaredClasses()) {
      for (Class<?> c = nested; nested.isAnnotationPresent(Nested.class) && c != null; ) {
        for (Method m : c.getDeclaredMethods()) {
          if (m.isAnnotationPresent(Test.class) || m.isAnnotationPresent(TestFactory.class)) {
            all.add(m);
          }
        }
        c = c.getSuperclass();
      }
    }
    return all;
  }

  private static List<String> missing(boolean counted) {
    List<String> missing = new ArrayList<>();
    Set<Codes> taken = ConcurrentHashMap.newKeySet();
    long computed = 0; // dtypes that some kernel has done something with
    for (Class<?> type : List.of(Kernels.class, Memory.class)) {
      for (Method m : type.getMethods()) {
        Entry entry = ENTRIES.get(m);
        if (Modifier.isStatic(m.getModifiers()) || entry == null && isOptional(m, counted)) {
          continue;
        }
        if (entry == null) {
          missing.add(
              type.getSimpleName() + "." + m.getName() + Arrays.toString(m.getParameterTypes()));
          continue;
        }
        List<String> names = type == Kernels.class ? Codes.parameters(m.getName()) : null;
        for (int i = 0; names != null && i < names.size(); i++) {
          Codes codes = codes(m.getName(), names.get(i));
          if (codes != null) {
            taken.add(codes);
            computed |= codes == Codes.DTYPE ? entry.done[i] : 0;
            codes(missing, m, codes, entry.asked[i], entry.done[i]);
          }
        }
      }
    }
    for (int dtype : Codes.DTYPE.all()) {
      if ((computed >> dtype & 1) == 0) {
        missing.add("anything done in " + Codes.DTYPE.name(dtype));
      }
    }
    List<String> known = taken.stream().map(c -> c.type).toList();
    for (String type : Codes.types()) {
      if (!known.contains(type) && !type.equals("fl_status")) {
        missing.add("enum " + type + ": no parameter is known to take it: see Ledger.FAMILIES");
      }
    }
    return missing;
  }

  /** The codes that one kernel was not asked for. */
  private static void codes(List<String> missing, Method m, Codes codes, long asked, long done) {
    // A refusal is an answer to a dtype; and not every op has a slope.
    boolean mayRefuse = codes == Codes.DTYPE || m.getName().equals("unaryGrad");
    for (int code : codes.all()) {
      boolean half = codes == Codes.DTYPE && Cells.isHalf(code); // the oracle only stores them
      if (!half && ((mayRefuse ? asked : done) >> code & 1) == 0) {
        missing.add(
            m.getName()
                + " with "
                + codes.name(code)
                + ((asked >> code & 1) == 0 ? ", never asked for" : ", always refused"));
      }
    }
  }

  /** What only devices whose generator counts have. */
  private static boolean isOptional(Method m, boolean counted) {
    return m.getName().equals("dropout") && !counted;
  }

  /** How the names of kernels begin whose op or kind is one of an enum. */
  private static final Map<String, Codes> FAMILIES =
      Map.of(
          "unary", Codes.UNARY,
          "binary", Codes.BINARY,
          "reduceIndex", Codes.INDEX_REDUCE,
          "reduce", Codes.REDUCE,
          "loss", Codes.LOSS,
          "random", Codes.RANDOM,
          "step", Codes.OPTIMIZER);

  /** Which codes a kernel's parameter takes; null: it is no code of an enum. */
  private static Codes codes(String kernel, String parameter) {
    return switch (parameter) {
      case "dtype", "from", "to" -> Codes.DTYPE;
      case "reduction" -> Codes.REDUCTION;
      case "op", "kind" ->
          FAMILIES.keySet().stream()
              .filter(kernel::startsWith)
              .max(Comparator.comparingInt(String::length))
              .map(FAMILIES::get)
              .orElseThrow(
                  () -> new IllegalStateException("Ledger.FAMILIES lacks the enum of " + kernel));
      default -> null;
    };
  }
}
