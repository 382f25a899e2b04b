package dev.flambeau.spi.oracle;

import dev.flambeau.spi.Availability;
import dev.flambeau.spi.Backend;
import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.Memory;
import java.util.List;
import java.util.stream.Stream;

/**
 * The oracle as a backend: a CPU in plain Java, always there. Registered by a call, never found by
 * itself.
 */
public final class JavaBackend implements Backend {
  private final String name;
  private final List<JavaMemory> memories;
  private final List<JavaKernels> kernels;

  /** As the CPU. */
  public JavaBackend() {
    name = "cpu";
    memories = List.of(new JavaMemory());
    kernels = List.of(new JavaKernels(memories.get(0)));
  }

  /** As a device type of its own beside a host, whose memory is not that of these devices. */
  public JavaBackend(String name, Memory host, int devices) {
    this.name = name;
    memories = Stream.generate(() -> new JavaMemory(host)).limit(devices).toList();
    kernels = memories.stream().map(JavaKernels::new).toList();
  }

  /** Bytes of one element, by a dtype's code. */
  public static int elementBytes(int dtype) {
    return DtypeInfo.bytes(dtype);
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
    return memories.size();
  }

  @Override
  public Kernels kernels(int index) {
    return kernels.get(index);
  }

  @Override
  public Memory memory(int index) {
    return memories.get(index);
  }
}
