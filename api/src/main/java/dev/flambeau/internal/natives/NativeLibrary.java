package dev.flambeau.internal.natives;

import dev.flambeau.spi.Availability;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.ServiceLoader;

/**
 * The native library of a backend: found, loaded, and held against the classes that bind it. It is
 * the file that the property {@code flambeau.BACKEND.library} names, else the resource {@code
 * PLATFORM/libjniflambeau_BACKEND.so} beside the backend's classes (from a jar it is unpacked
 * first, see {@link LibraryCache}), else what {@code java.library.path} has.
 *
 * <p>JavaCPP's {@code Loader} would do as much, but reads annotations, properties and twenty
 * classes of its own on the way: 60 ms more at the start of every program.
 */
public abstract class NativeLibrary {
  private final String backend;
  private final String dependency;

  /**
   * A library that is not loaded yet.
   *
   * @param backend the type of its devices: {@code cpu}, {@code cuda}
   * @param dependency what a program has to add where the library is missing
   */
  protected NativeLibrary(String backend, String dependency) {
    this.backend = backend;
    this.dependency = dependency;
  }

  /**
   * Calls {@link System#load}. A library serves the class loader of the class that makes this call,
   * which therefore has to be the backend's.
   */
  protected abstract void load(String file);

  /** Calls {@link System#loadLibrary}, from a class of the backend like {@link #load}. */
  protected abstract void loadLibrary(String name);

  /**
   * Opens {@code abi.properties}, which the build writes beside the backend's classes; null where
   * there is none. Only the backend's own module may read it there.
   */
  protected abstract InputStream abiProperties();

  /** The hash of the headers that the loaded library was built from. */
  protected abstract long abi();

  /** Whether the backend can serve, now that its library is loaded and is the right one. */
  protected Availability serves() {
    return Availability.yes();
  }

  /** Loads the library and checks it, and answers in one sentence what is missing. */
  public final Availability open() {
    String named = System.getProperty("flambeau." + backend + ".library", "");
    URL resource = named.isEmpty() ? resource() : null;
    try {
      if (!named.isEmpty()) {
        load(Path.of(named).toAbsolutePath().toString());
      } else if (resource != null) {
        load(LibraryCache.file(resource).toAbsolutePath().toString());
      } else {
        loadLibrary(name());
      }
      long expected = expectedAbi();
      long library = abi();
      return expected == library
          ? serves()
          : Availability.no(mismatch(expected, library, named, resource), null);
    } catch (LinkageError | IOException | RuntimeException e) {
      String remedy = named.isEmpty() ? nativeJars() : "flambeau." + backend + ".library names it";
      return Availability.no(
          "the " + title() + " did not load: " + e.getMessage() + "; " + remedy, e);
    }
  }

  /** This machine, named as JavaCPP names it: {@code linux-x86_64}. */
  public static String platform() {
    String given = System.getProperty("org.bytedeco.javacpp.platform");
    if (given != null) {
      return given;
    }
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String machine = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return (system.startsWith("mac") ? "macosx" : system.startsWith("win") ? "windows" : system)
        + "-"
        + (machine.equals("amd64") ? "x86_64" : machine.equals("aarch64") ? "arm64" : machine);
  }

  /** Where the library lies on the class path or module path; null when it does not. */
  public final URL resource() {
    Class<?> type = getClass();
    String folder = type.getPackageName().replace('.', '/') + "/" + platform();
    return type.getClassLoader().getResource(folder + "/" + System.mapLibraryName(name()));
  }

  private String name() {
    return "jniflambeau_" + backend;
  }

  private String title() {
    return backend.toUpperCase(Locale.ROOT) + " kernels for " + platform();
  }

  private long expectedAbi() throws IOException {
    try (InputStream in = abiProperties()) {
      if (in == null) {
        throw new IOException("abi.properties is missing: the classes were built without Maven");
      }
      Properties abi = new Properties();
      abi.load(in);
      return Long.parseUnsignedLong(abi.getProperty("abi"), 16);
    }
  }

  private String mismatch(long expected, long library, String named, URL resource) {
    return String.format(
        "the %s classes and the native library come from different builds: %s has ABI %016x, %s has"
            + " %016x; use one version of flambeau-%s-native for both",
        backend.toUpperCase(Locale.ROOT),
        place(classes()),
        expected,
        named.isEmpty() ? place(resource) : named,
        library,
        backend);
  }

  private URL classes() {
    Class<?> type = getClass();
    return type.getResource(
        type.getName().substring(type.getPackageName().length() + 1) + ".class");
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

  private String nativeJars() {
    List<String> found =
        ServiceLoader.load(NativeJar.class, getClass().getClassLoader()).stream()
            .map(ServiceLoader.Provider::get)
            .filter(jar -> jar.backend().equals(backend))
            .map(NativeJar::platform)
            .toList();
    return found.isEmpty()
        ? "no native jar was found: add the dependency " + dependency
        : "native jars were found for " + String.join(", ", found);
  }
}
