package dev.flambeau.bench;

/** Work made ready by an {@link Engine}: only {@link #run} is measured. */
public interface Task extends AutoCloseable {
  /** Once. A new result is released at once, in the way that the library asks for. */
  void run();

  /**
   * The loss of the last step, or the whole output, row-major; null where a floor cannot tell or
   * cannot start from the same weights.
   */
  float[] result();

  /** Between iterations, for a library that frees memory only when the JVM collects. */
  default void rest() {}

  @Override
  default void close() {}
}
