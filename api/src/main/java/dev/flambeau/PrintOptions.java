package dev.flambeau;

import dev.flambeau.internal.text.TextOptions;

/**
 * How this thread prints tensors: PyTorch's {@code set_printoptions}, with its defaults. Each
 * method changes one option for the calling thread and gives back what was there before on close:
 *
 * <pre>{@code
 * try (var p = PrintOptions.precision(9)) {
 *   System.out.println(tensor);
 * }
 * }</pre>
 *
 * Without a close the option stays. Scopes nest; close them in the thread that opened them, the
 * last one first.
 */
public final class PrintOptions {
  /** Gives the thread its earlier options back. */
  public interface Restore extends AutoCloseable {
    @Override
    void close();
  }

  private PrintOptions() {}

  /** Digits after the point of floating values; 4 by default. */
  public static Restore precision(int digits) {
    require("precision", digits, 0);
    TextOptions now = TextOptions.current();
    return change(
        new TextOptions(digits, now.threshold(), now.edgeItems(), now.lineWidth(), now.sciMode()));
  }

  /**
   * The number of elements above which a tensor is summarised with {@code ...}; 1000 by default,
   * {@code Long.MAX_VALUE} for never.
   */
  public static Restore threshold(long elements) {
    require("threshold", elements, 0);
    TextOptions now = TextOptions.current();
    return change(
        new TextOptions(
            now.precision(), elements, now.edgeItems(), now.lineWidth(), now.sciMode()));
  }

  /** How many items a summary shows at each end of an axis; 3 by default. */
  public static Restore edgeItems(int items) {
    require("edgeItems", items, 1);
    TextOptions now = TextOptions.current();
    return change(
        new TextOptions(now.precision(), now.threshold(), items, now.lineWidth(), now.sciMode()));
  }

  /** Characters on a line; 80 by default. */
  public static Restore lineWidth(int characters) {
    require("lineWidth", characters, 1);
    TextOptions now = TextOptions.current();
    return change(
        new TextOptions(
            now.precision(), now.threshold(), now.edgeItems(), characters, now.sciMode()));
  }

  /**
   * Forces scientific notation of floating values on or off; null, the default, chooses it where
   * values are very large, very small, or far apart.
   */
  public static Restore sciMode(Boolean mode) {
    TextOptions now = TextOptions.current();
    return change(
        new TextOptions(now.precision(), now.threshold(), now.edgeItems(), now.lineWidth(), mode));
  }

  /** Gives this thread the defaults. */
  public static Restore defaults() {
    return change(TextOptions.DEFAULTS);
  }

  private static Restore change(TextOptions options) {
    TextOptions before = TextOptions.current();
    TextOptions.set(options);
    return () -> TextOptions.set(before);
  }

  private static void require(String option, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "PrintOptions." + option + ": must be at least " + least + ", got " + value);
    }
  }
}
