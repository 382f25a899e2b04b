package dev.flambeau.cuda;

import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.Library;
import org.bytedeco.javacpp.annotation.Name;
import org.bytedeco.javacpp.annotation.NoException;
import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;

/**
 * What {@code flambeau.h} and {@code flambeau_cuda.h} declare besides kernels and memory. A kernel
 * runs on the device that its first output lies on; only what names no address asks for a device.
 */
@Properties(
    @Platform(
        include = {"flambeau.h", "flambeau_cuda.h"},
        library = "jniflambeau_cuda"))
@NoException
abstract class CudaLibrary implements Library {
  private final int index;

  CudaLibrary(int index) {
    this.index = index;
  }

  @Override
  @Name("fl_last_error")
  public native String lastError();

  @Override
  public String describe() {
    select(index);
    return describeSelected();
  }

  @Override
  @Name("fl_threads")
  public native int threads();

  @Override
  @Name("fl_set_threads")
  public native int setThreads(int threads);

  @Override
  public int synchronize() {
    int status = select(index);
    return status == Kernels.OK ? synchronizeSelected() : status;
  }

  @Override
  public boolean countedRandom() {
    return true;
  }

  /** The hash of the headers that the library was built from. */
  @Name("fl_abi")
  static native long abi();

  /** How many devices there are; -1: none can be used, and {@link #lastError} says why. */
  @Name("fl_devices")
  static native int devices();

  /** Sets the device of this thread's calls that take no address. */
  @Name("fl_select")
  static native int select(int device);

  /** Turns one of the switches of {@link CudaKernels} on or off. */
  @Name("fl_cuda_switch")
  static native int turn(int which, int on);

  /** Opens cuBLAS, and cuBLASLt if its path is not empty; the empty path: do without. */
  @Name("fl_cublas_open")
  static native int cublasOpen(String cublas, String cublasLt);

  /** Calls of cudaMalloc so far. */
  @Name("fl_device_allocations")
  static native long deviceAllocations();

  @Name("fl_describe")
  private static native String describeSelected();

  @Name("fl_synchronize")
  private static native int synchronizeSelected();
}
