package dev.flambeau;

import dev.flambeau.internal.memory.Reclaimer;
import dev.flambeau.internal.tensor.DeviceContext;
import dev.flambeau.internal.tensor.Devices;
import dev.flambeau.spi.Availability;
import dev.flambeau.spi.Backend;
import java.util.Map;
import java.util.ServiceLoader;

/**
 * The devices of this program: found through {@link ServiceLoader}, chosen by {@link Device}, with
 * reasons for what is missing.
 */
public final class Backends {
  private Backends() {}

  /**
   * How much native memory tensors hold on a device.
   *
   * @param liveBytes bytes of blocks in use
   * @param cachedBytes bytes kept for reuse
   * @param budgetBytes live bytes above which unreachable tensors are searched for; adapts to the
   *     program
   */
  public record MemoryUse(long liveBytes, long cachedBytes, long budgetBytes) {}

  /** Memory held on the CPU. */
  public static MemoryUse memory() {
    return memory(Device.cpu());
  }

  /** Memory held on a device. */
  public static MemoryUse memory(Device device) {
    DeviceContext c = Devices.context(device);
    Reclaimer r = c.reclaimer;
    return new MemoryUse(r.liveBytes(), r.cachedBytes(), r.budget());
  }

  /**
   * Returns to the system what unreachable tensors and the cache hold. Asks the JVM for a full
   * collection: for tests and for programs that go idle, never needed in a loop.
   */
  public static void releaseUnused(Device device) {
    DeviceContext c = Devices.context(device);
    c.reclaimer.collect();
    c.reclaimer.trim();
  }

  /**
   * Adds a backend that no service file names, ahead of any of the same name. For tests and
   * embedders.
   */
  public static void register(Backend backend) {
    Devices.register(backend);
  }

  /** What this program can run on, one line a backend, with the reason where one cannot be used. */
  public static String report() {
    StringBuilder s = new StringBuilder("Flambeau " + Flambeau.version() + "\n");
    Map<String, Backend> all = Devices.backends();
    for (String name : new String[] {"cpu", "cuda"}) {
      if (!all.containsKey(name)) {
        s.append("  ").append(name).append(": ").append(Devices.missing(name)).append('\n');
      }
    }
    all.forEach(
        (name, b) -> {
          Availability a = b.availability();
          s.append("  ").append(name).append(": ");
          if (!a.available()) {
            s.append("not available: ").append(a.reason()).append('\n');
            return;
          }
          s.append(b.deviceCount() == 1 ? "1 device" : b.deviceCount() + " devices");
          for (int i = 0; i < b.deviceCount(); i++) {
            s.append(i == 0 ? "; " : " | ").append(b.kernels(i).describe());
          }
          s.append('\n');
        });
    return s.toString();
  }

  /** Whether {@code device} can be used now. */
  public static boolean isAvailable(Device device) {
    return Devices.isAvailable(device);
  }
}
