package dev.flambeau;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a tensor is: factories, values in and out, views, indexing, use after release. */
@Tag("kernels")
class TensorTest {
  @Test
  void factoriesTakeLiteralsAsPyTorchDoes() {
    assertEquals("tensor([1, 2, 3])", Tensor.of(1, 2, 3).toString());
    assertEquals("tensor([1., 2.])", Tensor.of(1.0, 2.0).toString());
    assertEquals("tensor(3)", Tensor.of(3).toString());
    assertEquals("tensor(True)", Tensor.of(true).toString());
    Tensor m = Tensor.of(new double[][] {{1, 2}, {3, 4}});
    assertEquals("tensor([[1., 2.],\n        [3., 4.]])", m.toString());
    assertEquals("torch.Size([2, 2])", m.shape().toString());
    assertEquals(DType.FLOAT32, m.dtype());
    assertEquals(DType.FLOAT64, Tensor.of(DType.FLOAT64, new int[] {1}).dtype());
    assertArrayEquals(new float[][] {{1, 2}, {3, 4}}, (float[][]) m.toArray());
  }

  @Test
  void raggedArraysAreRefusedWithTheIndex() {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Tensor.of(new int[][][] {{{1}, {2}}, {{3}, {4, 5}}}));
    assertTrue(e.getMessage().contains("[1, 1] has 2 elements where 1"), e.getMessage());
  }

  @Test
  void aBufferIsShared() {
    ByteBuffer b = ByteBuffer.allocateDirect(32).order(ByteOrder.nativeOrder());
    b.asLongBuffer().put(new long[] {4, 5, 6, 7});
    Tensor t = Tensor.fromBuffer(b, DType.INT64, 3);
    b.putLong(0, 99);
    assertEquals("tensor([99,  5,  6])", t.toString());
    t.add_(1);
    assertEquals(100, b.getLong(0));
    assertThrows(IllegalArgumentException.class, () -> Tensor.fromBuffer(b, DType.INT64, 5));
  }

  @Test
  void arithmeticBroadcastsAndPromotes() {
    Tensor a = Tensor.of(1, 2, 3);
    assertEquals("tensor([1.5000, 2.5000, 3.5000])", a.add(0.5).toString());
    assertEquals("tensor([2, 3, 4])", a.add(1).toString());
    assertEquals("tensor([0.5000, 1.0000, 1.5000])", a.div(2).toString());
    assertEquals(
        "tensor([[2, 3, 4],\n        [3, 4, 5]])",
        a.add(Tensor.of(new int[][] {{1}, {2}})).toString());
    assertEquals("tensor(32)", a.matmul(Tensor.of(4, 5, 6)).toString());
    assertEquals("tensor([ True, False, False])", a.lt(2).toString());
  }

  @Test
  void viewsShareMemoryAndStridesFollow() {
    Tensor x = Tensor.arange(24).reshape(2, 3, 4);
    assertArrayEquals(new long[] {12, 4, 1}, x.stride());
    Tensor t = x.transpose(0, 2);
    assertFalse(t.isContiguous());
    assertTrue(t.isSameStorage(x));
    assertEquals(23, t.get(3, 2, 1).itemLong());
    assertEquals(x.get("1, :, ::2").sum().itemLong(), 12 + 14 + 16 + 18 + 20 + 22);
    x.select(0, 0).fill_(7);
    assertEquals(7, t.get(0, 0, 0).itemLong());
    assertEquals("tensor([23, 22])", x.flatten().flip(0).get("0:2").toString());
    assertEquals(
        "tensor([[ 0,  2],\n        [12, 14]])",
        Tensor.arange(24)
            .reshape(2, 3, 4)
            .get(Index.all(), Index.at(0), Tensor.of(0, 2))
            .toString());
    Tensor y = Tensor.zeros(3, 3);
    y.set(5, Tensor.of(0, 2), Tensor.of(1, 2));
    assertEquals(
        "tensor([[0., 5., 0.],\n        [0., 0., 0.],\n        [0., 0., 5.]])", y.toString());
  }

  @Test
  void useAfterReleaseSaysWhy() {
    Tensor x = Tensor.ones(2);
    x.close();
    var e = assertThrows(IllegalStateException.class, x::relu);
    assertTrue(e.getMessage().contains("close()"), e.getMessage());
    Tensor inside;
    Tensor kept;
    try (var s = Scope.open()) {
      inside = Tensor.ones(2).add(1);
      kept = s.keep(inside.mul(3));
    }
    assertEquals("tensor([6., 6.])", kept.toString());
    var f = assertThrows(IllegalStateException.class, inside::relu);
    assertTrue(f.getMessage().contains("keep"), f.getMessage());
  }

  @Test
  void randomNumbersArePyTorchs() {
    Flambeau.manualSeed(42);
    assertEquals("tensor([0.8823, 0.9150, 0.3829])", Tensor.rand(3).toString());
    Flambeau.manualSeed(42);
    assertEquals("tensor([2, 6, 1, 8, 4, 5, 0, 9, 3, 7])", Tensor.randperm(10).toString());
    Flambeau.manualSeed(42);
    assertEquals(
        "tensor([42, 67, 76, 14, 26, 35, 20, 24, 50, 13])", Tensor.randint(0, 100, 10).toString());
    try (var use = Rng.use(new Rng(42))) {
      assertEquals("tensor([0.3367, 0.1288, 0.2345])", Tensor.randn(3).toString());
    }
  }

  @Test
  void missingDevicesSayWhatIsMissing() {
    var e = assertThrows(IllegalStateException.class, () -> Device.cuda(0));
    assertTrue(e.getMessage().contains("flambeau-cuda-native"), e.getMessage());
    assertTrue(Backends.report().contains("cuda: "), Backends.report());
  }
}
