package dev.flambeau;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.flambeau.parity.ParityCase;
import dev.flambeau.parity.ParityDifferences;
import dev.flambeau.parity.ParityOps;
import dev.flambeau.parity.ParityTensor;
import dev.flambeau.parity.ParityTolerance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Holds every op to libtorch: values, gradients, dtypes, shapes, the names of graph nodes, and what
 * is refused. The tables come from the profile {@code parity}; one test an op and table.
 */
@Tag("kernels")
class ParityTest {
  private static final List<String> TABLES =
      List.of(
          "pointwise",
          "promotion",
          "axes",
          "matrices",
          "shapes",
          "indices",
          "losses",
          "random",
          "optimizers",
          "schedules",
          "second");
  private static final int SHOWN = 6;

  @TestFactory
  Stream<DynamicTest> libtorch() {
    Map<String, ParityOps.Op> ops = ParityOps.all();
    Set<String> without = new TreeSet<>(ops.keySet());
    Stream<DynamicTest> cases =
        TABLES.stream()
            .flatMap(
                table -> {
                  Map<String, List<ParityCase>> byOp = new LinkedHashMap<>();
                  ParityCase.table(table)
                      .forEach(c -> byOp.computeIfAbsent(c.op(), k -> new ArrayList<>()).add(c));
                  without.removeAll(byOp.keySet());
                  return byOp.entrySet().stream()
                      .map(
                          e ->
                              DynamicTest.dynamicTest(
                                  table + ": " + e.getKey() + ", " + e.getValue().size() + " cases",
                                  () ->
                                      all(
                                          ops.get(e.getKey()),
                                          e.getValue(),
                                          table.equals("second")
                                              ? ParityTest::checkSecond
                                              : ParityTest::check)));
                });
    return Stream.concat(
        cases,
        Stream.of(
            DynamicTest.dynamicTest(
                "every call has cases",
                () -> assertEquals(Set.of(), without, "in ParityOps, but in no table"))));
  }

  /** What is wrong with a case; null when nothing is. */
  private interface Check {
    String of(ParityOps.Op op, ParityCase row);
  }

  private static void all(ParityOps.Op op, List<ParityCase> cases, Check check) {
    if (op == null) {
      fail("no call of " + cases.get(0).op() + " is written down");
    }
    List<String> wrong = new ArrayList<>();
    for (ParityCase c : cases) {
      String difference;
      try (Scope scope = Scope.open()) {
        difference = check.of(op, c);
      } catch (RuntimeException | LinkageError e) {
        difference = "threw " + e + " at " + e.getStackTrace()[0];
      }
      if (difference != null) {
        wrong.add(c + "\n    " + difference);
      }
    }
    if (!wrong.isEmpty()) {
      fail(
          wrong.size()
              + " of "
              + cases.size()
              + " cases differ:\n  "
              + String.join("\n  ", wrong.subList(0, Math.min(SHOWN, wrong.size()))));
    }
  }

  private static String check(ParityOps.Op op, ParityCase c) {
    Tensor[] in =
        c.inputs().stream().map(t -> t == null ? null : t.tensor()).toArray(Tensor[]::new);
    if (c.outputs() == null || ParityDifferences.refuses(c)) {
      return refused(op, c, in);
    }
    List<Tensor> out = op.call(c, in);
    if (out.size() != c.outputs().size()) {
      return out.size() + " results, not " + c.outputs().size();
    }
    ParityTolerance near = ParityTolerance.of(c.op());
    for (int i = 0; i < out.size(); i++) {
      String d = near.value(c, i, out.get(i));
      if (d != null) {
        return "result " + i + ": " + d;
      }
      String node = out.get(i).gradFn() == null ? "-" : out.get(i).gradFn().name();
      String named = ParityDifferences.node(c, i);
      if (!node.equals(named)) {
        return "made by " + node + ", not " + named;
      }
    }
    if (c.upstream().isEmpty()) {
      return out.get(0).requiresGrad() ? "needs a gradient" : null;
    }
    backward(out, c.upstream());
    for (int i = 0; i < in.length; i++) {
      ParityTensor g = c.grads().get(i);
      if (in[i] == null || g == null && in[i].grad() == null) {
        continue;
      }
      if (g == null || in[i].grad() == null) {
        return "gradient " + i + (g == null ? " is there" : " is missing");
      }
      String d = near.gradient(c, i, in[i].grad());
      if (d != null) {
        return "gradient " + i + ": " + d;
      }
    }
    return null;
  }

  private static void backward(List<Tensor> out, List<ParityTensor> upstream) {
    if (upstream.size() == 1) {
      out.get(0).backward(upstream.get(0).tensor());
      return;
    }
    Tensor total = null;
    for (int i = 0; i < upstream.size(); i++) {
      if (upstream.get(i) != null) {
        Tensor part = out.get(i).mul(upstream.get(i).tensor()).sum();
        total = total == null ? part : total.add(part);
      }
    }
    total.backward();
  }

  /** The gradients, themselves recorded, and the gradients of their sum. */
  private static String checkSecond(ParityOps.Op op, ParityCase c) {
    Tensor[] in =
        c.inputs().stream().map(t -> t == null ? null : t.tensor()).toArray(Tensor[]::new);
    List<Tensor> wanted = Arrays.stream(in).filter(t -> t != null && t.requiresGrad()).toList();
    List<Tensor> all = op.call(c, in);
    List<Tensor> out = new ArrayList<>();
    List<Tensor> upstream = new ArrayList<>();
    for (int i = 0; i < c.upstream().size(); i++) {
      if (c.upstream().get(i) != null) {
        out.add(all.get(i));
        upstream.add(c.upstream().get(i).tensor());
      }
    }
    List<Tensor> first = Autograd.grad(out, wanted, upstream, true, true);
    Tensor total = null;
    for (int i = 0; i < first.size(); i++) {
      String d = ParityTolerance.second(c, c.outputs().get(i), first.get(i));
      if (d != null) {
        return "gradient " + i + ": " + d;
      }
      Tensor sum = first.get(i).sum();
      total = total == null ? sum : total.add(sum);
    }
    if (total.requiresGrad()) {
      total.backward();
    }
    for (int i = 0; i < in.length; i++) {
      if (in[i] == null || !in[i].requiresGrad()) {
        continue;
      }
      ParityTensor g = c.grads().get(i);
      Tensor got = in[i].grad() == null ? in[i].detach().zerosLike() : in[i].grad();
      String d = ParityTolerance.second(c, g == null ? ParityTensor.of(got.zerosLike()) : g, got);
      if (d != null) {
        return "second gradient " + i + ": " + d;
      }
    }
    return null;
  }

  private static String refused(ParityOps.Op op, ParityCase c, Tensor[] in) {
    try {
      return "libtorch refuses this, here it gives " + op.call(c, in);
    } catch (IllegalArgumentException | IndexOutOfBoundsException | ArithmeticException e) {
      return null;
    }
  }
}
