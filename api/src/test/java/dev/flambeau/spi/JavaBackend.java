package dev.flambeau.spi;

/**
 * The oracle as a backend: a CPU in plain Java, always there. Registered by a call, never found by
 * itself.
 */
public final class JavaBackend implements Backend {
  private final String name;
  private final JavaMemory memory = new JavaMemory();
  private final JavaKernels kernels = new JavaKernels(memory);

  /** As the CPU. */
  public JavaBackend() {
    this("cpu");
  }

  /** As a device type of its own, beside the one under test. */
  public JavaBackend(String name) {
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Availability availability() {
    return Availability.yes();
  }

  @Override
  public int deviceCount() {
    return 1;
  }

  @Override
  public Kernels kernels(int index) {
    return kernels;
  }

  @Override
  public Memory memory(int index) {
    return memory;
  }
}
