package dev.flambeau.internal.tensor;

import dev.flambeau.Device;
import dev.flambeau.internal.text.Warnings;
import dev.flambeau.spi.Availability;
import dev.flambeau.spi.Backend;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;

/** The backends that were found, and their devices, each opened when it is first used. */
public final class Devices {
  private static final Map<String, Backend> FOUND = discover();
  private static final Map<Device, DeviceContext> CONTEXTS = new ConcurrentHashMap<>();
  private static volatile DeviceContext cpu;

  private Devices() {}

  /** Adds a backend, ahead of any of the same name. */
  public static void register(Backend backend) {
    synchronized (FOUND) {
      FOUND.put(backend.name(), backend);
      CONTEXTS.keySet().removeIf(d -> d.type().equals(backend.name()));
      cpu = null;
    }
  }

  /** All backends by name. */
  public static Map<String, Backend> backends() {
    synchronized (FOUND) {
      return new LinkedHashMap<>(FOUND);
    }
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

  public static Device require(Device device) {
    context(device);
    return device;
  }

  public static DeviceContext cpu() {
    DeviceContext c = cpu;
    return c != null ? c : (cpu = context(Device.cpu()));
  }

  public static DeviceContext context(Device device) {
    DeviceContext c = CONTEXTS.get(device);
    return c != null ? c : open(device);
  }

  private static DeviceContext open(Device device) {
    if (!device.equals(Device.cpu()) && isAvailable(Device.cpu())) {
      cpu(); // first: it has the barrier that a mark of a native call is settled by
    }
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

  public static String missing(String type) {
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
      for (Backend b : ServiceLoader.load(Backend.class, Devices.class.getClassLoader())) {
        found.putIfAbsent(b.name(), b);
      }
    } catch (ServiceConfigurationError e) {
      // One broken jar must not hide the others' reasons: what was found so far serves.
      Warnings.once(
          "broken backend",
          () -> "a backend on the class path could not be read: " + e.getMessage());
    }
    return found;
  }
}
