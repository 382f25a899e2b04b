package dev.flambeau;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Text files among the tests' resources. */
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

  public static boolean exists(String path) {
    return Resources.class.getResource(path) != null;
  }
}
