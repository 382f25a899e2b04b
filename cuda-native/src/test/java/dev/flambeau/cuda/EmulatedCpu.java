package dev.flambeau.cuda;

import dev.flambeau.spi.Availability;
import dev.flambeau.spi.Backend;
import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.Memory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/**
 * The CUDA kernels in the CPU's place: with the emulated library, whose device memory the host may
 * read when the environment says so, every test of the api runs on them.
 */
public final class EmulatedCpu implements Backend {
  private final CudaBackend cuda = new CudaBackend();

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public Availability availability() {
    return cuda.availability();
  }

  @Override
  public int deviceCount() {
    return cuda.deviceCount();
  }

  @Override
  public Kernels kernels(int index) {
    return cuda.kernels(index);
  }

  @Override
  public Memory memory(int index) {
    Memory real = cuda.memory(index);
    return (Memory)
        Proxy.newProxyInstance(
            Memory.class.getClassLoader(),
            new Class<?>[] {Memory.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("isHost")) {
                return true;
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
