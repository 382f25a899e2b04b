package dev.flambeau.spi.contract;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.Memory;
import dev.flambeau.spi.oracle.DtypeInfo;
import dev.flambeau.spi.oracle.HeaderEnum;
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
 * The coverage of the contract: records the calls of the backend under test, and fails at the end
 * if one is missing: each method of {@link Kernels} and {@link Memory}, each code of flambeau.h
 * with each kernel that takes it. Where only a part of the contract was run, nothing is checked.
 */
final class ContractCoverage implements BeforeEachCallback, AfterAllCallback {
  private static final Map<Method, Arguments> CALLS = new ConcurrentHashMap<>();
  private static final Set<Method> STARTED = ConcurrentHashMap.newKeySet(); // tests

  /** Which values the int arguments of a method have had, and which of them with status OK. */
  private static final class Arguments {
    private final long[] called;
    private final long[] succeeded;

    Arguments(Method method) {
      called = new long[method.getParameterCount()];
      succeeded = new long[method.getParameterCount()];
    }

    synchronized void record(Object[] args, Object result) {
      boolean ok = Integer.valueOf(Kernels.OK).equals(result);
      for (int i = 0; i < called.length; i++) {
        if (args[i] instanceof Integer code && code >= 0 && code < Long.SIZE) {
          called[i] |= 1L << code;
          succeeded[i] |= ok ? 1L << code : 0;
        }
      }
    }
  }

  /** The same kernels or memory, with every call recorded. */
  static <T> T recording(Class<T> type, T target) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, args) -> {
              try {
                Object result = method.invoke(target, args);
                CALLS.computeIfAbsent(method, Arguments::new).record(args, result);
                return result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    STARTED.add(context.getRequiredTestMethod());
  }

  @Override
  public void afterAll(ExtensionContext context) {
    Class<?> suite = context.getRequiredTestClass();
    if (suite == KernelsContract.class && !CALLS.isEmpty() && STARTED.containsAll(tests(suite))) {
      List<String> missing = missing(DifferentialCheck.backend().kernels(0).countedRandom());
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

  private static List<String> missing(boolean counterBased) {
    List<String> missing = new ArrayList<>();
    Set<HeaderEnum> used = ConcurrentHashMap.newKeySet();
    long computed = 0; // dtypes that some kernel has computed in
    for (Class<?> type : List.of(Kernels.class, Memory.class)) {
      for (Method m : type.getMethods()) {
        Arguments arguments = CALLS.get(m);
        if (Modifier.isStatic(m.getModifiers())
            || arguments == null && isOptional(m, counterBased)) {
          continue;
        }
        if (arguments == null) {
          missing.add(
              type.getSimpleName() + "." + m.getName() + Arrays.toString(m.getParameterTypes()));
          continue;
        }
        List<String> names = type == Kernels.class ? HeaderEnum.parameters(m.getName()) : null;
        for (int i = 0; names != null && i < names.size(); i++) {
          HeaderEnum codes = enumOf(m.getName(), names.get(i));
          if (codes != null) {
            used.add(codes);
            computed |= codes == HeaderEnum.DTYPE ? arguments.succeeded[i] : 0;
            addMissingCodes(missing, m, codes, arguments.called[i], arguments.succeeded[i]);
          }
        }
      }
    }
    for (int dtype : HeaderEnum.DTYPE.all()) {
      if ((computed >> dtype & 1) == 0) {
        missing.add("any kernel that computes in " + HeaderEnum.DTYPE.name(dtype));
      }
    }
    List<String> known = used.stream().map(c -> c.type).toList();
    for (String type : HeaderEnum.types()) {
      if (!known.contains(type) && !type.equals("fl_status")) {
        missing.add("enum " + type + ": no parameter takes it: see ContractCoverage.ENUMS");
      }
    }
    return missing;
  }

  /** Adds the codes that one kernel was never called with. */
  private static void addMissingCodes(
      List<String> missing, Method m, HeaderEnum codes, long called, long succeeded) {
    // A kernel may refuse a dtype; and not every op has a derivative.
    boolean mayRefuse = codes == HeaderEnum.DTYPE || m.getName().equals("unaryGrad");
    for (int code : codes.all()) {
      boolean half =
          codes == HeaderEnum.DTYPE && DtypeInfo.isHalf(code); // the oracle only stores them
      if (!half && ((mayRefuse ? called : succeeded) >> code & 1) == 0) {
        missing.add(
            m.getName()
                + " with "
                + codes.name(code)
                + ((called >> code & 1) == 0 ? ", never called" : ", always refused"));
      }
    }
  }

  /** Only devices with a counter-based generator have these. */
  private static boolean isOptional(Method m, boolean counterBased) {
    return m.getName().equals("dropout") && !counterBased;
  }

  /** The enum of a kernel's op or kind, by how the kernel's name begins. */
  private static final Map<String, HeaderEnum> ENUMS =
      Map.of(
          "sequence", HeaderEnum.SEQUENCE,
          "unary", HeaderEnum.UNARY,
          "binary", HeaderEnum.BINARY,
          "reduceIndex", HeaderEnum.INDEX_REDUCE,
          "reduce", HeaderEnum.REDUCE,
          "loss", HeaderEnum.LOSS,
          "random", HeaderEnum.RANDOM,
          "step", HeaderEnum.OPTIMIZER);

  /** The enum whose codes a kernel's parameter takes; null: it is no code. */
  private static HeaderEnum enumOf(String kernel, String parameter) {
    return switch (parameter) {
      case "dtype", "from", "to" -> HeaderEnum.DTYPE;
      case "reduction" -> HeaderEnum.REDUCTION;
      case "op", "kind" ->
          ENUMS.keySet().stream()
              .filter(kernel::startsWith)
              .max(Comparator.comparingInt(String::length))
              .map(ENUMS::get)
              .orElseThrow(
                  () ->
                      new IllegalStateException(
                          "ContractCoverage.ENUMS lacks the enum of " + kernel));
      default -> null;
    };
  }
}
