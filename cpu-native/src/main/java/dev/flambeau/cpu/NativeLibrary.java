package dev.flambeau.cpu;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/**
 * The native library of this platform: a resource, unpacked once into JavaCPP's cache and loaded
 * from there. JavaCPP's {@code Loader} would do as much, but reads annotations, properties and
 * twenty classes of its own on the way: 60 ms more at the start of every program.
 */
final class NativeLibrary {
  private static final String NAME = "jniflambeau_cpu";

  private NativeLibrary() {}

  /** This machine, named as JavaCPP names it: {@code linux-x86_64}. */
  static String platform() {
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
  static URL resource() {
    return NativeLibrary.class
        .getClassLoader()
        .getResource("dev/flambeau/cpu/" + platform() + "/" + System.mapLibraryName(NAME));
  }

  /**
   * Loads the library.
   *
   * @throws UnsatisfiedLinkError when there is none for this platform, or it cannot be linked
   * @throws IOException when it cannot be unpacked
   */
  static void load() throws IOException {
    URL resource = resource();
    if (resource == null) {
      System.loadLibrary(NAME);
      return;
    }
    System.load(file(resource).toAbsolutePath().toString());
  }

  private static Path file(URL resource) throws IOException {
    if (resource.getProtocol().equals("file")) {
      try {
        return Path.of(resource.toURI());
      } catch (URISyntaxException e) {
        throw new IOException(resource + " is not the name of a file", e);
      }
    }
    URLConnection connection = resource.openConnection();
    // Its sum names the library: another build never meets, nor overwrites, what a program runs on.
    if (connection instanceof JarURLConnection jar) {
      String folder = "flambeau-" + platform() + "-" + Long.toHexString(jar.getJarEntry().getCrc());
      try {
        return unpack(connection, cache().resolve(folder));
      } catch (FileSystemException e) {
        // The cache cannot be written: a folder of this process serves.
      }
    }
    Path folder = Files.createTempDirectory("flambeau");
    folder.toFile().deleteOnExit();
    Path file = unpack(resource.openConnection(), folder);
    file.toFile().deleteOnExit();
    return file;
  }

  private static Path cache() {
    String given = System.getProperty("org.bytedeco.javacpp.cachedir");
    return given != null
        ? Path.of(given)
        : Path.of(System.getProperty("user.home"), ".javacpp", "cache");
  }

  /** Several processes may do this at once: each writes a file of its own, and moves it there. */
  static Path unpack(URLConnection from, Path folder) throws IOException {
    Path file = folder.resolve(System.mapLibraryName(NAME));
    long size = from.getContentLengthLong();
    if (isWhole(file, size)) {
      return file;
    }
    Files.createDirectories(folder);
    Path part = Files.createTempFile(folder, NAME, ".part");
    try (InputStream in = from.getInputStream()) {
      Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      // Windows does not replace a library in use; then another process has put it there.
      if (!isWhole(file, size)) {
        throw e;
      }
    } finally {
      Files.deleteIfExists(part);
    }
    return file;
  }

  private static boolean isWhole(Path file, long size) throws IOException {
    return Files.exists(file) && Files.size(file) == size;
  }
}
