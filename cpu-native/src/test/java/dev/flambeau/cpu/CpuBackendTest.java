package dev.flambeau.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.ClassUses;
import dev.flambeau.spi.Availability;
import dev.flambeau.spi.Backend;
import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ServiceLoader;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The backend as the api sees it: found as a service, loaded once, arrays copied there and back.
 */
class CpuBackendTest {
  private final CpuBackend backend = new CpuBackend();

  /** The api's module cannot say that a backend is to leave its tensors and layers alone. */
  @Test
  void usesOnlyWhatBackendsMay() {
    assertEquals(
        Set.of("cpu", "internal.natives", "spi"), ClassUses.packagesUsedWith(CpuBackend.class));
  }

  @Test
  void serviceLoaderFindsIt() {
    assertTrue(
        ServiceLoader.load(Backend.class).stream()
            .anyMatch(provider -> provider.type() == CpuBackend.class));
  }

  @Test
  void isAvailableWithOneDevice() {
    Availability answer = backend.availability();
    assertTrue(answer.available(), answer.reason());
    assertEquals("cpu", backend.name());
    assertEquals(1, backend.deviceCount());
    assertThrows(IndexOutOfBoundsException.class, () -> backend.kernels(1));
    assertThrows(IndexOutOfBoundsException.class, () -> backend.memory(-1));
  }

  @Test
  void arraysOfEveryTypeGoAndComeBack() {
    Memory memory = backend.memory(0);
    long block = memory.allocate(64);
    assertNotEquals(0, block);
    assertEquals(0, block % 64);
    try {
      memory.upload(block, new float[] {1.5f, -2});
      float[] floats = new float[2];
      memory.download(floats, block);
      assertArrayEquals(new float[] {1.5f, -2}, floats);
      assertEquals(-2, memory.readDouble(Kernels.FLOAT32, block + 4));

      memory.upload(block, new double[] {0.1, Double.NaN});
      double[] doubles = new double[2];
      memory.download(doubles, block);
      assertArrayEquals(new double[] {0.1, Double.NaN}, doubles);

      memory.upload(block, new long[] {Long.MIN_VALUE, 3});
      long[] longs = new long[2];
      memory.download(longs, block);
      assertArrayEquals(new long[] {Long.MIN_VALUE, 3}, longs);
      assertEquals(3, memory.readLong(Kernels.INT64, block + 8));

      memory.upload(block, new int[] {-1, 2});
      int[] ints = new int[2];
      memory.download(ints, block);
      assertArrayEquals(new int[] {-1, 2}, ints);

      memory.upload(block, new byte[] {-128, 127});
      byte[] bytes = new byte[2];
      memory.download(bytes, block);
      assertArrayEquals(new byte[] {-128, 127}, bytes);

      memory.upload(block, new boolean[] {true, false});
      boolean[] booleans = new boolean[2];
      memory.download(booleans, block);
      assertArrayEquals(new boolean[] {true, false}, booleans);
      assertEquals(1, memory.readLong(Kernels.BOOL, block));
    } finally {
      memory.free(block, 64);
    }
  }

  @Test
  void allocationsAreCounted() {
    Memory memory = backend.memory(0);
    long before = memory.liveBytes();
    long block = memory.allocate(1000);
    assertEquals(before + 1000, memory.liveBytes());
    memory.free(block, 1000);
    assertEquals(before, memory.liveBytes());
    assertTrue(memory.cachedBytes() >= 0);
    memory.trim();
  }

  @Test
  void aBufferHasTheAddressOfItsFirstByte() {
    Memory memory = backend.memory(0);
    ByteBuffer buffer = ByteBuffer.allocateDirect(32).order(ByteOrder.nativeOrder());
    buffer.putLong(0, 11).putLong(8, 22);
    long address = memory.addressOf(buffer);
    assertEquals(22, memory.readLong(Kernels.INT64, address + 8));
    assertEquals(address, memory.addressOf(buffer.position(8)), "the position does not count");
    assertEquals(address + 8, memory.addressOf(buffer.slice()));
    assertThrows(
        IllegalArgumentException.class, () -> memory.addressOf(ByteBuffer.allocate(8)), "on heap");
  }

  @Test
  void aFailedCallSaysWhy() {
    Kernels kernels = backend.kernels(0);
    Memory memory = backend.memory(0);
    long x = memory.allocate(8);
    int status = kernels.unary(Kernels.EXP, Kernels.INT64, 1, x, x, 0, 0);
    memory.free(x, 8);
    assertEquals(Kernels.UNSUPPORTED, status);
    assertFalse(kernels.lastError().isBlank());
  }
}
