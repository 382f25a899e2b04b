package dev.flambeau.spi.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.Memory;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Memory, threads, and what a backend reports of itself. */
abstract class MemoryContract {
  private static final int THREADS = 4;

  @Test
  void arraysGoThereAndBack() {
    Memory memory = DifferentialCheck.memory();
    for (int n : Samples.SIZES) {
      long block = memory.allocate(8L * n);
      assertNotEquals(0, block);
      assertEquals(0, block % 64, "blocks are aligned to 64");
      double[] doubles = Samples.ordinary(Kernels.FLOAT64, n, 1);
      memory.upload(block, doubles);
      double[] back = new double[n];
      memory.download(back, block);
      assertArrayEquals(doubles, back);
      float[] floats = new float[n];
      int[] ints = new int[n];
      long[] longs = new long[n];
      byte[] bytes = new byte[n];
      boolean[] bools = new boolean[n];
      for (int i = 0; i < n; i++) {
        floats[i] = (float) doubles[i];
        ints[i] = i - 5;
        longs[i] = i + (1L << 60);
        bytes[i] = (byte) i;
        bools[i] = i % 3 == 0;
      }
      memory.upload(block, floats);
      float[] floatsBack = new float[n];
      memory.download(floatsBack, block);
      assertArrayEquals(floats, floatsBack);
      memory.upload(block, ints);
      int[] intsBack = new int[n];
      memory.download(intsBack, block);
      assertArrayEquals(ints, intsBack);
      memory.upload(block, longs);
      long[] longsBack = new long[n];
      memory.download(longsBack, block);
      assertArrayEquals(longs, longsBack);
      memory.upload(block, bytes);
      byte[] bytesBack = new byte[n];
      memory.download(bytesBack, block);
      assertArrayEquals(bytes, bytesBack);
      memory.upload(block, bools);
      boolean[] boolsBack = new boolean[n];
      memory.download(boolsBack, block);
      assertArrayEquals(bools, boolsBack);
      memory.free(block, 8L * n);
    }
  }

  @Test
  void bytesGoToAndFromHostMemory() {
    Memory memory = DifferentialCheck.memory();
    ByteBuffer host = ByteBuffer.allocateDirect(1 << 20).order(ByteOrder.nativeOrder());
    long address = memory.addressOf(host);
    long block = memory.allocate(host.capacity());
    for (int bytes : new int[] {1, 7, 4096, host.capacity()}) {
      for (boolean beside : new boolean[] {false, true}) {
        byte[] sent = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
          sent[i] = (byte) (i * 31 + bytes);
        }
        host.put(0, sent);
        if (beside) {
          memory.uploadBeside(block, address, bytes);
          memory.join();
        } else {
          memory.upload(block, address, bytes);
        }
        host.put(0, new byte[bytes]);
        byte[] back = new byte[bytes];
        memory.download(back, block);
        assertArrayEquals(sent, back);
        memory.download(address, block, bytes);
        host.get(0, back);
        assertArrayEquals(sent, back);
      }
    }
    memory.free(block, host.capacity());
    Reference.reachabilityFence(host);
  }

  @Test
  void whatIsTheHostsIsHostMemory() {
    Memory memory = DifferentialCheck.memory();
    if (memory.isHost()) {
      long from = memory.allocate(64);
      long to = memory.allocate(64);
      memory.upload(from, new long[] {7, 8});
      memory.upload(to, from, 16);
      long[] back = new long[2];
      memory.download(back, to);
      assertArrayEquals(new long[] {7, 8}, back);
      memory.free(from, 64);
      memory.free(to, 64);
    }
  }

  @Test
  void singleElementsAreRead() {
    Memory memory = DifferentialCheck.memory();
    long block = memory.allocate(64);
    memory.upload(block, new float[] {1.5f, -2.5f});
    assertEquals(-2.5, memory.readDouble(Kernels.FLOAT32, block + 4));
    memory.upload(block, new double[] {0.1});
    assertEquals(0.1, memory.readDouble(Kernels.FLOAT64, block));
    memory.upload(block, new long[] {(1L << 53) + 1});
    assertEquals((1L << 53) + 1, memory.readLong(Kernels.INT64, block));
    memory.upload(block, new int[] {-7});
    assertEquals(-7, memory.readLong(Kernels.INT32, block));
    assertEquals(-7, memory.readDouble(Kernels.INT32, block));
    memory.upload(block, new byte[] {(byte) 200});
    assertEquals(200, memory.readLong(Kernels.UINT8, block));
    memory.upload(block, new boolean[] {true, false});
    assertEquals(1, memory.readLong(Kernels.BOOL, block));
    assertEquals(0, memory.readDouble(Kernels.BOOL, block + 1));
    memory.free(block, 64);
  }

  @Test
  void liveBytesAreCounted() {
    Memory memory = DifferentialCheck.memory();
    long before = memory.liveBytes();
    long small = memory.allocate(100);
    long large = memory.allocate(5_000_000);
    assertEquals(before + 5_000_100, memory.liveBytes());
    memory.free(small, 100);
    memory.free(large, 5_000_000);
    assertEquals(before, memory.liveBytes());
    memory.trim();
    assertTrue(memory.cachedBytes() >= 0);
    assertTrue(memory.totalBytes() >= 0);
  }

  @Test
  void tooMuchMemoryIsAnAnswer() {
    Memory memory = DifferentialCheck.memory();
    assertEquals(0, memory.allocate(1L << 60));
    assertNotNull(memory.shortage());
    long after = memory.allocate(64);
    assertNotEquals(0, after);
    memory.free(after, 64);
  }

  @Test
  void settingsAreReported() {
    Kernels kernels = DifferentialCheck.kernels();
    assertEquals(Kernels.OK, kernels.synchronize());
    assertTrue(kernels.describe().length() > 0 && kernels.describe().indexOf('\n') < 0);
    kernels.setThreads(1);
    assertEquals(1, kernels.threads());
    kernels.setThreads(2);
    assertEquals(2, kernels.threads());
  }

  @Test
  void manyThreadsComputeAtOnce() throws Exception {
    DifferentialCheck.kernels().setThreads(2);
    double expected = sumOfProduct(7);
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    try {
      List<Callable<Void>> work = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        work.add(
            () -> {
              for (int round = 0; round < 50; round++) {
                assertEquals(expected, sumOfProduct(7));
              }
              return null;
            });
      }
      for (Future<Void> done : pool.invokeAll(work, 60, TimeUnit.SECONDS)) {
        done.get();
      }
    } finally {
      pool.shutdownNow();
    }
  }

  /**
   * What one thread checks and uses, another one may write meanwhile: values are then anyone's, but
   * nothing ends the process, and nothing beside the result is written.
   */
  @Test
  void operandsMayChangeMeanwhile() throws Exception {
    int n = 20_000; // so that there is time between the check and the use
    int whole = Kernels.INT64;
    for (int wrong : new int[] {0, 1 << 30}) { // a divisor; an index
      try (DifferentialCheck check = DifferentialCheck.open()) {
        var changing = check.ofLongs(whole, LongStream.generate(() -> 7).limit(n).toArray());
        var x = check.ofLongs(whole, LongStream.generate(() -> 100).limit(n).toArray());
        var y = check.output(whole, n);
        AtomicBoolean done = new AtomicBoolean();
        Thread writer =
            new Thread(
                () -> {
                  long at = changing.subject() + 8L * (n - 1);
                  while (!done.get()) {
                    check.subject().fill(whole, 1, at, wrong);
                    check.subject().fill(whole, 1, at, 7);
                  }
                });
        writer.start();
        for (long end = System.nanoTime() + 300_000_000L; System.nanoTime() < end; ) {
          int status =
              check.subject(
                  (k, s) ->
                      wrong == 0
                          ? k.binary(Kernels.REMAINDER, whole, n, s.at(x), s.at(changing), s.at(y))
                          : k.gather(whole, 1, n, n, 1, s.at(x), s.at(changing), s.at(y)));
          boolean refused = status == Kernels.DIVIDE_BY_ZERO || status == Kernels.BAD_INDEX;
          assertTrue(status == Kernels.OK || refused, check.subject().lastError());
        }
        done.set(true);
        writer.join();
        check.subject().synchronize(); // on a GPU: what is still to be reported
        check.untouchedAround("a changing operand", y);
      }
    }
  }

  /** Allocates, multiplies, sums and frees: what a training step does to a backend. */
  private static double sumOfProduct(int seed) {
    Kernels kernels = DifferentialCheck.kernels();
    Memory memory = DifferentialCheck.memory();
    int side = 96;
    int n = side * side;
    long a = memory.allocate(8L * n);
    long y = memory.allocate(8L * n);
    long sum = memory.allocate(8);
    memory.upload(a, Samples.ordinary(Kernels.FLOAT64, n, seed));
    assertEquals(
        Kernels.OK,
        kernels.matmul(1, 0, 1, side, side, side, a, 0, side, 1, a, 0, side, 1, 0, y, 0, side));
    assertEquals(Kernels.OK, kernels.unary(Kernels.TANH, 1, n, y, y, 0, 0));
    assertEquals(Kernels.OK, kernels.reduce(Kernels.REDUCE_SUM, 1, 1, n, 1, y, sum));
    double result = memory.readDouble(Kernels.FLOAT64, sum);
    memory.free(a, 8L * n);
    memory.free(y, 8L * n);
    memory.free(sum, 8);
    return result;
  }

  @Test
  void cachedMemoryGoesBackInTwoSteps() {
    Memory memory = DifferentialCheck.memory();
    long block = memory.allocate(3 << 20);
    long live = memory.liveBytes();
    memory.free(block, 3 << 20);
    assertEquals(live - (3 << 20), memory.liveBytes());
    assertTrue(memory.excessBytes() >= 0);
    long cached = memory.cachedBytes();
    long ticket = memory.detach(true);
    if (memory.freesToSystem()) {
      assertEquals(0, ticket);
    } else {
      assertTrue(ticket > 0, "a ticket for what is cached");
      assertTrue(cached >= 3 << 20, "the block was cached until now");
      assertEquals(0, memory.detach(false), "there is not too much");
    }
    memory.giveBack(ticket);
    if (!memory.freesToSystem()) {
      assertTrue(memory.cachedBytes() <= cached - (3 << 20), "it has gone back");
    }
    memory.giveBack(ticket); // nothing is left of it
    long again = memory.allocate(3 << 20);
    assertTrue(again != 0);
    memory.free(again, 3 << 20);
  }

  @Test
  void theBarrierIsThereOrSaysSo() {
    Memory memory = DifferentialCheck.memory();
    assertEquals(memory.hasBarrier(), memory.barrier());
  }
}
