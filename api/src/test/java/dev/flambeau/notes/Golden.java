package dev.flambeau.notes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.flambeau.Flambeau;
import dev.flambeau.PrintOptions;
import dev.flambeau.Resources;
import dev.flambeau.notes.PrintedText.Digits;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A snippet of the course notes beside what PyTorch prints for it, at default precision and with
 * nine digits. Text, names, layout and integers must be the same. Computed floats must be equal at
 * four digits; with nine, and in printed losses, they are within 1e-6 relative plus 1e-7 absolute,
 * since the order of a sum is ours. Lines that hold random values must be exact throughout.
 */
final class Golden {
  private static final String NINE_DIGITS = "-9digits";

  private final String name;
  private final Set<Integer> exact = new HashSet<>();
  private final Set<Integer> ownDraws = new HashSet<>();

  private Golden(String name) {
    this.name = name;
  }

  /** The expected text {@code notes/NAME.txt}, and {@code notes/NAME-9digits.txt} if it differs. */
  static Golden of(String name) {
    return new Golden(name);
  }

  /** These lines (the first is 1) of the nine-digit text hold drawn, not computed, values. */
  Golden exactLines(int first, int last) {
    for (int line = first; line <= last; ++line) {
      exact.add(line);
    }
    return this;
  }

  /** On these lines the digits come from a generator that is not PyTorch's: only form counts. */
  Golden formOfLines(int first, int last) {
    for (int line = first; line <= last; ++line) {
      ownDraws.add(line);
    }
    return this;
  }

  /** Runs the program twice, with seed 0 each time, and compares what it prints. */
  void check(Runnable program) {
    compare("", Digits.FOUR, printed(program));
    try (var digits = PrintOptions.precision(9)) {
      boolean differs = Resources.exists("notes/" + name + NINE_DIGITS + ".txt");
      compare(differs ? NINE_DIGITS : "", Digits.NINE, printed(program));
    }
  }

  private static synchronized String printed(Runnable program) {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      System.setOut(out);
      Flambeau.manualSeed(0);
      program.run();
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8).replace("\r\n", "\n");
  }

  private void compare(String variant, Digits digits, String actualText) {
    String expectedText = Resources.text("notes/" + name + variant + ".txt");
    List<String> expected = expectedText.lines().toList();
    List<String> actual = actualText.lines().toList();
    if (expected.size() != actual.size()) {
      // Whole and fractional notation wrap differently: then only the text as a whole compares.
      report(variant, PrintedText.difference(expectedText, actualText, digits), actualText);
      return;
    }
    for (int i = 0; i < expected.size(); ++i) {
      if (ownDraws.contains(i + 1)) {
        assertTrue(PrintedText.sameForm(expected.get(i), actual.get(i)), actualText);
        continue;
      }
      boolean drawn = exact.contains(i + 1) && digits == Digits.NINE;
      String difference =
          PrintedText.difference(expected.get(i), actual.get(i), drawn ? Digits.ALL : digits);
      report(
          variant, difference == null ? null : "line " + (i + 1) + ": " + difference, actualText);
    }
  }

  private void report(String variant, String difference, String actual) {
    if (difference != null) {
      String expected = Resources.text("notes/" + name + variant + ".txt");
      assertEquals(expected, actual, name + variant + ": " + difference);
      fail(name + variant + ": " + difference);
    }
  }
}
