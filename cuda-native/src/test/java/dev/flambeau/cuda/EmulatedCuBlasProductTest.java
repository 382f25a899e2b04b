package dev.flambeau.cuda;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.spi.Kernels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What compares cuBLAS with our own kernels on a GPU, on small products of the emulated one. */
class EmulatedCuBlasProductTest extends GpuProductTest {
  private static final Path FAILURES = Path.of(System.getenv("FLAMBEAU_EMULATED_CUBLAS") + ".fail");

  @Override
  int[] sizes() {
    return new int[] {48, 128};
  }

  @Test
  void aLostNaNIsFound() throws IOException {
    needsCuBlas();
    Files.writeString(FAILURES, "ReluOfNaN 1 99\n");
    try {
      Product p = new Product(Kernels.BFLOAT16, 1, 24, 128);
      AssertionError found = assertThrows(AssertionError.class, p::check);
      assertTrue(found.getMessage().contains(" is 0.0 in place of NaN"), found.getMessage());
      CudaKernels.turn(CudaKernels.OWN_RELU, 1);
      new Product(Kernels.BFLOAT16, 1, 24, 128).check();
    } finally {
      CudaKernels.turn(CudaKernels.OWN_RELU, 0);
      Files.delete(FAILURES);
    }
  }

  @Test
  void roundedInputsAreFound() {
    needsCuBlas();
    CudaKernels.turn(CudaKernels.TF32, 1);
    try {
      Product p = new Product(Kernels.FLOAT32, 1, 24, 128);
      assertThrows(AssertionError.class, p::check);
    } finally {
      CudaKernels.turn(CudaKernels.TF32, 0);
    }
  }
}
