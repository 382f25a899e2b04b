package dev.flambeau.cuda;

import dev.flambeau.spi.Availability;
import dev.flambeau.spi.Backend;
import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.Memory;
import dev.flambeau.spi.oracle.JavaBackend;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.NavigableMap;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The GPU in the CPU's place, so that programs which name no device run on it: everything is
 * computed there, but random numbers are drawn by the CPU's own kernels and copied over. So the
 * course notes print the same numbers from the same seeds. Memory calls itself the host's; what a
 * program's buffer holds really is, so it can be printed and copied, and no kernel may have it.
 */
public final class CudaAsCpuBackend implements Backend {
  private static final int RANDOM_BYTES_PER_ELEMENT = 8;

  private final CudaBackend cuda = new CudaBackend();
  private final Backend cpu =
      ServiceLoader.load(Backend.class).stream()
          .map(ServiceLoader.Provider::get)
          .filter(b -> b.name().equals("cpu"))
          .findFirst()
          .orElse(null);
  private final NavigableMap<Long, Long> buffers = new ConcurrentSkipListMap<>(); // ends by begin

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public Availability availability() {
    return cpu == null || !cpu.availability().available()
        ? Availability.no("there is no CPU backend to draw random numbers", null)
        : cuda.availability();
  }

  @Override
  public int deviceCount() {
    return 1;
  }

  @Override
  public Memory memory(int index) {
    Memory real = cuda.memory(index);
    Memory host = cpu.memory(0);
    return instead(
        Memory.class,
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "isHost" -> true;
              case "addressOf" -> ofBuffer((ByteBuffer) arguments[0], host);
              case "readDouble", "readLong", "download" ->
                  method.invoke(isOfBuffer((long) arguments[1]) ? host : real, arguments);
              default -> method.invoke(real, arguments);
            });
  }

  private long ofBuffer(ByteBuffer direct, Memory host) {
    long address = host.addressOf(direct);
    buffers.put(address, address + direct.capacity());
    return address;
  }

  private boolean isOfBuffer(long address) {
    var buffer = buffers.floorEntry(address);
    return buffer != null && address < buffer.getValue();
  }

  @Override
  public Kernels kernels(int index) {
    Kernels real = cuda.kernels(index);
    Kernels drawing = cpu.kernels(0);
    return instead(
        Kernels.class,
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "countedRandom" -> false;
              case "randomSeed" -> method.invoke(drawing, arguments);
              case "random" -> random(drawing, cuda.memory(index), arguments);
              default -> method.invoke(real, arguments);
            });
  }

  /** As {@link Kernels#random}, on the host, where a single number stays: it is Rng's own. */
  private int random(Kernels drawing, Memory device, Object[] a) {
    int kind = (int) a[0];
    int dtype = (int) a[1];
    long n = (long) a[2];
    long state = (long) a[3];
    long probabilities = (long) a[4];
    long y = (long) a[5];
    if (y == state + Kernels.RANDOM_STATE_BYTES) {
      return drawing.random(kind, dtype, n, state, probabilities, y, (long) a[6], (long) a[7]);
    }
    int bytes = Math.toIntExact(n * RANDOM_BYTES_PER_ELEMENT);
    ByteBuffer buffer = ByteBuffer.allocateDirect(2 * bytes);
    long host = cpu.memory(0).addressOf(buffer);
    int size = JavaBackend.elementBytes(dtype);
    long from = probabilities == 0 ? 0 : host + bytes;
    if (probabilities != 0) {
      device.download(from, probabilities, n * size);
    }
    int status = drawing.random(kind, dtype, n, state, from, host, (long) a[6], (long) a[7]);
    if (status == Kernels.OK) {
      device.upload(y, host, n * size);
    }
    return status;
  }

  private static <T> T instead(Class<T> type, InvocationHandler calls) {
    InvocationHandler unwrapped =
        (proxy, method, arguments) -> {
          try {
            return calls.invoke(proxy, method, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        };
    return type.cast(
        Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, unwrapped));
  }
}
