package dev.flambeau;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.internal.kernels.OptimizerSteps;
import dev.flambeau.rows.OpCase;
import dev.flambeau.rows.OpCases;
import dev.flambeau.spi.Kernels;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

/**
 * Wrong calls: each gives an exception that names the op and what came; none crashes the process.
 */
class OpErrorTest {
  /** Released inputs, for every op; inputs on two devices, for every op of several. */
  @TestFactory
  Stream<DynamicTest> releasedAndForeignInputs() {
    List<DynamicTest> tests = new ArrayList<>();
    for (OpCase c : OpCases.all()) {
      int inputs = c.shapes.get(0).length;
      for (int k = 0; k < inputs; k++) {
        int which = k;
        tests.add(
            DynamicTest.dynamicTest(
                c.name + ", input " + k + " released",
                () -> {
                  Tensor[] in = c.inputs(0, DType.FLOAT32, Device.cpu());
                  in[which].close();
                  var e =
                      assertThrows(IllegalStateException.class, () -> c.fn.apply(in).toString());
                  assertTrue(e.getMessage().contains("released"), e.getMessage());
                }));
        if (inputs > 1 && k != c.constant) {
          tests.add(
              DynamicTest.dynamicTest(
                  c.name + ", input " + k + " on another device", () -> foreign(c, which)));
        }
      }
    }
    return tests.stream();
  }

  private static void foreign(OpCase c, int which) {
    Tensor[] in = c.inputs(0, DType.FLOAT32, Device.cpu());
    in[which] = in[which].to(OpForwardTest.ORACLE);
    if (c.acrossDevices) {
      Tensor y = c.fn.apply(in);
      assertEquals(in[0].device(), y.device());
      Tensor expected = c.fn.apply(c.inputs(0, DType.FLOAT32, Device.cpu()));
      OpForwardTest.close(c.name, expected, y, 1e-6 * c.ulps, 1e-6 * c.ulps);
      return;
    }
    var e = assertThrows(IllegalArgumentException.class, () -> c.fn.apply(in));
    assertTrue(
        e.getMessage().contains("oracle:0") && e.getMessage().contains("cpu"), e.getMessage());
  }

  /** Every row in every dtype: a result, or a refusal that names the op and what came. */
  @TestFactory
  Stream<DynamicTest> everyDtype() {
    List<DynamicTest> tests = new ArrayList<>();
    for (OpCase c : OpCases.all()) {
      tests.add(
          DynamicTest.dynamicTest(
              c.name,
              () -> {
                for (DType type : DType.values()) {
                  resultOrRefusal(c, type);
                }
              }));
    }
    return tests.stream();
  }

  private static void resultOrRefusal(OpCase c, DType type) {
    Tensor[] in = c.inputs(0, type, Device.cpu());
    try {
      c.fn.apply(in).toString();
    } catch (IllegalArgumentException e) {
      String said = e.getMessage();
      boolean why = said.contains("torch.") || said.contains("probabilities");
      assertTrue(
          why && said.matches("(?s)\\w+: .*"),
          c
              + " on "
              + type
              + " says '"
              + said
              + "': it should begin with the op and name the dtype");
      assertFalse(
          type == DType.FLOAT32 || type == DType.FLOAT64 || c.integers && type.isInteger(),
          () -> c + " is refused on " + type + ": " + said);
    }
  }

  /** Every op of two tensors: shapes that do not broadcast. */
  @TestFactory
  Stream<DynamicTest> shapesThatDoNotBroadcast() {
    List<DynamicTest> tests = new ArrayList<>();
    for (OpCase c : OpCases.all()) {
      if (c.broadcasts) {
        tests.add(
            DynamicTest.dynamicTest(
                c.name,
                () -> {
                  Tensor[] in = {Tensor.ones(2, 3), Tensor.ones(4, 5)};
                  var e = assertThrows(IllegalArgumentException.class, () -> c.fn.apply(in));
                  String said = e.getMessage();
                  assertTrue(said.matches("\\w+: .*\\(2, 3\\).*\\(4, 5\\).*"), said);
                }));
      }
    }
    return tests.stream();
  }

  private static void fails(
      List<DynamicTest> out, Class<? extends Throwable> type, String words, Executable call) {
    out.add(
        DynamicTest.dynamicTest(
            words,
            () -> {
              Throwable e = assertThrows(type, call);
              for (String w : words.split("\\|")) {
                assertTrue(
                    e.getMessage() != null && e.getMessage().contains(w),
                    "'" + e.getMessage() + "' should say '" + w + "'");
              }
            }));
  }

  private interface Dim {
    Object of(Tensor x, int dim);
  }

  private static final Class<IllegalArgumentException> ARGUMENT = IllegalArgumentException.class;
  private static final Class<IndexOutOfBoundsException> INDEX = IndexOutOfBoundsException.class;
  private static final Class<IllegalStateException> STATE = IllegalStateException.class;

  private record Case(String op, Dim f) {}

  private static final List<Case> WITH_DIMS =
      List.of(
          new Case("sum", (x, d) -> x.sum(d)),
          new Case("mean", (x, d) -> x.mean(d)),
          new Case("var", Tensor::var),
          new Case("varMean", Tensor::varMean),
          new Case("std", Tensor::std),
          new Case("max", (x, d) -> x.max(d)),
          new Case("min", (x, d) -> x.min(d)),
          new Case("amax", (x, d) -> x.amax(d)),
          new Case("amin", (x, d) -> x.amin(d)),
          new Case("argmax", (x, d) -> x.argmax(d)),
          new Case("argmin", (x, d) -> x.argmin(d)),
          new Case("any", (x, d) -> x.any(d)),
          new Case("all", (x, d) -> x.all(d)),
          new Case("logsumexp", (x, d) -> x.logsumexp(d)),
          new Case("softmax", Tensor::softmax),
          new Case("logSoftmax", Tensor::logSoftmax),
          new Case("flatten", (x, d) -> x.flatten(d)),
          new Case("squeeze", (x, d) -> x.squeeze(d)),
          new Case("unsqueeze", (x, d) -> x.unsqueeze(d < 0 ? d : d + 1)),
          new Case("transpose", (x, d) -> x.transpose(0, d)),
          new Case("permute", (x, d) -> x.permute(0, d)),
          new Case("narrow", (x, d) -> x.narrow(d, 0, 1)),
          new Case("slice", (x, d) -> x.slice(d, 0, 1, 1)),
          new Case("select", (x, d) -> x.select(d, 0)),
          new Case("flip", (x, d) -> x.flip(d)),
          new Case("split", (x, d) -> x.split(1, d)),
          new Case("chunk", (x, d) -> x.chunk(1, d)),
          new Case("unbind", (x, d) -> x.unbind(d)),
          new Case("size", Tensor::size),
          new Case("stride", Tensor::stride),
          new Case("cat", (x, d) -> Tensor.cat(List.of(x, x), d)),
          new Case("stack", (x, d) -> Tensor.stack(List.of(x, x), d < 0 ? d - 1 : d + 1)),
          new Case("gather", (x, d) -> x.gather(d, Tensor.zeros(DType.INT64, 2, 3))),
          new Case("scatter", (x, d) -> x.scatter(d, Tensor.zeros(DType.INT64, 2, 3), 1)),
          new Case("scatterAdd", (x, d) -> x.scatterAdd(d, Tensor.zeros(DType.INT64, 2, 3), x)),
          new Case("indexSelect", (x, d) -> x.indexSelect(d, Tensor.of(0, 1))),
          new Case("indexAdd", (x, d) -> x.indexAdd(d, Tensor.of(0, 1), x)));

  /** In the families' methods an int is a dim, and so are several. */
  @Test
  void everyOpWithADimIsThere() {
    Set<String> missing = new TreeSet<>();
    for (Method m : OpCoverageTest.ops()) {
      boolean joins = m.getName().equals("cat") || m.getName().equals("stack");
      boolean dims =
          Arrays.stream(m.getParameterTypes()).anyMatch(p -> p == int.class || p == int[].class);
      if (dims && (joins || !Modifier.isStatic(m.getModifiers()))) {
        missing.add(m.getName());
      }
    }
    WITH_DIMS.forEach(c -> missing.remove(c.op));
    assertEquals(Set.of(), missing, "ops that take a dim: add them to WITH_DIMS");
  }

  @TestFactory
  Stream<DynamicTest> dimsOutOfRange() {
    List<DynamicTest> t = new ArrayList<>();
    for (Case c : WITH_DIMS) {
      for (int d : new int[] {2, -4, 100}) {
        fails(t, INDEX, c.op + "|dim|out of range", () -> c.f.of(Tensor.ones(2, 3), d));
      }
    }
    return t.stream();
  }

  @TestFactory
  Stream<DynamicTest> dtypesThatDoNotFit() {
    List<DynamicTest> t = new ArrayList<>();
    for (DType type : DType.values()) {
      if (type.isFloating()) {
        continue;
      }
      Tensor x = Tensor.ones(type, 2, 2);
      fails(t, ARGUMENT, "leakyRelu|" + type, () -> x.leakyRelu(0.1));
      fails(t, ARGUMENT, "elu|" + type, x::elu);
      fails(t, ARGUMENT, "gelu|" + type, x::gelu);
      fails(t, ARGUMENT, "silu|" + type, x::silu);
      fails(t, ARGUMENT, "softplus|" + type, x::softplus);
      fails(t, ARGUMENT, "mean|" + type, x::mean);
      fails(t, ARGUMENT, "var|" + type, x::var);
      fails(t, ARGUMENT, "std|" + type, x::std);
      fails(t, ARGUMENT, "norm|" + type, x::norm);
      fails(t, ARGUMENT, "logsumexp|" + type, () -> x.logsumexp(0));
      fails(t, ARGUMENT, "softmax|" + type, () -> x.softmax(0));
      fails(t, ARGUMENT, "logSoftmax|" + type, () -> x.logSoftmax(0));
      fails(t, ARGUMENT, "layerNorm|" + type, () -> x.layerNorm(new long[] {2}, null, null, 1e-5));
      fails(t, ARGUMENT, "uniform_|" + type, x::uniform_);
      fails(t, ARGUMENT, "normal_|" + type, x::normal_);
      fails(t, ARGUMENT, "requiresGrad_|" + type, x::requiresGrad_);
      fails(t, ARGUMENT, "mseLoss|" + type, () -> x.mseLoss(x, Reduction.MEAN));
      fails(t, ARGUMENT, "div_|torch.float32|" + type, () -> x.copy().div_(2));
      fails(t, ARGUMENT, "exp_|torch.float32|" + type, () -> x.copy().exp_());
      if (type != DType.BOOL) {
        fails(t, ARGUMENT, "mul_|torch.float32|" + type, () -> x.copy().mul_(1.5));
        fails(t, ARGUMENT, "maskedFill|" + type, () -> x.maskedFill(x, 1));
        fails(t, ARGUMENT, "where|" + type, () -> Tensor.where(x, x, x));
        fails(t, ARGUMENT, "mm|torch.float32|" + type, () -> x.mm(Tensor.ones(2, 2)));
      }
      if (type != DType.INT64) {
        fails(t, ARGUMENT, "gather|" + type, () -> Tensor.ones(2, 2).gather(0, x));
        fails(t, ARGUMENT, "scatter|" + type, () -> Tensor.ones(2, 2).scatter(0, x, 1));
        fails(t, ARGUMENT, "indexSelect|" + type, () -> Tensor.ones(2, 2).indexSelect(0, x.get(0)));
        fails(t, ARGUMENT, "oneHot|" + type, () -> x.oneHot(3));
      }
    }
    Tensor b = Tensor.ones(DType.BOOL, 2, 2);
    fails(t, ARGUMENT, "neg|torch.bool", b::neg);
    fails(t, ARGUMENT, "sub|torch.bool", () -> b.sub(b));
    fails(t, ARGUMENT, "mm|torch.bool", () -> b.matmul(b));
    fails(t, ARGUMENT, "pow|negative", () -> Tensor.of(1, 2).pow(-1));
    fails(
        t,
        ArithmeticException.class,
        "remainder|zero",
        () -> Tensor.of(1, 2).remainder(Tensor.of(1, 0)));
    fails(t, ArithmeticException.class, "remainder|zero", () -> Tensor.of(1, 2).remainder(0));
    return t.stream();
  }

  @TestFactory
  Stream<DynamicTest> shapesThatDoNotFit() {
    List<DynamicTest> t = new ArrayList<>();
    Tensor a = Tensor.ones(2, 3);
    Tensor b = Tensor.ones(4, 5);
    fails(t, ARGUMENT, "add|(2, 3)|(4, 5)", () -> a.add(b));
    fails(t, ARGUMENT, "sub|(2, 3)|(4, 5)", () -> a.sub(b));
    fails(t, ARGUMENT, "mul|(2, 3)|(4, 5)", () -> a.mul(b));
    fails(t, ARGUMENT, "div|(2, 3)|(4, 5)", () -> a.div(b));
    fails(t, ARGUMENT, "pow|(2, 3)|(4, 5)", () -> a.pow(b));
    fails(t, ARGUMENT, "remainder|(2, 3)|(4, 5)", () -> a.remainder(b));
    fails(t, ARGUMENT, "minimum|(2, 3)|(4, 5)", () -> a.minimum(b));
    fails(t, ARGUMENT, "eq|(2, 3)|(4, 5)", () -> a.eq(b));
    fails(t, ARGUMENT, "logicalAnd|(2, 3)|(4, 5)", () -> a.logicalAnd(b));
    fails(t, ARGUMENT, "where|(2, 3)|(4, 5)", () -> Tensor.where(a.gt(0), a, b));
    fails(t, ARGUMENT, "maskedFill", () -> a.maskedFill(b.gt(0), 1));
    fails(t, ARGUMENT, "add|(2, 3)|(4, 5)", () -> a.copy().add_(b));
    fails(t, ARGUMENT, "add_|(2, 3)|(4, 2, 3)", () -> a.copy().add_(Tensor.ones(4, 2, 3)));
    fails(t, ARGUMENT, "copy_|(4, 5)|(2, 3)", () -> a.copy().copy_(b));
    fails(t, ARGUMENT, "matmul|(2, 3)|(4, 5)|columns (3)|rows (4)", () -> a.matmul(b));
    fails(t, ARGUMENT, "matmul|0-d", () -> a.matmul(Tensor.of(1.0)));
    fails(t, ARGUMENT, "matmul|batch", () -> Tensor.ones(2, 2, 3).matmul(Tensor.ones(3, 3, 2)));
    fails(t, ARGUMENT, "mm|2 dimensions|(3,)", () -> a.mm(Tensor.ones(3)));
    fails(t, ARGUMENT, "mm|(2, 3)|(4, 5)", () -> a.mm(b));
    fails(t, ARGUMENT, "mv|1 dimensions", () -> a.mv(a));
    fails(t, ARGUMENT, "mv|(2, 3)", () -> a.mv(Tensor.ones(4)));
    fails(t, ARGUMENT, "dot|(3,)|(4,)", () -> Tensor.ones(3).dot(Tensor.ones(4)));
    fails(t, ARGUMENT, "bmm|3 dimensions", () -> a.bmm(a));
    fails(
        t,
        ARGUMENT,
        "bmm|(2, 3, 4)|(3, 4, 5)",
        () -> Tensor.ones(2, 3, 4).bmm(Tensor.ones(3, 4, 5)));
    fails(t, ARGUMENT, "addmm|(7,)", () -> Tensor.ones(7).addmm(a, Tensor.ones(3, 5)));
    fails(t, ARGUMENT, "linear|(2, 3)|(5, 4)", () -> a.linear(Tensor.ones(5, 4), Tensor.ones(5)));
    fails(t, ARGUMENT, "linear|bias (4,)", () -> a.linear(Tensor.ones(5, 3), Tensor.ones(4)));
    fails(t, ARGUMENT, "t: |(2, 3, 4)", () -> Tensor.ones(2, 3, 4).t());
    fails(t, ARGUMENT, "reshape|(4, 2)|6 elements", () -> a.reshape(4, 2));
    fails(t, ARGUMENT, "reshape|-1", () -> a.reshape(-1, -1));
    fails(t, ARGUMENT, "reshape|(4, -1)", () -> a.reshape(4, -1));
    fails(t, ARGUMENT, "view|reshape", () -> a.t().view(6));
    fails(t, ARGUMENT, "expand|(2, 3)", () -> a.expand(4, 3));
    fails(t, ARGUMENT, "expand", () -> a.expand(3));
    fails(t, ARGUMENT, "permute|all 2 dims", () -> a.permute(0));
    fails(t, ARGUMENT, "permute|twice", () -> a.permute(0, 0));
    fails(t, ARGUMENT, "sum|twice", () -> a.sum(1, -1));
    fails(t, ARGUMENT, "repeat", () -> a.repeat(2));
    fails(t, ARGUMENT, "repeat|negative", () -> a.repeat(2, -1));
    fails(t, ARGUMENT, "flatten|after", () -> a.flatten(1, 0));
    fails(t, ARGUMENT, "split|at least 1", () -> a.split(0, 0));
    fails(t, ARGUMENT, "chunk|at least 1", () -> a.chunk(0, 0));
    fails(t, ARGUMENT, "split|()", () -> Tensor.of(1).split(1, 0));
    fails(t, ARGUMENT, "chunk|()", () -> Tensor.of(1).chunk(1, 0));
    fails(t, INDEX, "unbind|0-d", () -> Tensor.of(1).unbind(0));
    fails(t, ARGUMENT, "slice|step", () -> a.slice(0, 0, 2, 0));
    fails(t, ARGUMENT, "cat|(4, 5)|(2, 3)", () -> Tensor.cat(List.of(a, b), 0));
    fails(t, ARGUMENT, "cat|at least one", () -> Tensor.cat(List.of(), 0));
    fails(t, ARGUMENT, "stack|(4, 5)|(2, 3)", () -> Tensor.stack(List.of(a, b), 0));
    fails(
        t, ARGUMENT, "layerNorm|(2, 3)|(4,)", () -> a.layerNorm(new long[] {4}, null, null, 1e-5));
    fails(
        t,
        ARGUMENT,
        "layerNorm|(2,)",
        () -> a.layerNorm(new long[] {3}, Tensor.ones(2), null, 1e-5));
    fails(t, ARGUMENT, "gather|(2, 3)", () -> a.gather(0, Tensor.zeros(DType.INT64, 2, 4)));
    fails(t, ARGUMENT, "gather", () -> a.gather(0, Tensor.zeros(DType.INT64, 2)));
    fails(
        t,
        ARGUMENT,
        "scatter|cover",
        () -> a.scatter(0, Tensor.zeros(DType.INT64, 2, 3), Tensor.ones(1, 3)));
    fails(
        t,
        ARGUMENT,
        "scatter|torch.float64",
        () -> a.scatter(0, Tensor.zeros(DType.INT64, 2, 3), a.toDouble()));
    fails(
        t,
        ARGUMENT,
        "indexSelect|one dimension",
        () -> a.indexSelect(0, Tensor.zeros(DType.INT64, 1, 1)));
    fails(t, ARGUMENT, "indexAdd|(1, 3)", () -> a.indexAdd(0, Tensor.of(new int[] {0}), a));
    fails(t, ARGUMENT, "bceLoss|(2, 3)|(2,)", () -> a.bceLoss(Tensor.ones(2), Reduction.MEAN));
    fails(t, ARGUMENT, "bceLoss|probabilities", () -> a.mul(2).bceLoss(a, Reduction.MEAN));
    fails(
        t,
        ARGUMENT,
        "nllLoss|(2,)|(3,)",
        () -> a.nllLoss(Tensor.of(0, 1, 2), null, -100, Reduction.MEAN));
    fails(
        t,
        ARGUMENT,
        "nllLoss|weight",
        () -> a.nllLoss(Tensor.of(0, 1), Tensor.ones(2), -100, Reduction.MEAN));
    fails(t, ARGUMENT, "amax|(0, 3)", () -> Tensor.ones(0, 3).amax(0));
    fails(t, ARGUMENT, "max|(0,)", () -> Tensor.ones(0).max());
    fails(t, INDEX, "argmax|size 0", () -> Tensor.ones(0).argmax());
    fails(t, ARGUMENT, "setGrad|(2,)|(2, 3)", () -> a.copy().setGrad(Tensor.ones(2)));
    fails(
        t,
        ARGUMENT,
        "sgd|(2, 3)",
        () ->
            new OptimizerSteps(
                    "sgd", Kernels.SGD, 0, List.of(a), List.of(b), List.of(), new double[1][5])
                .run());
    return t.stream();
  }

  @TestFactory
  Stream<DynamicTest> indicesAndValuesOutOfRange() {
    List<DynamicTest> t = new ArrayList<>();
    Tensor a = Tensor.ones(2, 3);
    fails(t, INDEX, "gather|index 5 is out of range", () -> a.gather(0, Tensor.full(5, 2, 3)));
    fails(t, INDEX, "gather|-1", () -> a.gather(0, Tensor.full(-1, 2, 3)));
    fails(t, INDEX, "scatter|5", () -> a.scatter(0, Tensor.full(5, 2, 3), 1));
    fails(t, INDEX, "scatterAdd|3", () -> a.scatterAdd(1, Tensor.full(3, 2, 3), a));
    fails(t, INDEX, "indexSelect|7", () -> a.indexSelect(1, Tensor.of(0, 7)));
    fails(t, INDEX, "indexAdd|2", () -> a.indexAdd(0, Tensor.of(0, 2), a));
    fails(t, INDEX, "select|index 2|size 2", () -> a.select(0, 2));
    fails(t, INDEX, "select|-3", () -> a.select(0, -3));
    fails(t, INDEX, "narrow|size 3", () -> a.narrow(1, 2, 2));
    fails(t, INDEX, "narrow", () -> a.narrow(1, 0, -1));
    fails(t, INDEX, "select|9", () -> a.get(9));
    fails(t, INDEX, "index|3 indices", () -> a.get(0, 0, 0));
    fails(t, INDEX, "index|2|size 2", () -> a.get(Tensor.of(0, 2)));
    fails(t, INDEX, "index|mask", () -> a.get(Tensor.ones(DType.BOOL, 3)));
    fails(t, INDEX, "index|ellipsis", () -> a.get("..., ..."));
    fails(t, ARGUMENT, "index|\"x\"", () -> a.get("x"));
    fails(t, ARGUMENT, "index|1:2:3:4", () -> a.get("1:2:3:4"));
    fails(t, ARGUMENT, "index|step", () -> a.get("::-1"));
    fails(t, ARGUMENT, "index|Double", () -> a.get(1.5));
    fails(t, INDEX, "oneHot|4|0..2", () -> Tensor.of(0, 4).oneHot(3));
    fails(t, INDEX, "oneHot|-1", () -> Tensor.of(0, -1).oneHot(3));
    fails(t, INDEX, "nllLoss|3", () -> a.nllLoss(Tensor.of(0, 3), null, -100, Reduction.MEAN));
    fails(t, INDEX, "nllLoss|-1", () -> a.nllLoss(Tensor.of(0, -1), null, -100, Reduction.SUM));
    fails(t, STATE, "item|(2, 3)", a::item);
    fails(t, STATE, "backward|require", () -> a.sum().backward());
    fails(t, STATE, "backward|(2, 3)", () -> a.copy().requiresGrad_().mul(1).backward());
    fails(
        t,
        ARGUMENT,
        "backward|(2,)",
        () -> a.copy().requiresGrad_().mul(1).backward(Tensor.ones(2)));
    fails(t, STATE, "registerHook", () -> a.registerHook(g -> g));
    fails(t, STATE, "retainGrad", a::retainGrad);
    fails(
        t,
        STATE,
        "requiresGrad_|detach",
        () -> a.copy().requiresGrad_().mul(1).requiresGrad_(false));
    fails(t, ARGUMENT, "empty|negative", () -> Tensor.empty(2, -1));
    fails(t, ARGUMENT, "empty|too many", () -> Tensor.empty(1L << 40, 1L << 40));
    fails(t, ARGUMENT, "arange|step", () -> Tensor.arange(0, 5, 0));
    fails(t, ARGUMENT, "arange|step", () -> Tensor.arange(0, 5, -1));
    fails(t, ARGUMENT, "linspace", () -> Tensor.linspace(0, 1, -1));
    fails(t, ARGUMENT, "dropout|1.5", () -> a.dropout(1.5, true));
    fails(t, ARGUMENT, "bernoulli_|-0.1", () -> a.copy().bernoulli_(-0.1));
    fails(t, ARGUMENT, "bernoulli|[0, 1]", () -> a.mul(3).bernoulli());
    fails(t, ARGUMENT, "uniform_", () -> a.copy().uniform_(2, 1));
    fails(t, ARGUMENT, "normal_", () -> a.copy().normal_(0, -1));
    fails(t, ARGUMENT, "random_", () -> a.copy().random_(3, 3));
    fails(t, ARGUMENT, "gelu|cubic", () -> a.gelu("cubic"));
    fails(t, ARGUMENT, "of|null", () -> Tensor.of((Object) null));
    fails(t, ARGUMENT, "of|String", () -> Tensor.of("text"));
    fails(t, ARGUMENT, "setNumThreads", () -> Flambeau.setNumThreads(0));
    fails(t, STATE, "tpu", () -> Device.of("tpu"));
    fails(t, STATE, "cpu:3", () -> Device.of("cpu:3"));
    fails(t, ARGUMENT, "cuda:x", () -> Device.of("cuda:x"));
    return t.stream();
  }
}
