package dev.flambeau.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.Device;
import dev.flambeau.Reduction;
import dev.flambeau.Tensor;
import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a device does beside computing: memory, copies, late errors, random numbers. */
class EmulatedDeviceTest {
  private final CudaBackend backend = new CudaBackend();
  private Kernels kernels;
  private Memory memory;

  @BeforeEach
  void open() {
    assertTrue(backend.availability().available(), () -> backend.availability().reason());
    kernels = backend.kernels(0);
    memory = backend.memory(0);
  }

  @AfterEach
  void synchronous() {
    CudaKernels.turn(CudaKernels.SYNC, 1);
  }

  // ---- memory

  @Test
  void blocksComeBack() {
    long live = memory.liveBytes();
    long first = memory.allocate(1000);
    assertEquals(0, first % 512);
    assertEquals(live + 1000, memory.liveBytes());
    memory.free(first, 1000);
    assertEquals(live, memory.liveBytes());
    assertEquals(first, memory.allocate(1000), "the block given back serves again");
    memory.free(first, 1000);
  }

  @Test
  void aWarmProgramAsksTheDeviceForNothing() {
    long[] sizes = {100, 5000, 600_000, 3 << 20, 12 << 20, 30 << 20};
    long[] blocks = new long[sizes.length];
    long warm = 0;
    for (int round = 0; round < 20; round++) {
      for (int i = 0; i < sizes.length; i++) {
        blocks[i] = memory.allocate(sizes[i]);
        assertNotEquals(0, blocks[i]);
      }
      for (int i = 0; i < sizes.length; i++) {
        memory.free(blocks[i], sizes[i]);
      }
      warm = round == 0 ? CudaKernels.deviceAllocations() : warm;
    }
    assertEquals(warm, CudaKernels.deviceAllocations());
    assertTrue(memory.cachedBytes() >= 45 << 20);
    memory.trim();
    assertTrue(memory.cachedBytes() < 45 << 20);
  }

  @Test
  void neighboursGrowTogetherAgain() {
    long a = memory.allocate(1 << 20);
    long b = memory.allocate(512);
    memory.free(a, 1 << 20);
    memory.free(b, 512);
    long before = CudaKernels.deviceAllocations();
    long whole = memory.allocate(1 << 20);
    assertEquals(before, CudaKernels.deviceAllocations());
    memory.free(whole, 1 << 20);
  }

  @Test
  void whenMemoryRunsOutItSaysWhoHoldsIt() {
    long held = memory.allocate(3 << 20);
    assertEquals(0, memory.allocate(1L << 45));
    String reason = memory.shortage();
    assertTrue(reason.contains("GPU 0 has") && reason.contains("1 x 3.0 MB"), reason);
    memory.free(held, 3 << 20);
  }

  // ---- copies

  @Test
  void copiesOfManyPieces() {
    float[] all = new float[3_000_001]; // 12 MB: six pieces
    for (int i = 0; i < all.length; i++) {
      all[i] = i * 0.5f;
    }
    long block = memory.allocate(4L * all.length);
    memory.upload(block, all);
    float[] back = new float[all.length];
    memory.download(back, block);
    assertArrayEquals(all, back);
    assertEquals(1_500_000.0, memory.readDouble(Kernels.FLOAT32, block + 4L * 3_000_000));

    ByteBuffer host = ByteBuffer.allocateDirect(4 * all.length).order(ByteOrder.nativeOrder());
    memory.download(memory.addressOf(host), block, 4L * all.length);
    assertEquals(all[2_999_999], host.getFloat(4 * 2_999_999));
    host.putFloat(4 * 7, -1);
    memory.uploadBeside(block, memory.addressOf(host), 4L * all.length);
    memory.join();
    assertEquals(-1, memory.readDouble(Kernels.FLOAT32, block + 4 * 7));
    memory.free(block, 4L * all.length);
  }

  @Test
  void copiesBySeveralThreads() {
    int threads = kernels.threads();
    byte[] all = new byte[(40 << 20) + 4321];
    new Random(0).nextBytes(all);
    ByteBuffer host = ByteBuffer.allocateDirect(all.length).put(all);
    ByteBuffer back = ByteBuffer.allocateDirect(all.length);
    long block = memory.allocate(all.length);
    try {
      for (int count : new int[] {1, 2, 5, 100}) {
        assertEquals(Kernels.OK, kernels.setThreads(count));
        assertEquals(Math.min(count, 8), kernels.threads());
        memory.upload(block, memory.addressOf(host), all.length);
        memory.download(memory.addressOf(back), block, all.length);
        assertEquals(-1, host.rewind().mismatch(back.rewind()), count + " threads");
        assertEquals(Kernels.OK, kernels.fill(Kernels.UINT8, all.length, block, 0));
        memory.uploadBeside(block, memory.addressOf(host), all.length);
        memory.join();
        memory.download(memory.addressOf(back.put(0, (byte) ~all[0])), block, all.length);
        assertEquals(-1, host.rewind().mismatch(back.rewind()), count + " threads, beside");
      }
      assertNotEquals(Kernels.OK, kernels.setThreads(0));
    } finally {
      kernels.setThreads(threads);
      memory.free(block, all.length);
    }
  }

  @Test
  void everyArrayType() {
    long block = memory.allocate(64);
    memory.upload(block, new boolean[] {true, false, true});
    boolean[] bools = new boolean[3];
    memory.download(bools, block);
    assertTrue(bools[0] && !bools[1] && bools[2]);
    memory.upload(block, new long[] {Long.MIN_VALUE, 7});
    assertEquals(Long.MIN_VALUE, memory.readLong(Kernels.INT64, block));
    memory.upload(block, new double[] {Math.PI});
    assertEquals(Math.PI, memory.readDouble(Kernels.FLOAT64, block));
    memory.upload(block, new int[] {-5});
    assertEquals(-5, memory.readLong(Kernels.INT32, block));
    memory.upload(block, new byte[] {(byte) 200});
    assertEquals(200, memory.readLong(Kernels.UINT8, block));
    memory.free(block, 64);
  }

  // ---- what goes wrong on the device

  /** x[5] of three elements: reported by the next call that waits, or notices. */
  private int badGather(long x, long y) {
    memory.upload(y, new long[] {5});
    return kernels.gather(Kernels.FLOAT32, 1, 3, 1, 1, x, y, y + 64);
  }

  @Test
  void anErrorComesWithTheOpsName() {
    CudaKernels.turn(CudaKernels.SYNC, 0);
    long x = memory.allocate(512);
    long y = memory.allocate(512);
    assertEquals(Kernels.OK, badGather(x, y), "queued, and not known to have run");
    assertEquals(Kernels.BAD_INDEX, kernels.fill(Kernels.FLOAT32, 1, y, 0));
    assertTrue(
        kernels.lastError().startsWith("gather: index 5 is out of range"), kernels::lastError);
    assertEquals(Kernels.OK, kernels.fill(Kernels.FLOAT32, 1, y, 0), "told once");

    badGather(x, y);
    IndexOutOfBoundsException e =
        assertThrows(IndexOutOfBoundsException.class, () -> memory.readDouble(Kernels.FLOAT32, x));
    assertTrue(e.getMessage().startsWith("gather: index 5"), e.getMessage());

    badGather(x, y);
    assertEquals(Kernels.BAD_INDEX, kernels.synchronize());
    assertEquals(Kernels.OK, kernels.synchronize());

    CudaKernels.turn(CudaKernels.SYNC, 1);
    assertEquals(Kernels.BAD_INDEX, badGather(x, y), "the call itself tells");
    memory.free(x, 512);
    memory.free(y, 512);
  }

  @Test
  void whatIsNoProbabilityIsTold() {
    Device gpu = new Device("cuda", 0);
    Tensor p = Tensor.of(0.5, 1.5).to(gpu);
    Tensor t = Tensor.ones(2).to(gpu);
    CudaKernels.turn(CudaKernels.SYNC, 0);
    p.bceLoss(t, Reduction.NONE);
    String said = assertThrows(IllegalArgumentException.class, gpu::synchronize).getMessage();
    assertTrue(said.startsWith("bceLoss: all inputs must be probabilities in [0, 1] ("), said);
    p.bernoulli();
    said = assertThrows(IllegalArgumentException.class, () -> p.sum().item()).getMessage();
    assertTrue(said.startsWith("bernoulli: all inputs must be probabilities"), said);
    Tensor far = Tensor.of(1, 5).to(gpu);
    far.oneHot(5);
    said = assertThrows(IndexOutOfBoundsException.class, gpu::synchronize).getMessage();
    assertTrue(said.startsWith("scatter: index 5 is out of range"), said);
    t.get(far);
    said = assertThrows(IndexOutOfBoundsException.class, gpu::synchronize).getMessage();
    assertTrue(said.startsWith("indexSelect: index 5 is out of range"), said);
    gpu.synchronize();
  }

  // ---- random numbers

  private long state() {
    if (host == null) {
      host = ByteBuffer.allocateDirect(Kernels.RANDOM_STATE_BYTES);
    }
    return memory.addressOf(host);
  }

  private ByteBuffer host;

  private double[] draw(int kind, int n, int offset, double p, double q) {
    long block = memory.allocate(4L * n + 64);
    long y = block + 4L * offset; // not where a pack of four may be written
    int status =
        kernels.random(
            kind,
            Kernels.FLOAT32,
            n,
            state(),
            0,
            y,
            Double.doubleToRawLongBits(p),
            Double.doubleToRawLongBits(q));
    assertEquals(Kernels.OK, status);
    float[] floats = new float[n];
    memory.download(floats, y);
    memory.free(block, 4L * n + 64);
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] = floats[i];
    }
    return values;
  }

  @Test
  void aSeedGivesItsNumbersWhereverTheyLie() {
    kernels.randomSeed(state(), 42);
    double[] first = draw(Kernels.UNIFORM, 10_001, 0, 0, 1);
    double[] second = draw(Kernels.UNIFORM, 10_001, 0, 0, 1);
    assertFalse(Arrays.equals(first, second));
    kernels.randomSeed(state(), 42);
    assertArrayEquals(first, draw(Kernels.UNIFORM, 10_001, 1, 0, 1));
    assertArrayEquals(Arrays.copyOf(second, 77), draw(Kernels.UNIFORM, 77, 3, 0, 1));
  }

  @Test
  void numbersAreDistributedAsTheyShould() {
    kernels.randomSeed(state(), 7);
    int n = 100_000;
    double[] u = draw(Kernels.UNIFORM, n, 0, -1, 3);
    assertTrue(Arrays.stream(u).allMatch(v -> v >= -1 && v < 3));
    assertEquals(1, Arrays.stream(u).average().orElseThrow(), 5 * 4 / Math.sqrt(12.0 * n));
    double[] z = draw(Kernels.NORMAL, n, 0, 2, 3);
    double mean = Arrays.stream(z).average().orElseThrow();
    assertEquals(2, mean, 5 * 3 / Math.sqrt(n));
    double variance = Arrays.stream(z).map(v -> (v - mean) * (v - mean)).sum() / n;
    assertEquals(9, variance, 5 * 9 * Math.sqrt(2.0 / n));
    assertEquals(
        0.3, Arrays.stream(draw(Kernels.BERNOULLI, n, 0, 0.3, 0)).average().orElseThrow(), 0.01);
    double[] integers = drawIntegers(n, 10, 6);
    assertTrue(Arrays.stream(integers).allMatch(v -> v >= 10 && v < 16 && v == Math.rint(v)));
    assertEquals(12.5, Arrays.stream(integers).average().orElseThrow(), 0.05);
  }

  private double[] drawIntegers(int n, long from, long range) {
    return draw(
        Kernels.INTEGERS, n, 0, Double.longBitsToDouble(from), Double.longBitsToDouble(range));
  }

  @Test
  void permutationsHoldEveryNumberOnce() {
    for (int n : new int[] {1, 2, 1000, 1024, 20_011}) {
      kernels.randomSeed(state(), 5);
      long[] first = permutation(n);
      long[] second = permutation(n);
      assertEquals(n < 3, Arrays.equals(first, second) || n == 2, "another one each time");
      kernels.randomSeed(state(), 5);
      assertArrayEquals(first, permutation(n), "a seed gives its permutation");
      // as many above their place as below it, roughly
      long above = 0;
      for (int i = 0; i < n; i++) {
        above += first[i] > i ? 1 : 0;
      }
      assertEquals(n / 2.0, above, 1 + 3 * Math.sqrt(n));
      Arrays.sort(first);
      for (int i = 0; i < n; i++) {
        assertEquals(i, first[i]);
      }
    }
  }

  private long[] permutation(int n) {
    long block = memory.allocate(8L * n);
    assertEquals(
        Kernels.OK, kernels.random(Kernels.PERMUTATION, Kernels.INT64, n, state(), 0, block, 0, 0));
    long[] order = new long[n];
    memory.download(order, block);
    memory.free(block, 8L * n);
    return order;
  }

  @Test
  void aMaskIsDrawnAgain() {
    int n = 1000;
    long block = memory.allocate(12L * n);
    float[] ones = new float[n];
    Arrays.fill(ones, 1);
    memory.upload(block, ones);
    float[] y = new float[n];
    float[] again = new float[n];
    assertEquals(
        Kernels.OK, kernels.dropout(Kernels.FLOAT32, n, block, block + 4L * n, 3, 9, 0.25));
    assertEquals(
        Kernels.OK, kernels.dropout(Kernels.FLOAT32, n, block, block + 8L * n, 3, 9, 0.25));
    memory.download(y, block + 4L * n);
    memory.download(again, block + 8L * n);
    assertArrayEquals(y, again);
    // and the same one where nothing lies on a multiple of 16
    int less = n - 3;
    assertEquals(
        Kernels.OK,
        kernels.dropout(Kernels.FLOAT32, less, block + 4, block + 8L * n + 8, 3, 9, 0.25));
    memory.download(again, block + 8L * n + 8);
    assertArrayEquals(Arrays.copyOf(y, less), Arrays.copyOf(again, less));
    int kept = 0;
    for (float v : y) {
      assertTrue(v == 0 || v == 1 / 0.75f);
      kept += v == 0 ? 0 : 1;
    }
    assertEquals(750, kept, 70);
    memory.free(block, 12L * n);
  }
}
