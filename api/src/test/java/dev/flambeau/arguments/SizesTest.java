package dev.flambeau.arguments;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.DType;
import dev.flambeau.Device;
import dev.flambeau.OpForwardTest;
import dev.flambeau.Reduction;
import dev.flambeau.Shape;
import dev.flambeau.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

/**
 * Sizes whose product does not fit, wherever they come from: each call is refused by an exception
 * that names the op that was called and shows the shape, and no kernel sees a size that wrapped.
 */
class SizesTest {
  private static final long HUGE = 1L << 58; // elements that a shape may have, but no memory
  private static final Class<IllegalArgumentException> ARGUMENT = IllegalArgumentException.class;
  private static final Class<IndexOutOfBoundsException> INDEX = IndexOutOfBoundsException.class;
  private static final Class<IllegalStateException> STATE = IllegalStateException.class;

  private final List<DynamicTest> tests = new ArrayList<>();

  private void fails(Class<? extends Throwable> type, String words, Executable call) {
    tests.add(
        DynamicTest.dynamicTest(
            words,
            () -> {
              String said = assertThrows(type, call).getMessage();
              String[] expected = words.split("\\|");
              assertTrue(said != null && said.matches(expected[0] + "( \\(.*\\))?: .*"), said);
              for (String word : expected) {
                assertTrue(said.contains(word), "'" + said + "' should say '" + word + "'");
              }
            }));
  }

  private static Tensor expanded(long... sizes) {
    return Tensor.zeros(new long[sizes.length]).sum().expand(sizes);
  }

  private static Tensor indices(long... sizes) {
    return Tensor.zeros(DType.INT64).expand(sizes);
  }

  @TestFactory
  Stream<DynamicTest> factories() {
    long[] wraps = {1L << 32, 1L << 32};
    String words = "|(4294967296, 4294967296)|too many elements";
    fails(ARGUMENT, "empty" + words, () -> Tensor.empty(wraps));
    fails(ARGUMENT, "zeros" + words, () -> Tensor.zeros(wraps));
    fails(ARGUMENT, "zeros" + words, () -> Tensor.zeros(DType.BOOL, wraps));
    fails(ARGUMENT, "ones" + words, () -> Tensor.ones(wraps));
    fails(ARGUMENT, "full" + words, () -> Tensor.full(2.0, wraps));
    fails(ARGUMENT, "full" + words, () -> Tensor.full(2L, wraps));
    fails(ARGUMENT, "full" + words, () -> Tensor.full(DType.INT8, 2, wraps));
    fails(ARGUMENT, "rand" + words, () -> Tensor.rand(wraps));
    fails(ARGUMENT, "randn" + words, () -> Tensor.randn(wraps));
    fails(ARGUMENT, "uniform" + words, () -> Tensor.uniform(0, 1, wraps));
    fails(ARGUMENT, "randint" + words, () -> Tensor.randint(0, 2, wraps));
    fails(ARGUMENT, "eye" + words, () -> Tensor.eye(1L << 32));
    fails(ARGUMENT, "eye" + words, () -> Tensor.eye(1L << 32, 1L << 32));
    fails(ARGUMENT, "randperm|(4611686018427387904,)", () -> Tensor.randperm(1L << 62));
    // A size of 0 does not hide what the others come to: strides are products too.
    fails(ARGUMENT, "zeros|(0, 4294967296, 4294967296)", () -> Tensor.zeros(0, 1L << 32, 1L << 32));
    fails(ARGUMENT, "zeros|(4294967296, 4294967296, 0)", () -> Tensor.zeros(1L << 32, 1L << 32, 0));
    fails(ARGUMENT, "zeros|negative|(2, -1)", () -> Tensor.zeros(2, -1));
    fails(
        ARGUMENT,
        "zeros|negative|(-4294967296, -4294967296)",
        () -> Tensor.zeros(-1L << 32, -1L << 32));
    fails(
        ARGUMENT,
        "zeros|negative|(0, -9223372036854775808)",
        () -> Tensor.zeros(0, Long.MIN_VALUE));
    ByteBuffer buffer = ByteBuffer.allocateDirect(64).order(ByteOrder.nativeOrder());
    fails(ARGUMENT, "fromBuffer" + words, () -> Tensor.fromBuffer(buffer, DType.INT8, wraps));
    fails(ARGUMENT, "fromBuffer|needs", () -> Tensor.fromBuffer(buffer, DType.INT64, HUGE));
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> shapes() {
    Tensor four = Tensor.arange(4);
    fails(ARGUMENT, "reshape|(4611686018427387905, 4)", () -> four.reshape((1L << 62) + 1, 4));
    fails(ARGUMENT, "view|(4611686018427387905, 4)", () -> four.view((1L << 62) + 1, 4));
    fails(ARGUMENT, "reshape|too many", () -> four.reshape((1L << 62) + 1, 4, -1));
    Tensor none = Tensor.zeros(0);
    fails(ARGUMENT, "reshape|(4294967296, 4294967296)", () -> none.reshape(1L << 32, 1L << 32));
    fails(ARGUMENT, "view|(0, 4294967296, 4294967296)", () -> none.view(0, 1L << 32, 1L << 32));
    Tensor one = Tensor.zeros(1);
    fails(ARGUMENT, "expand|(4611686018427387920,)", () -> one.expand((1L << 62) + 16));
    fails(ARGUMENT, "expand|(4294967296, 4294967296)", () -> one.expand(1L << 32, 1L << 32));
    fails(ARGUMENT, "expand|(2305843009213693952,)", () -> one.expand(1L << 61).add(1));
    fails(ARGUMENT, "expandAs|(4,)|(3,)", () -> four.expandAs(Tensor.zeros(3)));
    fails(ARGUMENT, "viewAs|(3,)|4 elements", () -> four.viewAs(Tensor.zeros(3)));
    fails(INDEX, "mT|dim -2", four::mT);
    fails(ARGUMENT, "repeat|too many", () -> Tensor.zeros(16, 4).repeat(1L << 57, 1));
    fails(ARGUMENT, "repeat|too many", () -> Tensor.zeros(3).repeat(Long.MAX_VALUE));
    fails(ARGUMENT, "repeat|too many", () -> none.repeat(1L << 32, 1L << 32));
    fails(ARGUMENT, "repeat|negative", () -> one.repeat(Long.MIN_VALUE));
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> joined() {
    Tensor x = expanded(HUGE);
    fails(ARGUMENT, "cat|(576460752303423488,)", () -> Tensor.cat(List.of(x, x), 0));
    fails(
        ARGUMENT, "cat|too many", () -> Tensor.cat(Collections.nCopies(64, x), 0)); // 2^64 of them
    fails(ARGUMENT, "stack|(2, 288230376151711744)", () -> Tensor.stack(List.of(x, x), 0));
    fails(ARGUMENT, "stack|too many", () -> Tensor.stack(Collections.nCopies(64, x), 1));
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> broadcast() {
    Tensor a = expanded(1L << 40, 1);
    Tensor b = expanded(1, 1L << 40);
    String words = "|(1099511627776, 1099511627776)|too many elements";
    fails(ARGUMENT, "add" + words, () -> a.add(b));
    fails(ARGUMENT, "sub" + words, () -> a.sub(b));
    fails(ARGUMENT, "mul" + words, () -> a.mul(b));
    fails(ARGUMENT, "div" + words, () -> a.div(b));
    fails(ARGUMENT, "pow" + words, () -> a.pow(b));
    fails(ARGUMENT, "remainder" + words, () -> a.remainder(b));
    fails(ARGUMENT, "minimum" + words, () -> a.minimum(b));
    fails(ARGUMENT, "maximum" + words, () -> a.maximum(b));
    fails(ARGUMENT, "eq" + words, () -> a.eq(b));
    fails(ARGUMENT, "logicalAnd" + words, () -> a.logicalAnd(b));
    Tensor mask = Tensor.zeros(DType.BOOL).expand(1L << 40, 1);
    fails(ARGUMENT, "where" + words, () -> Tensor.where(mask, b, b));
    fails(ARGUMENT, "maskedFill" + words, () -> b.maskedFill(mask, 1));
    fails(ARGUMENT, "copy_" + words, () -> b.copy_(a));
    fails(ARGUMENT, "mseLoss" + words, () -> a.mseLoss(b, Reduction.MEAN));
    fails(ARGUMENT, "l1Loss" + words, () -> a.l1Loss(b, Reduction.SUM));
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> products() {
    Tensor a = expanded(1L << 31, 1);
    Tensor b = expanded(1, (1L << 31) + 1);
    Tensor bias = Tensor.zeros(1);
    String words = "|(2147483648, 2147483649)|too many elements";
    fails(ARGUMENT, "matmul" + words, () -> a.matmul(b));
    fails(ARGUMENT, "mm" + words, () -> a.mm(b));
    fails(ARGUMENT, "addmm" + words, () -> bias.addmm(a, b));
    fails(ARGUMENT, "linear" + words, () -> a.linear(b.t()));
    fails(ARGUMENT, "linear" + words, () -> a.linear(b.t(), expanded((1L << 31) + 1)));
    fails(ARGUMENT, "bmm|too many", () -> a.unsqueeze(0).bmm(b.unsqueeze(0)));
    fails(ARGUMENT, "matmul|too many", () -> a.unsqueeze(0).matmul(b));
    fails(ARGUMENT, "matmul|too many", () -> a.unsqueeze(0).matmul(b.unsqueeze(0)));
    Tensor left = expanded(1L << 30, 1, 2, 3);
    Tensor right = expanded(1, 1L << 30, 3, 2);
    fails(ARGUMENT, "matmul|(1073741824, 1073741824", () -> left.matmul(right));
    fails(
        ARGUMENT, "linear|too many", () -> expanded(1L << 30, 2, 1).linear(expanded(1L << 30, 1)));
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> indices() {
    fails(ARGUMENT, "oneHot|2305843009213693953", () -> Tensor.of(1L << 61).oneHot());
    fails(ARGUMENT, "oneHot|too many", () -> Tensor.of(Long.MAX_VALUE).oneHot());
    fails(
        ARGUMENT, "oneHot|(4, 576460752303423489)", () -> Tensor.arange(4).oneHot((1L << 59) + 1));
    fails(ARGUMENT, "oneHot|9223372036854775807", () -> Tensor.of(0L).oneHot(Long.MAX_VALUE));
    fails(INDEX, "narrow|9223372036854775807", () -> Tensor.arange(5).narrow(0, 1, Long.MAX_VALUE));
    long n = 1 << 20;
    Tensor cube = Tensor.zeros(1, 1, 1);
    Object[] three = {indices(n, 1, 1), indices(1, n, 1), indices(1, 1, n)};
    fails(ARGUMENT, "index|(1048576, 1048576, 1048576)", () -> cube.get(three));
    fails(ARGUMENT, "index|(1048576, 1048576, 1048576)", () -> cube.copy().set(1, three));
    Tensor wide = expanded(1, 1L << 40);
    fails(ARGUMENT, "get|(1048576, 1099511627776)", () -> wide.get(indices(n)));
    fails(ARGUMENT, "indexSelect|(1048576, 1099511627776)", () -> wide.indexSelect(0, indices(n)));
    return tests.stream();
  }

  /** A dim of size 0 has no index. */
  @TestFactory
  Stream<DynamicTest> indicesWithoutElements() {
    Tensor none = Tensor.zeros(0, 3);
    Tensor index = Tensor.zeros(DType.INT64, 2, 3);
    Tensor source = Tensor.ones(2, 3);
    fails(
        INDEX,
        "indexSelect|index 0|dim 0 of size 0",
        () -> none.indexSelect(0, Tensor.of(new int[1])));
    fails(INDEX, "gather|index 0|size 0", () -> none.gather(0, index));
    fails(INDEX, "scatter|index 0|size 0", () -> none.scatter(0, index, 1));
    fails(INDEX, "scatter|index 0|size 0", () -> none.scatter(0, index, source));
    fails(INDEX, "scatterAdd|index 0|size 0", () -> none.scatterAdd(0, index, source));
    fails(INDEX, "indexAdd|index 0|size 0", () -> none.indexAdd(0, Tensor.of(0, 0), source));
    fails(INDEX, "index|0|size 0", () -> none.get(Tensor.of(0, 0)));
    Tensor flat = Tensor.zeros(2, 0);
    fails(INDEX, "indexSelect|index 5|size 2", () -> flat.indexSelect(0, Tensor.of(1, 5)));
    fails(INDEX, "indexSelect|index -1|size 2", () -> flat.indexSelect(0, Tensor.of(1, -1)));
    fails(INDEX, "indexAdd|index 5|size 2", () -> flat.indexAdd(0, Tensor.of(1, 5), flat));
    Tensor scores = Tensor.zeros(3, 0);
    Tensor targets = Tensor.of(0, 1, 0);
    fails(INDEX, "nllLoss|no classes", () -> scores.nllLoss(targets, null, 1, Reduction.MEAN));
    fails(
        INDEX,
        "crossEntropy|no classes",
        () -> scores.crossEntropy(targets, null, -100, Reduction.SUM, 0));
    fails(INDEX, "stride|0-d", () -> Tensor.of(1).stride(0));
    return tests.stream();
  }

  /** No kernel runs on a tensor without elements, so there is none that could check later. */
  @TestFactory
  Stream<DynamicTest> indicesWithoutElementsOnADevice() {
    Device device = OpForwardTest.ORACLE;
    Tensor none = Tensor.zeros(0, 3).to(device);
    Tensor index = Tensor.zeros(DType.INT64, 2, 3).to(device);
    fails(INDEX, "gather|size 0", () -> none.gather(0, index));
    fails(INDEX, "scatter|size 0", () -> none.scatter(0, index, 1));
    fails(INDEX, "indexSelect|size 0", () -> none.indexSelect(0, index.select(0, 0)));
    fails(INDEX, "indexSelect|size 0", () -> none.get(index.select(0, 0)));
    Tensor flat = Tensor.zeros(2, 0).to(device);
    fails(INDEX, "indexSelect|index 5", () -> flat.indexSelect(0, index.select(0, 0).add(5)));
    return tests.stream();
  }

  @Test
  void withoutElementsTheIndicesThatFitAreTaken() {
    Tensor flat = Tensor.zeros(2, 0);
    assertEquals(Shape.of(3, 0), flat.indexSelect(0, Tensor.of(1, 0, 1)).shape());
    assertEquals(Shape.of(2, 0), flat.indexAdd(0, Tensor.of(1, 0), flat).shape());
    Tensor nothing = Tensor.zeros(DType.INT64, 0);
    assertEquals(Shape.of(0, 3), Tensor.zeros(0, 3).indexSelect(0, nothing).shape());
    Tensor ignored = Tensor.full(-100, 3);
    assertTrue(
        Double.isNaN(Tensor.zeros(3, 0).nllLoss(ignored, null, -100, Reduction.MEAN).item()));
  }

  @Test
  void stepsBeyondTheDimLeaveOneElement() {
    Tensor x = Tensor.arange(5);
    for (long step : new long[] {5, 7, 1L << 32, HUGE, Long.MAX_VALUE - 1, Long.MAX_VALUE}) {
      assertArrayEquals(new long[] {1}, x.slice(0, 1, 4, step).toLongArray(), "step " + step);
      assertArrayEquals(new long[] {0}, x.get("::" + step).toLongArray(), "step " + step);
      assertEquals(0, x.slice(0, 2, 2, step).numel());
      Tensor twice = Tensor.arange(20).reshape(4, 5).slice(0, 1, 4, step).slice(0, 0, 4, step);
      assertArrayEquals(new long[] {5, 6, 7, 8, 9}, twice.t().contiguous().toLongArray());
    }
    assertEquals(7, x.slice(0, 0, 5, 7).stride(0)); // as in PyTorch
    Tensor y = Tensor.arange(5);
    y.set(-1, "1:4:9223372036854775806");
    assertArrayEquals(new long[] {0, -1, 2, 3, 4}, y.toLongArray());
  }

  @Test
  void shapesAtTheLimitArePossible() {
    Tensor x = Tensor.ones(1).expand(HUGE);
    assertEquals(HUGE, x.numel());
    assertEquals(1, x.select(0, HUGE - 1).item());
    assertEquals(HUGE, x.view(1L << 29, 1L << 29).numel());
    assertEquals(Shape.of(0, HUGE), Tensor.zeros(0, HUGE).shape());
    assertEquals(0, Tensor.zeros(0, HUGE).slice(1, 5, HUGE, 3).select(1, 7).numel());
    assertEquals(HUGE, Shape.of(1L << 29, 1L << 29).numel());
    assertThrows(ARGUMENT, () -> Shape.of(1L << 32, 1L << 32).numel());
  }

  /** What fits in a shape and not in memory. */
  @Test
  void memoryThatIsNotThere() {
    Tensor x = Tensor.ones(1).expand(HUGE);
    String said = assertThrows(OutOfMemoryError.class, () -> x.add(1)).getMessage();
    assertTrue(said.contains("" + 4 * HUGE), said);
    assertEquals(2, Tensor.ones(1).add(1).item());
  }

  // ---- Java arrays

  @TestFactory
  Stream<DynamicTest> nestedArrays() {
    fails(ARGUMENT, "of|ragged|[1] has 2|0", () -> Tensor.of(new float[][] {{}, {1, 2}}));
    fails(ARGUMENT, "of|ragged|[0] has nothing", () -> Tensor.of(new float[][] {null, {1, 2}}));
    fails(ARGUMENT, "of|ragged|[1] has nothing", () -> Tensor.of(new float[][] {{}, null}));
    fails(ARGUMENT, "of|ragged|[0] has nothing", () -> Tensor.of(new long[][] {null}));
    fails(ARGUMENT, "of|ragged", () -> Tensor.of(new int[][][] {{}, {{1}}}));
    fails(ARGUMENT, "of|ragged", () -> Tensor.of(new int[][][] {{{}}, {{1}}}));
    fails(ARGUMENT, "of|ragged|[1] has 1", () -> Tensor.of(new double[][] {{1, 2}, {3}}));
    byte[][] rows = new byte[1 << 16][];
    Arrays.fill(rows, new byte[1 << 16]);
    fails(ARGUMENT, "of|(65536, 65536)", () -> Tensor.of(rows));
    Tensor deep = Tensor.zeros(ones(256, 1));
    fails(STATE, "toArray|255|256", deep::toArray);
    fails(STATE, "toArray|(2000000000000, 0)", () -> Tensor.zeros(2_000_000_000_000L, 0).toArray());
    fails(STATE, "toArray|(3000000000, 0)", () -> Tensor.zeros(3_000_000_000L, 0).toArray());
    fails(STATE, "toByteArray|800000000", () -> expanded(800_000_000L).toByteArray());
    fails(STATE, "toFloatArray|3000000000", () -> expanded(3_000_000_000L).toFloatArray());
    return tests.stream();
  }

  private static long[] ones(int rank, long last) {
    long[] sizes = new long[rank];
    Arrays.fill(sizes, 1);
    sizes[rank - 1] = last;
    return sizes;
  }

  @Test
  void nestedArraysWithoutElements() {
    assertEquals(Shape.of(2, 0), Tensor.of(new float[2][0]).shape());
    assertEquals(Shape.of(0, 0), Tensor.of(new float[0][3]).shape());
    assertEquals(Shape.of(2, 1, 0), Tensor.of(new int[2][1][0]).shape());
    assertArrayEquals(new float[2][0], (float[][]) Tensor.zeros(2, 0).toArray());
    assertEquals(0, ((float[][][]) Tensor.zeros(0, 3_000_000_000L, 5).toArray()).length);
    assertArrayEquals(
        new long[][][] {{{1}, {2}}}, (long[][][]) Tensor.of(new long[][][] {{{1}, {2}}}).toArray());
  }

  @Test
  void asManyDimsAsJavaHas() {
    Tensor deep = Tensor.arange(3).reshape(ones(255, 3));
    Tensor back = Tensor.of(deep.toArray());
    assertEquals(deep.shape(), back.shape());
    assertTrue(back.equal(deep));
  }
}
