package dev.flambeau;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.optim.SGD;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
  void aReadOnlyBufferIsReadAndNeverWritten(@TempDir Path dir) throws IOException {
    ByteBuffer b = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
    Tensor t =
        Tensor.fromBuffer(b.asReadOnlyBuffer().order(ByteOrder.nativeOrder()), DType.FLOAT32, 2);
    b.putFloat(0, 5);
    assertEquals(5, t.sum().item());
    for (Consumer<Tensor> change :
        List.<Consumer<Tensor>>of(
            x -> x.fill_(3.0),
            Tensor::zero_,
            x -> x.add_(1),
            Tensor::exp_,
            x -> x.copy_(Tensor.ones(2)),
            x -> x.narrow(0, 0, 1).mul_(2),
            x -> x.uniform_(0, 1),
            x -> x.set(1.0, 0))) {
      var e = assertThrows(IllegalStateException.class, () -> change.accept(t));
      assertTrue(e.getMessage().contains(": this tensor shares"), e.getMessage());
      assertTrue(e.getMessage().contains("change a copy()"), e.getMessage());
      assertEquals(5, b.getFloat(0));
      assertEquals(0, b.getFloat(4));
    }
    Tensor parameter = t.detach().requiresGrad_();
    parameter.sum().backward();
    var step = new SGD(List.of(parameter), 1);
    assertThrows(IllegalStateException.class, step::step);
    assertEquals(5, b.getFloat(0));

    Path file = Files.write(dir.resolve("data"), new byte[4096]);
    try (FileChannel in = FileChannel.open(file)) {
      Tensor x =
          Tensor.fromBuffer(
              in.map(FileChannel.MapMode.READ_ONLY, 0, 4096).order(ByteOrder.nativeOrder()),
              DType.FLOAT32,
              1024);
      assertEquals(0, x.sum().item());
      assertThrows(IllegalStateException.class, () -> x.add_(1.0)); // would be a SIGSEGV
      assertEquals(1024, x.copy().add_(1.0).sum().item());
    }
  }

  @Test
  void bytesOfABoolAreZeroOrOne() {
    ByteBuffer b = ByteBuffer.allocateDirect(4).put(0, (byte) 7).put(1, (byte) 1).put(3, (byte) -1);
    Tensor t = Tensor.fromBuffer(b, DType.BOOL, 3);
    assertEquals(2, t.sum().itemLong());
    assertTrue(t.eq(Tensor.of(true, true, false)).all().itemBoolean());
    assertEquals(1, b.get(0), "in the buffer");
    assertEquals(-1, b.get(3), "beyond the tensor");
    ByteBuffer read = b.asReadOnlyBuffer();
    assertEquals(2, Tensor.fromBuffer(read, DType.BOOL, 3).sum().itemLong());
    var e =
        assertThrows(IllegalArgumentException.class, () -> Tensor.fromBuffer(read, DType.BOOL, 4));
    assertTrue(e.getMessage().contains("this read-only buffer has 255"), e.getMessage());
    assertEquals(0, Tensor.fromBuffer(read, DType.BOOL, 0).numel());
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
