package dev.flambeau.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.flambeau.Device;
import dev.flambeau.Tensor;
import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.Memory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/**
 * How failing calls of the CUDA runtime are reported: out of memory as such, all else as what it
 * is.
 */
class EmulatedFailureTest {
  private static final String DIED = "a kernel died";

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

  /** x[5] of three elements: reported by the next call that waits, or notices. */
  private int badGather(long x, long y) {
    memory.upload(y, new long[] {5});
    return kernels.gather(Kernels.FLOAT32, 1, 3, 1, 1, x, y, y + 64);
  }

  /** While the program runs, calls of the CUDA runtime fail: a line each, "error function". */
  private static void failing(String calls, Runnable program) throws IOException {
    String control = System.getenv("FLAMBEAU_EMULATED_CONTROL");
    assumeTrue(control != null, "the environment names no FLAMBEAU_EMULATED_CONTROL");
    Path fault = Path.of(control, "fault");
    Files.createDirectories(fault.getParent());
    Files.writeString(fault, calls);
    try {
      program.run();
    } finally {
      Files.delete(fault);
    }
  }

  private static String saidBy(Executable program) {
    return assertThrows(IllegalStateException.class, program).getMessage();
  }

  @Test
  void aKernelThatDiedEndsAllClearly() throws IOException {
    CudaKernels.turn(CudaKernels.SYNC, 0);
    long x = memory.allocate(512);
    long free = memory.allocate(2 << 20);
    memory.free(free, 2 << 20);
    long cached = memory.cachedBytes();
    failing(
        "",
        () -> {
          assertNotEquals(Kernels.OK, kernels.synchronize());
          String said = kernels.lastError();
          assertTrue(
              said.contains("illegal memory access") && said.contains("flambeau.cuda.sync=true"),
              said);
          assertNotEquals(Kernels.OK, kernels.fill(Kernels.FLOAT32, 1, x, 0));
          assertTrue(kernels.lastError().startsWith("fill: CUDA says"), kernels::lastError);
          assertThrows(IllegalStateException.class, () -> memory.readDouble(Kernels.FLOAT32, x));
          assertThrows(IllegalStateException.class, () -> memory.upload(x, new float[1]));
          memory.free(x, 512);
          // None of these is for want of memory.
          assertTrue(saidBy(memory::trim).contains(DIED));
          assertTrue(saidBy(() -> memory.allocate(64 << 20)).contains(DIED));
          assertTrue(saidBy(() -> memory.allocate(1L << 45)).contains(DIED));
          assertTrue(
              saidBy(() -> Tensor.rand(5000, 5000).to(new Device("cuda", 0))).contains(DIED));
        });
    assertTrue(memory.cachedBytes() >= cached, "what the device did not take back is still held");
    assertEquals(free, memory.allocate(2 << 20));
    memory.free(free, 2 << 20);
  }

  @Test
  void onlyShortageIsShortage() throws IOException {
    failing(
        "2 cudaMalloc",
        () -> {
          assertEquals(0, memory.allocate(64 << 20));
          assertTrue(memory.shortage().startsWith("GPU 0 has"), memory::shortage);
        });
    failing(
        "46 cudaMalloc",
        () ->
            assertTrue(
                saidBy(() -> memory.allocate(64 << 20))
                    .contains("another process may hold the GPU")));
    failing(
        "2 cudaMalloc\n719 cudaDeviceSynchronize",
        () -> assertTrue(saidBy(() -> memory.allocate(64 << 20)).contains(DIED)));
    failing(
        "700 cudaMemGetInfo",
        () -> {
          assertTrue(saidBy(() -> memory.allocate(1L << 45)).contains(DIED));
          assertTrue(saidBy(memory::totalBytes).contains(DIED));
        });
  }

  @Test
  void whatCannotBeGivenBackIsHeld() throws IOException {
    memory.free(memory.allocate(24 << 20), 24 << 20);
    long cached = memory.cachedBytes();
    for (String call : new String[] {"cudaFree", "cudaDeviceSynchronize"}) {
      failing("700 " + call, () -> assertTrue(saidBy(memory::trim).contains("trim: CUDA says")));
      assertEquals(cached, memory.cachedBytes());
    }
    memory.trim();
    assertTrue(memory.cachedBytes() <= cached - (24 << 20));
  }

  @Test
  void pinnedMemoryThatFailsIsToldFromPinnedMemoryThatLacks() throws IOException {
    long x = memory.allocate(64);
    float[] values = {1};
    memory.upload(x, values); // from now on a piece waits for its copy
    failing(
        "700 cudaEventQuery",
        () -> assertTrue(saidBy(() -> memory.upload(x, values)).contains(DIED)));
    String busy = "600 cudaEventQuery\n";
    int[] pieces = {0};
    failing(
        busy,
        () -> {
          for (; pieces[0] < 300; pieces[0]++) { // more than there may be: all of them wait
            memory.upload(x, values);
          }
        });
    failing(
        busy + "700 cudaEventSynchronize",
        () -> assertTrue(saidBy(() -> memory.upload(x, values)).contains(DIED)));
    long large = memory.allocate(8192);
    float[] many = new float[2048];
    failing(busy, () -> memory.upload(large, many));
    failing(busy + "2 cudaHostAlloc", () -> memory.upload(large, many)); // waits for the piece
    failing(
        busy + "46 cudaHostAlloc",
        () ->
            assertTrue(
                saidBy(() -> memory.upload(large, many))
                    .contains("another process may hold the GPU")));
    memory.free(large, 8192);
    memory.free(x, 64);
  }

  @Test
  void whatEndsACopyIsToldWhicheverThreadSawIt() throws IOException {
    int threads = kernels.threads();
    ByteBuffer host = ByteBuffer.allocateDirect(64 << 20);
    long address = memory.addressOf(host);
    long block = memory.allocate(host.capacity());
    kernels.setThreads(4);
    try {
      failing(
          "700 cudaMemcpyAsync",
          () -> {
            assertTrue(saidBy(() -> memory.upload(block, address, 64 << 20)).contains(DIED));
            assertTrue(saidBy(() -> memory.download(address, block, 64 << 20)).contains(DIED));
          });
      failing(
          "700 cudaEventSynchronize",
          () -> assertTrue(saidBy(() -> memory.download(address, block, 64 << 20)).contains(DIED)));
      memory.upload(block, address, 64 << 20); // no piece was lost
      memory.download(address, block, 64 << 20);
    } finally {
      kernels.setThreads(threads);
      memory.free(block, host.capacity());
    }
  }

  @Test
  void aFindingIsNotLostBehindAFailure() throws IOException {
    CudaKernels.turn(CudaKernels.SYNC, 0);
    long x = memory.allocate(512);
    long y = memory.allocate(512);
    badGather(x, y);
    failing(
        "719 cudaStreamSynchronize",
        () -> {
          assertNotEquals(Kernels.OK, kernels.fill(Kernels.FLOAT32, 1, y, 0));
          assertTrue(kernels.lastError().contains(DIED), kernels::lastError);
        });
    assertEquals(Kernels.BAD_INDEX, kernels.synchronize());
    memory.free(x, 512);
    memory.free(y, 512);
  }
}
