package dev.flambeau.cpu;

import dev.flambeau.spi.Library;
import org.bytedeco.javacpp.annotation.Name;
import org.bytedeco.javacpp.annotation.NoException;
import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;

/**
 * What {@code flambeau.h} declares besides kernels and memory. No native method takes a {@code
 * Pointer}, which would cost more than a small kernel: addresses are plain integers.
 */
@Properties(@Platform(include = "flambeau.h", library = "jniflambeau_cpu"))
@NoException
abstract class CpuLibrary implements Library {
  @Override
  @Name("fl_last_error")
  public native String lastError();

  @Override
  @Name("fl_describe")
  public native String describe();

  @Override
  @Name("fl_threads")
  public native int threads();

  @Override
  @Name("fl_set_threads")
  public native int setThreads(int threads);

  /** The hash of the header that the library was built from. */
  @Name("fl_abi")
  static native long abi();

  /**
   * Takes BLAS from the loaded library at {@code path}; the empty path means that there is none.
   */
  @Name("fl_blas_open")
  static native int blasOpen(String path);
}
