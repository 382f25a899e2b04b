package dev.flambeau.inplace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.DType;
import dev.flambeau.Reduction;
import dev.flambeau.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * In which order results lie in memory: as PyTorch 1.13's do, since that decides whether a later
 * reshape is a view of them or a copy.
 */
class MemoryOrderTest {
  // With gaps; the strides that PyTorch gives results of one of them alone stand beside.
  private static final Tensor GAPS = Tensor.arange(48).toFloat().view(4, 12).slice(1, 0, 12, 2);
  private static final Tensor T = GAPS.t(); // (6, 4)
  private static final Tensor P =
      Tensor.arange(120).toFloat().view(4, 5, 6).slice(2, 0, 6, 2).permute(2, 0, 1);
  private static final Tensor DENSE = Tensor.arange(24).toFloat().view(4, 6).t();
  private static final Tensor ROWS = Tensor.ones(6, 4);
  private static final Tensor REPEATED = Tensor.arange(6).toFloat().view(6, 1).expand(6, 4);
  private static final Tensor REPEATED_ROW = Tensor.arange(4).toFloat().expand(6, 4);

  private static final Map<Tensor, long[]> KEPT = new LinkedHashMap<>();

  static {
    KEPT.put(T, new long[] {1, 6});
    KEPT.put(P, new long[] {1, 15, 3});
    KEPT.put(DENSE, new long[] {1, 6});
    KEPT.put(REPEATED, new long[] {4, 1});
    KEPT.put(REPEATED_ROW, new long[] {4, 1});
  }

  @TestFactory
  Stream<DynamicTest> ofOneOperand() {
    Map<String, UnaryOperator<Tensor>> ops = new LinkedHashMap<>();
    ops.put("exp", Tensor::exp);
    ops.put("neg", Tensor::neg);
    ops.put("relu", Tensor::relu);
    ops.put("add", x -> x.add(1));
    ops.put("gt", x -> x.gt(1));
    ops.put("clamp", x -> x.clamp(1, 2));
    ops.put("copy", Tensor::copy);
    ops.put("toDouble", Tensor::toDouble);
    ops.put("toLong", Tensor::toLong);
    ops.put("zerosLike", Tensor::zerosLike);
    ops.put("gelu", Tensor::gelu);
    ops.put("pow", x -> x.pow(2));
    ops.put("dropout", x -> x.dropout(0.5, true));
    ops.put("isnan", Tensor::isnan);
    ops.put("hardsigmoid", Tensor::hardsigmoid);
    ops.put("add of itself", x -> x.add(x));
    ops.put("where of itself", x -> Tensor.where(x.gt(3), x, x));
    ops.put("flip", x -> x.flip(0));
    List<DynamicTest> tests = new ArrayList<>();
    ops.forEach(
        (name, op) ->
            tests.add(
                DynamicTest.dynamicTest(
                    name,
                    () ->
                        KEPT.forEach(
                            (x, strides) -> assertArrayEquals(strides, op.apply(x).stride())))));
    Map<String, UnaryOperator<Tensor>> rows = new LinkedHashMap<>();
    rows.put("softmax", x -> x.softmax(-1));
    rows.put("maskedFill", x -> x.maskedFill(x.gt(2), 1));
    rows.put("cat", x -> Tensor.cat(List.of(x), 0));
    rows.forEach(
        (name, op) ->
            tests.add(
                DynamicTest.dynamicTest(
                    name, () -> KEPT.forEach((x, s) -> assertTrue(op.apply(x).isContiguous())))));
    return tests.stream();
  }

  private static void two(Tensor a, Tensor b, long... strides) {
    List<BinaryOperator<Tensor>> ops =
        List.of(
            Tensor::add,
            Tensor::mul,
            Tensor::gt,
            Tensor::maximum,
            (x, y) -> Tensor.where(x.gt(0), y, y.add(0)));
    for (BinaryOperator<Tensor> op : ops) {
      Tensor y = op.apply(a, b);
      assertArrayEquals(strides, y.stride());
      Tensor same = op.apply(a.contiguous().copy(), b.contiguous().copy());
      assertTrue(same.equal(y), y::toString);
    }
    if (a.shape().equals(b.shape())) {
      assertArrayEquals(strides, a.mseLoss(b, Reduction.NONE).stride());
      assertTrue(a.sub(b).square().equal(a.mseLoss(b, Reduction.NONE)));
      assertEquals(
          a.contiguous().l1Loss(b.contiguous(), Reduction.MEAN).item(),
          a.l1Loss(b, Reduction.MEAN).item());
    }
  }

  @Test
  void ofTwoOperands() {
    two(T, ROWS, 1, 6);
    two(ROWS, T, 4, 1);
    two(DENSE, ROWS, 1, 6);
    two(ROWS, DENSE, 4, 1);
    two(T, DENSE, 1, 6);
    two(T, T, 1, 6);
    two(T, REPEATED, 1, 6);
    two(REPEATED, ROWS, 4, 1);
    two(REPEATED, REPEATED_ROW, 4, 1);
    two(DENSE, REPEATED, 1, 6);
    two(T, Tensor.of(2f), 1, 6);
    two(T, Tensor.ones(4), 1, 6);
    two(Tensor.ones(4), T, 1, 6);
    two(Tensor.ones(6, 1), DENSE, 1, 6);
    two(T, Tensor.ones(2, 6, 4), 24, 1, 6);
    two(Tensor.ones(2, 6, 4), T, 24, 4, 1);
    two(T, Tensor.ones(2, 1, 1), 24, 1, 6);
    two(Tensor.ones(4), Tensor.ones(6, 1), 4, 1);
    // The condition comes first: it is repeated nowhere, and lies in rows.
    assertArrayEquals(new long[] {1, 6}, REPEATED.add(T).stride());
    assertArrayEquals(new long[] {4, 1}, Tensor.where(REPEATED.gt(0), REPEATED, T).stride());
  }

  @Test
  void decidesBetweenViewAndCopy() {
    Tensor y = T.mul(2);
    y.t().view(24).zero_();
    assertEquals(0, y.abs().max().item());
    assertThrows(IllegalArgumentException.class, () -> y.view(24));
    Tensor halves = T.to(DType.FLOAT64).neg();
    halves.t().reshape(24).fill_(7);
    assertEquals(7, halves.min().item());
  }
}
