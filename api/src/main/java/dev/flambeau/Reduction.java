package dev.flambeau;

import java.util.Locale;

/** How a loss combines the losses of its elements. */
public enum Reduction {
  /** The loss of each element. */
  NONE,
  /** Their mean. */
  MEAN,
  /** Their sum. */
  SUM;

  /** PyTorch's name: {@code none}, {@code mean}, {@code sum}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
