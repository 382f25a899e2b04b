package dev.flambeau.internal.text;

import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * How the elements of one tensor are written: one notation and one width for all of them, chosen
 * from those that are shown. Zeros, infinities and NaN have no say in either, as in PyTorch.
 */
final class ElementFormat {
  private enum Notation {
    /** Integers and booleans. */
    EXACT,
    /** Floats that are all whole: {@code 3.} */
    WHOLE,
    FIXED,
    SCIENTIFIC
  }

  private static final double WIDEST_RATIO = 1000;
  private static final double LARGEST_PLAIN = 1e8;
  private static final double SMALLEST_PLAIN = 1e-4;

  private final TensorFormat.Source source;
  private final int precision;
  private final Notation notation;
  private final int width;

  private ElementFormat(TensorFormat.Source source, int precision, Notation notation, int width) {
    this.source = source;
    this.precision = precision;
    this.notation = notation;
    this.width = width;
  }

  /**
   * The format for the elements of {@code source} that are shown.
   *
   * @param shown calls the visitor it is given with the position of each of them
   */
  static ElementFormat of(
      TensorFormat.Source source, TextOptions options, Consumer<LongConsumer> shown) {
    if (source.kind() != TensorFormat.Kind.FLOAT) {
      return new ElementFormat(source, 0, Notation.EXACT, 1).widened(shown);
    }
    Range range = new Range();
    shown.accept(position -> range.add(source.real(position)));
    if (range.isEmpty()) {
      return new ElementFormat(source, options.precision(), Notation.WHOLE, 1);
    }
    ElementFormat natural =
        new ElementFormat(source, options.precision(), range.notation(), 1).widened(shown);
    if (options.sciMode() == null) {
      return natural;
    }
    // A forced notation keeps the width of the one it replaces.
    Notation forced = options.sciMode() ? Notation.SCIENTIFIC : range.plainNotation();
    return new ElementFormat(source, natural.precision, forced, natural.width);
  }

  /** Characters that every element takes at least. */
  int width() {
    return width;
  }

  /** The element at {@code position}, with spaces before it up to the width. */
  String text(long position) {
    String text = bare(position);
    return " ".repeat(Math.max(0, width - text.length())) + text;
  }

  private ElementFormat widened(Consumer<LongConsumer> shown) {
    int[] widest = {width};
    shown.accept(
        position -> {
          if (notation == Notation.EXACT || counts(source.real(position))) {
            widest[0] = Math.max(widest[0], bare(position).length());
          }
        });
    return new ElementFormat(source, precision, notation, widest[0]);
  }

  private String bare(long position) {
    if (notation == Notation.EXACT) {
      long value = source.integer(position);
      if (source.kind() == TensorFormat.Kind.BOOL) {
        return value != 0 ? "True" : "False";
      }
      return Long.toString(value);
    }
    double value = source.real(position);
    if (notation == Notation.SCIENTIFIC) {
      return PyFormat.scientific(value, precision);
    }
    if (notation == Notation.WHOLE) {
      return PyFormat.fixed(value, 0) + (Double.isFinite(value) ? "." : "");
    }
    return PyFormat.fixed(value, precision);
  }

  private static boolean counts(double value) {
    return Double.isFinite(value) && value != 0;
  }

  /** What the notation is chosen from. */
  private static final class Range {
    private double least = Double.POSITIVE_INFINITY;
    private double most;
    private boolean whole = true;

    void add(double value) {
      if (counts(value)) {
        least = Math.min(least, Math.abs(value));
        most = Math.max(most, Math.abs(value));
        whole &= value == Math.rint(value);
      }
    }

    boolean isEmpty() {
      return most == 0;
    }

    Notation plainNotation() {
      return whole ? Notation.WHOLE : Notation.FIXED;
    }

    Notation notation() {
      boolean apart = most / least > WIDEST_RATIO || most > LARGEST_PLAIN;
      boolean scientific = apart || !whole && least < SMALLEST_PLAIN;
      return scientific ? Notation.SCIENTIFIC : plainNotation();
    }
  }
}
