package dev.flambeau;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toCollection;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.ClassCalls.Call;
import dev.flambeau.parity.ParityOps;
import dev.flambeau.rows.OpCase;
import dev.flambeau.rows.OpCases;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Nothing is forgotten: every form of every op has a row, and every row is compared with something
 * that is not this library.
 */
@Tag("sources")
class OpCoverageTest {
  /** Ops without a row, and where they are tried instead. */
  private static final Map<String, String> ELSEWHERE = new HashMap<>();

  private static void elsewhere(String why, String... signatures) {
    for (String s : signatures) {
      ELSEWHERE.put(s, why);
    }
  }

  static {
    elsewhere(
        "draws random numbers, which libtorch's table \"random\" has to the bit",
        "bernoulli()",
        "bernoulli_(double)",
        "dropout(double, boolean)",
        "normal_()",
        "normal_(double, double)",
        "random_()",
        "random_(long, long)",
        "uniform_()",
        "uniform_(double, double)",
        "rand(DType, long[])",
        "rand(long[])",
        "randint(long, long, long[])",
        "randn(DType, long[])",
        "randn(long[])",
        "randperm(long)",
        "uniform(double, double, long[])");
    elsewhere(
        "gives no tensor: TensorTest",
        "allclose(Tensor)",
        "allclose(Tensor, double, double)",
        "equal(Tensor)",
        "item()",
        "itemBoolean()",
        "itemLong()",
        "toArray()",
        "toBooleanArray()",
        "toByteArray()",
        "toDoubleArray()",
        "toFloatArray()",
        "toIntArray()",
        "toLongArray()");
    elsewhere(
        "to(DType), which has a row, by another name",
        "toBfloat16()",
        "toBool()",
        "toByte()",
        "toChar()",
        "toDouble()",
        "toFloat()",
        "toHalf()",
        "toInt()",
        "toLong()",
        "toShort()");
    elsewhere("between devices: DeviceTest", "to(Device)", "to(Device, DType)");
    elsewhere(
        "takes no tensor: TensorTest, and libtorch's table \"shapes\"",
        "arange(double, double, double)",
        "arange(long)",
        "arange(long, long)",
        "arange(long, long, long)",
        "empty(DType, long[])",
        "empty(long[])",
        "eye(long)",
        "eye(long, long)",
        "fromBuffer(ByteBuffer, DType, long[])",
        "full(DType, double, long[])",
        "full(double, long[])",
        "full(long, long[])",
        "linspace(double, double, int)",
        "of(DType, Object)",
        "of(Object)",
        "of(boolean)",
        "of(boolean[])",
        "of(double)",
        "of(double[])",
        "of(float)",
        "of(float[])",
        "of(int)",
        "of(int[])",
        "of(long)",
        "of(long[])",
        "ones(DType, long[])",
        "ones(long[])",
        "zeros(DType, long[])",
        "zeros(long[])");
  }

  /** What the families of ops offer: their interfaces' methods, and what is called on the class. */
  static List<Method> ops() {
    return Arrays.stream(Tensor.class.getMethods())
        .filter(m -> Modifier.isStatic(m.getModifiers()) || m.getDeclaringClass().isInterface())
        .filter(m -> m.getDeclaringClass().getName().startsWith("dev.flambeau."))
        .toList();
  }

  private static String signature(Method m) {
    return Arrays.stream(m.getParameterTypes())
        .map(Class::getSimpleName)
        .collect(joining(", ", m.getName() + "(", ")"));
  }

  /** What the lambdas of the row files call last. */
  private static Set<String> inRows() throws ReflectiveOperationException {
    Set<String> called = new TreeSet<>();
    int files = 0;
    for (Call c : new ClassCalls(OpCases.class).all()) {
      if (c.name().equals("all") && c.owner().endsWith("Rows")) {
        files++;
        new ClassCalls(Class.forName(c.className()))
            .lastOfLambdas(OpCoverageTest::isOp).stream().map(Call::signature).forEach(called::add);
      }
    }
    assertTrue(files >= 10 && called.size() > 150, files + " files, " + called.size() + " ops");
    return called;
  }

  private static final Set<String> OPS =
      ops().stream().map(OpCoverageTest::signature).collect(toCollection(TreeSet::new));

  /** Whether this is an op: called on Tensor, or on what it inherits from. */
  private static boolean isOp(Call c) {
    try {
      return c.owner().startsWith("dev/flambeau/")
          && Class.forName(c.className()).isAssignableFrom(Tensor.class)
          && OPS.contains(c.signature());
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void everyOpHasARow() throws ReflectiveOperationException {
    Set<String> rows = inRows();
    Set<String> missing = new TreeSet<>(OPS);
    missing.removeAll(rows);
    missing.removeAll(ELSEWHERE.keySet());
    assertEquals(
        Set.of(),
        missing,
        "ops that no row calls last: add a row to the file of their family (see OpCases), or say in"
            + " ELSEWHERE where they are tried");
    Set<String> stale = new TreeSet<>(ELSEWHERE.keySet());
    stale.removeIf(s -> OPS.contains(s) && !rows.contains(s));
    assertEquals(Set.of(), stale, "in ELSEWHERE, but no op or one that has a row: take them out");
  }

  @Test
  void everyRowHasAnIndependentReference() {
    Set<String> tables = ParityOps.all().keySet(); // each of which has cases: see ParityTest
    Set<String> names = ops().stream().map(Method::getName).collect(toCollection(TreeSet::new));
    List<String> wrong = new ArrayList<>();
    for (OpCase c : OpCases.all()) {
      if (!names.contains(c.op())) {
        wrong.add(c + ": the name must begin with that of an op");
      }
      if (c.parity != null && !tables.contains(c.parity)) {
        wrong.add(
            c
                + ": libtorch's tables have no "
                + c.parity
                + "; add cases in src/parity, or name the table's op with parity(...), or say with"
                + " noParity(...) why there are none");
      }
      if (c.parity == null && tables.contains(c.op())) {
        wrong.add(c + ": libtorch's tables have cases by now; take noParity(...) out");
      }
      if (c.parity == null && c.reference == null) {
        wrong.add(
            c + ": it is compared with our own Java only; give it a reference with like(...)");
      }
    }
    assertTrue(wrong.isEmpty(), String.join("\n", wrong));
  }

  @Test
  void namesOfRowsDiffer() {
    Set<String> seen = new TreeSet<>();
    List<String> twice = OpCases.all().stream().map(c -> c.name).filter(n -> !seen.add(n)).toList();
    assertEquals(List.of(), twice);
  }
}
