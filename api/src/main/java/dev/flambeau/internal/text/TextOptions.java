package dev.flambeau.internal.text;

/**
 * How a thread prints tensors; {@code PrintOptions} says what each option means.
 *
 * @param precision digits after the point
 * @param threshold elements above which a tensor is summarised
 * @param edgeItems items that a summary shows at each end of an axis
 * @param lineWidth characters on a line
 * @param sciMode scientific notation on or off; null: chosen from the values
 */
public record TextOptions(
    int precision, long threshold, int edgeItems, int lineWidth, Boolean sciMode) {
  /** PyTorch's. */
  public static final TextOptions DEFAULTS = new TextOptions(4, 1000, 3, 80, null);

  private static final ThreadLocal<TextOptions> CURRENT = ThreadLocal.withInitial(() -> DEFAULTS);

  /** This thread's. */
  public static TextOptions current() {
    return CURRENT.get();
  }

  /** Changes this thread's. */
  public static void set(TextOptions options) {
    CURRENT.set(options);
  }
}
