package dev.flambeau;

import dev.flambeau.spi.Availability;
import dev.flambeau.spi.Backend;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The devices of this program: found through {@link ServiceLoader}, chosen by {@link Device}, with
 * reasons for what is missing.
 */
public final class Backends {
  private static final Map<String, Backend> FOUND = discover();
  private static final Map<Device, DeviceContext> CONTEXTS = new ConcurrentHashMap<>();
  private static volatile DeviceContext cpu;

  private Backends() {}

  /**
   * How much native memory tensors hold on a device.
   *
   * @param liveBytes bytes of blocks in use
   * @param cachedBytes bytes kept for reuse
   * @param budgetBytes live bytes at which unreachable tensors are looked for; adapts to the
   *     program
   */
  public record MemoryUse(long liveBytes, long cachedBytes, long budgetBytes) {}

  /** Memory held on the CPU. */
  public static MemoryUse memory() {
    return memory(Device.cpu());
  }

  /** Memory held on a device. */
  public static MemoryUse memory(Device device) {
    DeviceContext c = context(device);
    Reclaimer r = c.reclaimer;
    return new MemoryUse(r.liveBytes(), r.cachedBytes(), r.budget());
  }

  /**
   * Returns to the system what unreachable tensors and the cache hold. Asks the JVM for a full
   * collection: for tests and for programs that go idle, never needed in a loop.
   */
  public static void releaseUnused(Device device) {
    DeviceContext c = context(device);
    c.reclaimer.collect();
    c.reclaimer.trim();
  }

  /**
   * Adds a backend that no service file names, ahead of any of the same name. For tests and
   * embedders.
   */
  public static void register(Backend backend) {
    synchronized (FOUND) {
      FOUND.put(backend.name(), backend);
      CONTEXTS.keySet().removeIf(d -> d.type().equals(backend.name()));
      cpu = null;
    }
  }

  /** What this program can run on, one line a backend, with the reason for what cannot serve. */
  public static String report() {
    StringBuilder s = new StringBuilder("Flambeau " + Flambeau.version() + "\n");
    Map<String, Backend> all;
    synchronized (FOUND) {
      all = new LinkedHashMap<>(FOUND);
    }
    for (String name : new String[] {"cpu", "cuda"}) {
      if (!all.containsKey(name)) {
        s.append("  ").append(name).append(": ").append(missing(name)).append('\n');
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
    Backend b;
    synchronized (FOUND) {
      b = FOUND.get(device.type());
    }
    return b != null
        && b.availability().available()
        && device.index() >= 0
        && device.index() < b.deviceCount();
  }

  static Device require(Device device) {
    context(device);
    return device;
  }

  static DeviceContext cpu() {
    DeviceContext c = cpu;
    return c != null ? c : (cpu = context(Device.cpu()));
  }

  static DeviceContext context(Device device) {
    DeviceContext c = CONTEXTS.get(device);
    return c != null ? c : open(device);
  }

  private static DeviceContext open(Device device) {
    synchronized (FOUND) {
      Backend b = FOUND.get(device.type());
      if (b == null) {
        throw new IllegalStateException("device " + device + ": " + missing(device.type()));
      }
      Availability a = b.availability();
      if (!a.available()) {
        throw new IllegalStateException(
            "device " + device + " is not available: " + a.reason(), a.cause());
      }
      if (device.index() < 0 || device.index() >= b.deviceCount()) {
        throw new IllegalStateException(
            "device "
                + device
                + " does not exist: there are "
                + b.deviceCount()
                + " of type "
                + device.type());
      }
      return CONTEXTS.computeIfAbsent(
          device, d -> new DeviceContext(d, b.kernels(d.index()), b.memory(d.index())));
    }
  }

  private static String missing(String type) {
    return switch (type) {
      case "cpu" ->
          "no backend on the class path; add the dependency dev.flambeau:flambeau-cpu-linux-x86_64 (or"
              + " dev.flambeau:flambeau-cpu-native with the classifier of this platform)";
      case "cuda" ->
          "no backend on the class path; add the dependency dev.flambeau:flambeau-cuda-native with the"
              + " classifier of this platform";
      default -> "there is no such type of device; use cpu or cuda";
    };
  }

  private static Map<String, Backend> discover() {
    Map<String, Backend> found = new LinkedHashMap<>();
    try {
      for (Backend b : ServiceLoader.load(Backend.class, Backends.class.getClassLoader())) {
        found.putIfAbsent(b.name(), b);
      }
    } catch (ServiceConfigurationError e) {
      // One broken jar must not hide the others' reasons: what was found so far serves.
      Warnings.once("a backend on the class path could not be read: " + e.getMessage());
    }
    return found;
  }
}
