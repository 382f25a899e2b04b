package dev.flambeau.cli.prepare;

import java.util.List;

/**
 * How one column becomes numbers.
 *
 * @param name the column's name
 * @param categories for text, the values that get an output of their own (1 where the cell is this
 *     value, 0 elsewhere); null for numbers
 * @param mean for numbers, what is subtracted: the training rows' mean
 * @param scale what the rest is divided by: the training rows' standard deviation
 * @param fill what stands in for a missing number: the training rows' median
 */
public record Feature(
    String name, List<String> categories, double mean, double scale, double fill) {
  /** A column of numbers. */
  static Feature number(String name, double mean, double scale, double fill) {
    return new Feature(name, null, mean, scale, fill);
  }

  /** A column of text. */
  static Feature category(String name, List<String> categories) {
    return new Feature(name, List.copyOf(categories), 0, 1, 0);
  }

  /** Whether the column holds numbers. */
  public boolean isNumber() {
    return categories == null;
  }

  /** How many of the model's inputs the column makes. */
  public int width() {
    return isNumber() ? 1 : categories.size();
  }
}
