package dev.flambeau;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.flambeau.JavaSource.Call;
import dev.flambeau.internal.tensor.DeviceContext;
import dev.flambeau.spi.Kernels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
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
 * tensor to {@link DeviceContext#check}, which has a reachability fence behind the call. The
 * sources are searched for it, since a missing fence shows only where a collection comes at the
 * wrong nanosecond.
 */
@Tag("sources")
class FenceTest {
  /** Methods that fence elsewhere, and where. */
  private static final Map<String, String> ELSEWHERE =
      Map.of(
          "NestedArray.toTensor", "upload, which is given the tensor",
          "TensorText.place", "TensorText.of, when all has been read");

  /** Kernels that take addresses. */
  private static final Set<String> KERNELS =
      Arrays.stream(Kernels.class.getMethods())
          .filter(m -> m.getReturnType() == int.class)
          .filter(m -> Arrays.asList(m.getParameterTypes()).contains(long.class))
          .map(java.lang.reflect.Method::getName)
          .collect(Collectors.toCollection(TreeSet::new));

  // Of a tensor, not of a table: the accessor, as imported or with its class.
  private static final String ADDRESS = "(?:(?<!\\.)|(?<=\\bTensor(?:Handle|Impl)\\.))address";
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
      Map<String, Set<String>> locals = locals(body);
      List<String> found = new ArrayList<>();
      Set<String> fenced = new LinkedHashSet<>();
      for (Call call : JavaSource.calls(body, "(?:kernels|k)\\.\\w+")) {
        String kernel = call.name().substring(call.name().indexOf('.') + 1);
        if (KERNELS.contains(kernel)) {
          called.add(kernel);
          Call check = checkOf(body, call, checks);
          Set<String> owners = owners(call.arguments(), locals);
          if (check == null) {
            found.add(where + ": no check(...) takes the status of " + kernel);
          } else {
            missing(found, where, kernel, owners, check);
          }
          fenced.addAll(owners);
        }
      }
      for (String owner : owners(List.of(body), Map.of())) { // read, written or copied otherwise
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

  /** Locals that hold addresses, and whose. */
  private static Map<String, Set<String>> locals(String body) {
    Map<String, Set<String>> locals = new TreeMap<>();
    Matcher m = LOCAL.matcher(body);
    while (m.find()) {
      if (!m.group(2).contains("kernels.") && !m.group(2).contains(" k.")) {
        locals.computeIfAbsent(m.group(1), k -> new TreeSet<>()).addAll(owners(m.group(2)));
      }
    }
    return locals;
  }

  private static Set<String> owners(String expression) {
    Set<String> owners = new TreeSet<>();
    for (Call call : JavaSource.calls(expression, ADDRESS)) {
      owners.add(call.arguments().get(0));
    }
    return owners;
  }

  private static Set<String> owners(List<String> arguments, Map<String, Set<String>> locals) {
    Set<String> owners = new TreeSet<>();
    for (String argument : arguments) {
      owners.addAll(owners(argument));
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

  private static List<String> faultsOf(String statements) {
    Scan scan = new Scan();
    scan.file("A", "class A { void f() { " + statements + " } }");
    return scan.faults;
  }

  @Test
  void aMissingFenceIsFound() {
    String call = "int status = c.kernels.fill(t, n, address(y), 0);";
    assertEquals(List.of(), faultsOf(call + "c.check(op, status, y);"));
    assertEquals(
        List.of("A.f: no check(...) takes the status of fill"),
        faultsOf(call + "c.check(op, 0, y);"));
    assertTrue(
        faultsOf(call + "c.check(op, status, x);").get(0).contains("address of y goes to fill"));
    String wrapped = "c.check(op, c.kernels.unary(o, t, n, address(v.x()), address(y), p, q), ";
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
