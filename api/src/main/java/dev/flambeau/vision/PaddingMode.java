package dev.flambeau.vision;

import java.util.Locale;

/** The values of the pixels that padding adds. */
public enum PaddingMode {
  /** One value: 0, or what {@code fill} sets. */
  CONSTANT,
  /** The pixel at the edge, again and again: a a|a b c|c c. */
  EDGE,
  /** The image mirrored at its edge pixel, which is not repeated: c b|a b c|b a. */
  REFLECT,
  /** The image mirrored at its edge, the edge pixel repeated: b a|a b c|c b. */
  SYMMETRIC;

  /** The name in torchvision's prints, {@code reflect}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
