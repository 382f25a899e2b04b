package dev.flambeau;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.flambeau.JavaSource.Call;
import dev.flambeau.internal.tensor.DeviceContext;
import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.oracle.HeaderEnum;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * An address does not keep its tensor alive. So code that takes a tensor's address passes that
 * tensor to {@link DeviceContext#check}, which has a reachability fence behind the call, and ends
 * what taking the address began: that the thread counts as in a native call. So nothing else may be
 * called meanwhile that has a check of its own, and what a kernel writes to is taken by {@code
 * outputAddress}. The sources are searched for all this, since a fault shows only where a
 * collection, or another thread, comes at the wrong nanosecond.
 */
@Tag("sources")
class FenceTest {
  /** Methods that fence elsewhere, and where. */
  private static final Map<String, String> ELSEWHERE =
      Map.of(
          "NestedArray.toTensor", "upload, which is given the tensor",
          "TensorHandle.afterChange", "where the address was asked for",
          "TensorText.place", "TensorText.of, when all has been read");

  /** Kernels that take addresses. */
  private static final Set<String> KERNELS =
      Arrays.stream(Kernels.class.getMethods())
          .filter(m -> m.getReturnType() == int.class)
          .filter(m -> Arrays.asList(m.getParameterTypes()).contains(long.class))
          .map(java.lang.reflect.Method::getName)
          .collect(Collectors.toCollection(TreeSet::new));

  /** The places of what they write to, among the arguments of kernels. */
  private static final Map<String, Set<Integer>> OUTPUTS = outputs();

  /** What may be called between taking an address and the kernel: it has no check. */
  private static final Set<String> HARMLESS =
      Set.of(
          "address",
          "outputAddress",
          "context",
          "code",
          "dtype",
          "numel",
          "bytes",
          "x",
          "get",
          "batchStride",
          "rowStride",
          "columnStride",
          "seed",
          "offset",
          "sameLayout",
          "call",
          "state",
          "begin",
          "putRows",
          "doubleToRawLongBits",
          "readDouble",
          "readLong",
          "upload",
          "uploadBeside",
          "download");

  // Of a tensor, not of a table: the accessor, as imported or with its class.
  private static final String OF_TENSOR = "(?:(?<!\\.)|(?<=\\bTensor(?:Handle|Impl)\\.))";
  private static final String READ = OF_TENSOR + "address";
  private static final String ADDRESS = OF_TENSOR + "(?:address|outputAddress)";

  /** Of memory: what they copy to comes first. */
  private static final Set<String> COPIES = Set.of("upload", "uploadBeside", "download");

  private static final Pattern CALLED = Pattern.compile("\\b(\\w+)\\(");
  private static final Pattern LOCAL =
      Pattern.compile("\\b(\\w+)\\s*=(?!=)\\s*([^;]*\\b" + ADDRESS + "\\([^;]*);");

  /** What was found in the sources. */
  private static final class Scan {
    final List<String> faults = new ArrayList<>();
    final Set<String> called = new TreeSet<>();
    final Set<String> exceptions = new TreeSet<>();

    void file(String name, String source) {
      String code = JavaSource.code(source);
      if (code.contains("::address")) {
        faults.add(name + ": address(x) is called where a check(...) follows, not passed on");
      }
      for (JavaSource.Method m : JavaSource.methods(code)) {
        method(name + "." + m.name(), m.body());
      }
    }

    private void method(String where, String body) {
      List<Call> checks = JavaSource.calls(body, "check");
      Map<String, Set<String>> locals = locals(body, ADDRESS);
      List<String> found = new ArrayList<>();
      Set<String> fenced = new LinkedHashSet<>();
      found.addAll(written(where, body));
      found.addAll(meanwhile(where, body, checks));
      for (Call call : JavaSource.calls(body, "(?:kernels|k)\\.\\w+")) {
        String kernel = call.name().substring(call.name().indexOf('.') + 1);
        if (KERNELS.contains(kernel)) {
          called.add(kernel);
          Call check = checkOf(body, call, checks);
          Set<String> owners = owners(call.arguments(), locals, ADDRESS);
          if (check == null) {
            found.add(where + ": no check(...) takes the status of " + kernel);
          } else {
            missing(found, where, kernel, owners, check);
          }
          fenced.addAll(owners);
        }
      }
      for (String owner :
          owners(List.of(body), Map.of(), ADDRESS)) { // read, written or copied otherwise
        if (!fenced.contains(owner) && checks.stream().noneMatch(c -> names(c, owner))) {
          found.add(where + ": the address of " + owner + " is used, and no check(...) names it");
        }
      }
      if (!found.isEmpty() && ELSEWHERE.containsKey(where)) {
        exceptions.add(where);
      } else {
        faults.addAll(found);
      }
    }

    private static void missing(
        List<String> found, String where, String kernel, Set<String> owners, Call check) {
      for (String owner : owners) {
        if (!names(check, owner)) {
          found.add(
              where
                  + ": the address of "
                  + owner
                  + " goes to "
                  + kernel
                  + ", so its check(...) must name "
                  + owner
                  + ", or a collection may free it meanwhile");
        }
      }
    }
  }

  private static Map<String, Set<Integer>> outputs() {
    Map<String, Set<Integer>> outputs = new TreeMap<>();
    Matcher kernel =
        Pattern.compile("FL_(?:BLAS_)?OP int32_t fl_(\\w+)\\(([^;]*)\\);")
            .matcher(HeaderEnum.text());
    while (kernel.find()) {
      String name =
          Pattern.compile("_(\\w)")
              .matcher(kernel.group(1))
              .replaceAll(m -> m.group(1).toUpperCase(Locale.ROOT));
      String[] parameters = kernel.group(2).split(",");
      for (int i = 0; i < parameters.length; i++) {
        if (parameters[i].strip().matches("(?s)fl_(maybe_)?out\\s.*")) {
          outputs.computeIfAbsent(name, k -> new TreeSet<>()).add(i);
        }
      }
    }
    return outputs;
  }

  /** What is written to, and was taken by {@code address}. */
  private static List<String> written(String where, String body) {
    List<String> found = new ArrayList<>();
    Map<String, Set<String>> locals = locals(body, READ);
    for (Call call : JavaSource.calls(body, "(?:\\w+\\.)+\\w+")) {
      String method = call.name().substring(call.name().lastIndexOf('.') + 1);
      Set<Integer> outputs =
          COPIES.contains(method) ? Set.of(0) : OUTPUTS.getOrDefault(method, Set.of());
      for (int i : outputs) {
        if (i < call.arguments().size()) {
          String argument = call.arguments().get(i);
          for (String owner : owners(List.of(argument), locals, READ)) {
            found.add(where + ": " + method + " writes to " + owner + ": take its outputAddress");
          }
        }
      }
    }
    return found;
  }

  /** Calls between an address and the check behind its kernel that might have a check inside. */
  private static List<String> meanwhile(String where, String body, List<Call> checks) {
    List<String> found = new ArrayList<>();
    for (Call taken : JavaSource.calls(body, ADDRESS)) {
      int end =
          checks.stream()
              .filter(c -> c.end() > taken.end() && names(c, taken.arguments().get(0)))
              .mapToInt(c -> c.start() > taken.end() ? c.start() : c.end())
              .min()
              .orElse(taken.end());
      Matcher m = CALLED.matcher(body).region(taken.end(), end);
      while (m.find()) {
        String name = m.group(1);
        if (!HARMLESS.contains(name) && !KERNELS.contains(name)) {
          found.add(
              where
                  + ": "
                  + name
                  + " is called while the address of "
                  + taken.arguments().get(0)
                  + " is in use; a check in it would end the mark of this call");
        }
      }
    }
    return found;
  }

  /** Locals that hold addresses, and whose. */
  private static Map<String, Set<String>> locals(String body, String accessor) {
    Map<String, Set<String>> locals = new TreeMap<>();
    Matcher m = LOCAL.matcher(body);
    while (m.find()) {
      if (!m.group(2).contains("kernels.") && !m.group(2).contains(" k.")) {
        locals
            .computeIfAbsent(m.group(1), k -> new TreeSet<>())
            .addAll(owners(m.group(2), accessor));
      }
    }
    return locals;
  }

  private static Set<String> owners(String expression, String accessor) {
    Set<String> owners = new TreeSet<>();
    for (Call call : JavaSource.calls(expression, accessor)) {
      owners.add(call.arguments().get(0));
    }
    return owners;
  }

  private static Set<String> owners(
      List<String> arguments, Map<String, Set<String>> locals, String accessor) {
    Set<String> owners = new TreeSet<>();
    for (String argument : arguments) {
      owners.addAll(owners(argument, accessor));
      locals.forEach(
          (local, of) -> {
            if (Pattern.compile("(?<![\\w.])" + local + "(?![\\w(])").matcher(argument).find()) {
              owners.addAll(of);
            }
          });
    }
    return owners;
  }

  /** The check around a call, or the first one after it that takes the variable it was put into. */
  private static Call checkOf(String body, Call call, List<Call> checks) {
    for (Call check : checks) {
      if (check.start() < call.start() && call.end() < check.end()) {
        return check;
      }
    }
    String before = body.substring(0, call.start());
    int statement =
        Math.max(
            before.lastIndexOf(';'), Math.max(before.lastIndexOf('{'), before.lastIndexOf('}')));
    Matcher m =
        Pattern.compile("^\\s*(?:int\\s+)?(\\w+)\\s*=").matcher(before.substring(statement + 1));
    if (m.find()) {
      for (Call check : checks) {
        if (check.start() > call.end() && check.arguments().contains(m.group(1))) {
          return check;
        }
      }
    }
    return null;
  }

  /** Whether a check names this owner after op and status, or the list that it is an item of. */
  private static boolean names(Call check, String owner) {
    String list = owner.replaceFirst("\\.get\\(\\w+\\)$", "");
    String either = Pattern.quote(owner) + "|" + Pattern.quote(list);
    Pattern name = Pattern.compile("(?<![\\w.])(?:" + either + ")(?![\\w.(])");
    return check.arguments().stream().skip(2).anyMatch(a -> name.matcher(a).find());
  }

  @Test
  void everyAddressHasItsFence() throws IOException {
    Path root = ArchitectureTest.sources();
    assumeTrue(root != null, "the sources are not here");
    Scan scan = new Scan();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path p : all.filter(f -> f.toString().endsWith(".java")).toList()) {
        String name = p.getFileName().toString().replace(".java", "");
        scan.file(name, Files.readString(p));
      }
    }
    assertTrue(scan.faults.isEmpty(), String.join("\n", scan.faults));
    assertEquals(KERNELS, scan.called, "kernels whose calls are found; the rest nobody needs");
    assertEquals(
        ELSEWHERE.keySet(), scan.exceptions, "exceptions that are not needed: take them out");
  }

  @Test
  void anOutputOfAReadIsFound() {
    String check = "c.check(op, 0, x, y);";
    assertEquals(
        List.of("A.f: unary writes to y: take its outputAddress"),
        faultsOf("c.check(op, k.unary(o, t, n, address(x), address(y), p, q), x, y);"));
    assertEquals(
        List.of("A.f: copy writes to y: take its outputAddress"),
        faultsOf(
            "long a = address(x); long b = address(y);"
                + " int s = g.call(m, (t, off) -> k.copy(1, 2, t, a + off[1], b + off[0]));"
                + " c.check(op, s, x, y);"));
    assertEquals(
        List.of("A.f: upload writes to y: take its outputAddress"),
        faultsOf("c.memory.upload(address(y), array);" + check));
    assertEquals(List.of(), faultsOf("c.memory.download(array, address(x));" + check));
  }

  @Test
  void aCallBetweenAddressAndKernelIsFound() {
    String kernel = "c.check(op, k.unary(o, t, n, a, outputAddress(y), p, q), x, y);";
    assertEquals(List.of(), faultsOf("Tensor y = dense(x); long a = address(x);" + kernel));
    assertEquals(
        List.of(
            "A.f: dense is called while the address of x is in use; a check in it would end the"
                + " mark of this call"),
        faultsOf("long a = address(x); Tensor y = dense(x);" + kernel));
  }

  private static List<String> faultsOf(String statements) {
    Scan scan = new Scan();
    scan.file("A", "class A { void f() { " + statements + " } }");
    return scan.faults;
  }

  @Test
  void aMissingFenceIsFound() {
    String call = "int status = c.kernels.fill(t, n, outputAddress(y), 0);";
    assertEquals(List.of(), faultsOf(call + "c.check(op, status, y);"));
    assertEquals(
        List.of("A.f: no check(...) takes the status of fill"),
        faultsOf(call + "c.check(op, 0, y);"));
    assertTrue(
        faultsOf(call + "c.check(op, status, x);").get(0).contains("address of y goes to fill"));
    String wrapped =
        "c.check(op, c.kernels.unary(o, t, n, address(v.x()), outputAddress(y), p, q), ";
    assertEquals(List.of(), faultsOf(wrapped + "y, v.x());"));
    assertTrue(faultsOf(wrapped + "y, v);").get(0).contains("address of v.x()"));
    String local =
        "long a = x == null ? 0 : address(x); int s = g.call(m, (t, off) -> k.copy(1, 2, t, a + off[0], b)); ";
    assertEquals(List.of(), faultsOf(local + "c.check(op, s, new Tensor[] {x});"));
    assertTrue(faultsOf(local + "c.check(op, s, y);").get(0).contains("address of x goes to copy"));
    assertTrue(faultsOf("m.download(out, address(x));").get(0).contains("no check(...) names it"));
    assertTrue(faultsOf("m.download(out, TensorHandle.address(x));").get(0).contains("of x is"));
    assertEquals(List.of(), faultsOf("long a = table.address(memory);"));
    assertTrue(faultsOf("f(TensorHandle::address);").get(0).contains("not passed on"));
    String items = "for (int i = 0; i < n; i++) { t.put(address(all.get(i))); } c.check(op, 0, ";
    assertEquals(List.of(), faultsOf(items + "null, new Object[] {all});"));
    assertTrue(faultsOf(items + "null, new Object[] {g});").get(0).contains("of all.get(i) is"));
  }
}
