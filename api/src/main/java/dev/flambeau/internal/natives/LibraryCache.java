package dev.flambeau.internal.natives;

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

/** Libraries that lie in jars, as files: unpacked once, into JavaCPP's cache. */
public final class LibraryCache {
  private LibraryCache() {}

  /** The file that holds {@code resource}: itself, or what is unpacked from its jar. */
  static Path file(URL resource) throws IOException {
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
      String sum = Long.toHexString(jar.getJarEntry().getCrc());
      String folder = "flambeau-" + NativeLibrary.platform() + "-" + sum;
      try {
        return unpack(connection, root().resolve(folder));
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

  private static Path root() {
    String given = System.getProperty("org.bytedeco.javacpp.cachedir");
    return given != null
        ? Path.of(given)
        : Path.of(System.getProperty("user.home"), ".javacpp", "cache");
  }

  /**
   * Copies what {@code from} reads into {@code folder}, unless it is there. Several processes may
   * do this at once: each writes a file of its own, and moves it there.
   */
  public static Path unpack(URLConnection from, Path folder) throws IOException {
    String path = from.getURL().getPath();
    String name = path.substring(path.lastIndexOf('/') + 1);
    Path file = folder.resolve(name);
    long size = from.getContentLengthLong();
    if (isWhole(file, size)) {
      return file;
    }
    Files.createDirectories(folder);
    Path part = Files.createTempFile(folder, name, ".part");
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
