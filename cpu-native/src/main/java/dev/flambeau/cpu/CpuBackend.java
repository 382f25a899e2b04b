package dev.flambeau.cpu;

import dev.flambeau.spi.Availability;
import dev.flambeau.spi.Backend;
import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.Memory;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.List;
import java.util.Properties;
import java.util.ServiceLoader;

/** The CPU: one device, served by the native library of this platform's jar. */
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
    static final Availability ANSWER = load();
    static final CpuKernels KERNELS = new CpuKernels();
    static final CpuMemory MEMORY = new CpuMemory();
  }

  private static Availability load() {
    try {
      NativeLibrary.load();
      return compare(expectedAbi(), CpuLibrary.abi());
    } catch (LinkageError | IOException | RuntimeException e) {
      return Availability.no(
          "the CPU kernels for "
              + NativeLibrary.platform()
              + " did not load: "
              + e.getMessage()
              + "; "
              + nativeJars(),
          e);
    }
  }

  /** Whether the library was built from the header that these classes were built from. */
  static Availability compare(long classes, long library) {
    if (classes == library) {
      return Availability.yes();
    }
    return Availability.no(
        String.format(
            "the CPU classes and the native library come from different builds: %s has ABI %016x, %s has %016x;"
                + " use one version of flambeau-cpu-native for both",
            place(CpuBackend.class.getResource("CpuBackend.class")),
            classes,
            place(NativeLibrary.resource()),
            library),
        null);
  }

  /** The jar or folder that a resource lies in. */
  private static String place(URL resource) {
    if (resource == null) {
      return "a library outside the class path";
    }
    String text = resource.toString();
    int inside = text.indexOf("!/");
    return inside < 0 ? text : text.substring(text.indexOf("file:") + 5, inside);
  }

  private static String nativeJars() {
    List<String> found =
        ServiceLoader.load(NativeJar.class, CpuBackend.class.getClassLoader()).stream()
            .map(provider -> provider.get().platform())
            .toList();
    return found.isEmpty()
        ? "no native jar was found: add the dependency dev.flambeau:flambeau-cpu-"
            + NativeLibrary.platform()
        : "native jars were found for " + String.join(", ", found);
  }

  /** The hash of flambeau.h, written beside this class by the build. */
  private static long expectedAbi() {
    try (InputStream in = CpuBackend.class.getResourceAsStream("abi.properties")) {
      Properties abi = new Properties();
      abi.load(in);
      return Long.parseUnsignedLong(abi.getProperty("abi"), 16);
    } catch (IOException e) {
      throw new IllegalStateException("abi.properties cannot be read", e);
    }
  }
}
