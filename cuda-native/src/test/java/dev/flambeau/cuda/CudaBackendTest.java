package dev.flambeau.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.flambeau.Backends;
import dev.flambeau.ClassUses;
import dev.flambeau.Device;
import dev.flambeau.spi.Availability;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The backend with the real library: on a machine without a GPU it says what is missing. */
class CudaBackendTest {
  private static final Availability ANSWER = new CudaBackend().availability();

  /** The api's module cannot say that a backend is to leave its tensors and layers alone. */
  @Test
  void usesOnlyWhatBackendsMay() {
    assertEquals(
        Set.of("cuda", "internal.natives", "spi"), ClassUses.packagesUsedWith(CudaBackend.class));
  }

  @Test
  void withoutAGpuItSaysWhatIsMissing() {
    assumeFalse(ANSWER.available(), "there is a GPU here");
    boolean built = CudaBackend.class.getResource("linux-x86_64/libjniflambeau_cuda.so") != null;
    String expected = built ? "NVIDIA driver" : "add the dependency";
    assertTrue(ANSWER.reason().contains(expected), ANSWER.reason());
    assertEquals(0, new CudaBackend().deviceCount());

    IllegalStateException e = assertThrows(IllegalStateException.class, Device::cuda);
    assertTrue(e.getMessage().contains(ANSWER.reason()), e.getMessage());
    assertFalse(Backends.isAvailable(new Device("cuda", 0)));
    assertTrue(Backends.report().contains("cuda: not available: " + ANSWER.reason()));
    assertThrows(IllegalStateException.class, () -> new CudaBackend().kernels(0));
    assertThrows(IllegalStateException.class, () -> new CudaBackend().memory(0));
  }

  @Test
  void withAGpuItServes() {
    assumeTrue(ANSWER.available(), ANSWER::reason);
    Device gpu = Device.cuda();
    assertEquals("cuda:0", gpu.toString());
    assertTrue(Backends.report().contains("compute capability"), Backends.report());
    int count = new CudaBackend().deviceCount();
    assertThrows(IndexOutOfBoundsException.class, () -> new CudaBackend().kernels(count));
  }
}
