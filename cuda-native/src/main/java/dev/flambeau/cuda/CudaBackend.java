package dev.flambeau.cuda;

import dev.flambeau.internal.natives.NativeLibrary;
import dev.flambeau.spi.Availability;
import dev.flambeau.spi.Backend;
import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.Memory;
import java.io.InputStream;

/**
 * NVIDIA GPUs, served by the native library of this platform's jar. The library loads on a machine
 * without a driver too, and then says what is missing.
 *
 * <p>System properties: {@code flambeau.cuda.sync=true} waits after every kernel, so that an error
 * comes from the call that caused it; {@code flambeau.cuda.tf32=true} lets float32 products use
 * TF32; {@code flambeau.cuda.fastScatter=true} lets sums at repeated indices be made by atomic
 * additions; {@code flambeau.cuda.ownRelu=true} leaves ReLU after a product to our own kernels, as
 * a cuBLASLt may lose NaN in it; {@code flambeau.cublas} names the cuBLAS library to use, or {@code
 * none}; {@code flambeau.cuda.library} names a native library to use in place of the jar's.
 */
public final class CudaBackend implements Backend {
  /** Made by {@link java.util.ServiceLoader}; loads nothing. */
  public CudaBackend() {}

  @Override
  public String name() {
    return "cuda";
  }

  @Override
  public Availability availability() {
    return Loaded.ANSWER;
  }

  @Override
  public int deviceCount() {
    return availability().available() ? Loaded.KERNELS.length : 0;
  }

  @Override
  public Kernels kernels(int index) {
    check(index);
    return Loaded.KERNELS[index];
  }

  @Override
  public Memory memory(int index) {
    check(index);
    return Loaded.MEMORY[index];
  }

  private void check(int index) {
    if (!availability().available()) {
      throw new IllegalStateException("cuda: " + availability().reason(), availability().cause());
    }
    if (index < 0 || index >= deviceCount()) {
      throw new IndexOutOfBoundsException(
          "cuda: there are " + deviceCount() + " GPUs, numbered from 0; got " + index);
    }
  }

  /** The class whose initialisation loads the library, once. */
  private static final class Loaded {
    static final Availability ANSWER = new Natives().open();
    static final CudaKernels[] KERNELS = new CudaKernels[ANSWER.available() ? count() : 0];
    static final CudaMemory[] MEMORY = new CudaMemory[KERNELS.length];

    static {
      for (int i = 0; i < KERNELS.length; i++) {
        KERNELS[i] = new CudaKernels(i);
        MEMORY[i] = new CudaMemory(i, KERNELS[i]);
      }
    }

    private static int count() {
      return CudaLibrary.devices();
    }
  }

  private static final class Natives extends NativeLibrary {
    Natives() {
      super("cuda", "dev.flambeau:flambeau-cuda-native with the classifier " + platform());
    }

    @Override
    protected void load(String file) {
      System.load(file);
    }

    @Override
    protected void loadLibrary(String name) {
      System.loadLibrary(name);
    }

    @Override
    protected InputStream abiProperties() {
      return CudaBackend.class.getResourceAsStream("abi.properties");
    }

    @Override
    protected long abi() {
      return CudaLibrary.abi();
    }

    @Override
    protected Availability serves() {
      turn("flambeau.cuda.sync", CudaKernels.SYNC);
      turn("flambeau.cuda.tf32", CudaKernels.TF32);
      turn("flambeau.cuda.fastScatter", CudaKernels.FAST_SCATTER);
      turn("flambeau.cuda.ownRelu", CudaKernels.OWN_RELU);
      return CudaLibrary.devices() > 0
          ? Availability.yes()
          : Availability.no(new CudaKernels(0).lastError(), null);
    }

    private static void turn(String property, int which) {
      CudaLibrary.turn(which, Boolean.getBoolean(property) ? 1 : 0);
    }
  }
}
