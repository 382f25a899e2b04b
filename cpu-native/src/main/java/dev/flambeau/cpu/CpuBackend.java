package dev.flambeau.cpu;

import dev.flambeau.internal.natives.NativeLibrary;
import dev.flambeau.spi.Availability;
import dev.flambeau.spi.Backend;
import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.Memory;
import java.io.InputStream;

/**
 * The CPU: one device, served by the native library of this platform's jar.
 *
 * <p>System properties: {@code flambeau.blas=none} leaves every product to our own kernels; {@code
 * flambeau.cpu.library} names a native library to use in place of the jar's.
 */
public final class CpuBackend implements Backend {
  /** Made by {@link java.util.ServiceLoader}; loads nothing. */
  public CpuBackend() {}

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public Availability availability() {
    return Loaded.ANSWER;
  }

  @Override
  public int deviceCount() {
    return availability().available() ? 1 : 0;
  }

  @Override
  public Kernels kernels(int index) {
    check(index);
    return Loaded.KERNELS;
  }

  @Override
  public Memory memory(int index) {
    check(index);
    return Loaded.MEMORY;
  }

  private void check(int index) {
    if (!availability().available()) {
      throw new IllegalStateException("cpu: " + availability().reason(), availability().cause());
    }
    if (index != 0) {
      throw new IndexOutOfBoundsException("cpu: there is one device, 0; got " + index);
    }
  }

  /** The class whose initialisation loads the library, once. */
  private static final class Loaded {
    static final Availability ANSWER = new Natives().open();
    static final CpuKernels KERNELS = new CpuKernels();
    static final CpuMemory MEMORY = new CpuMemory();
  }

  private static final class Natives extends NativeLibrary {
    Natives() {
      super("cpu", "dev.flambeau:flambeau-cpu-" + platform());
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
      return CpuBackend.class.getResourceAsStream("abi.properties");
    }

    @Override
    protected long abi() {
      return CpuLibrary.abi();
    }
  }
}
