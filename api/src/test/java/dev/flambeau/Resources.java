package dev.flambeau;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Text files among the tests' resources, and classes of the library. */
public final class Resources {
  private Resources() {}

  /** The text of {@code path}, counted from this package. */
  public static String text(String path) {
    try (InputStream in = Resources.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalArgumentException("no test resource dev/flambeau/" + path);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The lines of {@code path}. */
  public static List<String> lines(String path) {
    return text(path).lines().toList();
  }

  /** All classes in the package of {@code one}, nested ones too; from a folder or a jar. */
  public static List<Class<?>> classesBeside(Class<?> one) throws IOException {
    try {
      Path home = Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (Files.isDirectory(home)) {
        return classesIn(home, one);
      }
      try (FileSystem jar = FileSystems.newFileSystem(home)) {
        return classesIn(jar.getPath("/"), one);
      }
    } catch (URISyntaxException | ClassNotFoundException e) {
      throw new IOException(e);
    }
  }

  private static List<Class<?>> classesIn(Path root, Class<?> one)
      throws IOException, ClassNotFoundException {
    List<Class<?>> found = new ArrayList<>();
    Path folder = root.resolve(one.getPackageName().replace('.', '/'));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.class")) {
      for (Path file : files) {
        String name = file.getFileName().toString().replace(".class", "");
        if (!name.equals("package-info")) {
          found.add(Class.forName(one.getPackageName() + "." + name));
        }
      }
    }
    return found;
  }

  public static boolean exists(String path) {
    return Resources.class.getResource(path) != null;
  }
}
