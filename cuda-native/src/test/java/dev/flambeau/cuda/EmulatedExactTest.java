package dev.flambeau.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.Memory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * With FLAMBEAU_CUDA_EXACT every block is an allocation of its own, so that who reads or writes
 * past its end is seen: by compute-sanitizer on a GPU, by a closed page on the emulated one.
 */
class EmulatedExactTest {
  private final CudaBackend backend = new CudaBackend();
  private Kernels kernels;
  private Memory memory;
  private Path fault;

  @BeforeEach
  void open() {
    assumeTrue("1".equals(System.getenv("FLAMBEAU_CUDA_EXACT")), "blocks are not exact");
    assertTrue(backend.availability().available(), () -> backend.availability().reason());
    kernels = backend.kernels(0);
    memory = backend.memory(0);
    fault = Path.of(System.getenv("FLAMBEAU_EMULATED_CONTROL"), "fault");
  }

  @Test
  void everyBlockComesFromTheDeviceAndGoesBack() {
    long live = memory.liveBytes();
    long cached = memory.cachedBytes(); // what a dead device could not take back
    long before = CudaKernels.deviceAllocations();
    for (long bytes : new long[] {1, 100, 400, 4096, 1 << 20, 3 << 20, 30 << 20}) {
      long x = memory.allocate(bytes);
      assertNotEquals(0, x);
      assertEquals(live + bytes, memory.liveBytes());
      assertEquals(Kernels.OK, kernels.fill(Kernels.UINT8, bytes, x, 7));
      assertEquals(7, memory.readLong(Kernels.UINT8, x + bytes - 1));
      memory.free(x, bytes);
      assertEquals(cached, memory.cachedBytes());
    }
    assertEquals(live, memory.liveBytes());
    assertEquals(before + 7, CudaKernels.deviceAllocations());
    assertEquals(0, memory.allocate(1L << 45));
    assertTrue(memory.shortage().startsWith("GPU 0 has"), memory::shortage);
  }

  /** A kernel that is given one element too many faults, and the device with it. */
  private void dies(int status) throws IOException {
    assertNotEquals(Kernels.OK, status);
    String said = kernels.lastError();
    assertTrue(said.contains("illegal memory access") && said.contains("a kernel died"), said);
    assertNotEquals(Kernels.OK, kernels.synchronize());
    Files.delete(fault);
    assertEquals(Kernels.OK, kernels.synchronize());
  }

  @Test
  void whatGoesPastTheEndOfABlockIsSeen() throws IOException {
    for (int bytes : new int[] {4, 400, 4000, 1 << 20}) {
      int n = bytes / 4;
      long x = memory.allocate(bytes);
      long y = memory.allocate(bytes + 64);
      assertEquals(Kernels.OK, kernels.fill(Kernels.FLOAT32, n, x, 0));
      dies(kernels.fill(Kernels.FLOAT32, n + 1, x, 0));
      assertEquals(Kernels.OK, kernels.reduce(Kernels.REDUCE_SUM, Kernels.FLOAT32, 1, n, 1, x, y));
      dies(kernels.reduce(Kernels.REDUCE_SUM, Kernels.FLOAT32, 1, n + 16, 1, x, y));
      memory.free(x, bytes);
      dies(kernels.fill(Kernels.FLOAT32, n, x, 0));
      memory.free(y, bytes + 64);
    }
  }
}
