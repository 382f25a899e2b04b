package dev.flambeau.spi;

/**
 * A kind of device, found through {@link java.util.ServiceLoader}. Creating one loads nothing and
 * never throws; {@link #availability()} tries, once.
 */
public interface Backend {
  /** The device type: {@code cpu}, {@code cuda}. */
  String name();

  /** Whether it can be used, and if not, why; loads the library at the first call. */
  Availability availability();

  /** How many devices there are; 0 when not available. */
  int deviceCount();

  /** The kernels of device {@code index}. */
  Kernels kernels(int index);

  /** The memory of device {@code index}. */
  Memory memory(int index);
}
