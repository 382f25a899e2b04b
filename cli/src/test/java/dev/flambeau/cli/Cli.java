package dev.flambeau.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a command did.
 *
 * @param code its exit code
 * @param out lines on the standard output
 * @param err lines on the error stream
 */
public record Cli(int code, List<String> out, List<String> err) {
  /** Runs a command in this JVM. */
  public static Cli run(Object... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    String[] texts = new String[args.length];
    for (int i = 0; i < args.length; i++) {
      texts[i] = args[i].toString();
    }
    int code =
        Main.run(
            new Console(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false),
            texts);
    return new Cli(code, lines(out), lines(err));
  }

  private static List<String> lines(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }

  /** The last line of the output. */
  public String last() {
    return out.isEmpty() ? "" : out.get(out.size() - 1);
  }

  /** The figure that the last line ends with. */
  public double figure() {
    return Double.parseDouble(last().substring(last().lastIndexOf(' ') + 1));
  }

  /** Asserts success. */
  public Cli ok() {
    assertEquals(0, code, () -> String.join("\n", err));
    return this;
  }

  /** Asserts a failure with one line of error that contains these parts. */
  public void fails(int expectedCode, String... parts) {
    assertEquals(expectedCode, code, this::toString);
    assertEquals(1, err.size(), this::toString);
    for (String part : parts) {
      assertTrue(err.get(0).contains(part), () -> err.get(0) + "\nlacks: " + part);
    }
  }

  /** Writes a file of UTF-8 text. */
  public static Path file(Path folder, String name, String text) {
    try {
      return Files.writeString(folder.resolve(name), text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
