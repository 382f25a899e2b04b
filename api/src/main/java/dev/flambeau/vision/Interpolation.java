package dev.flambeau.vision;

import java.util.Locale;

/** How pixels between pixels are computed. */
public enum Interpolation {
  /** The pixel that lies nearest. */
  NEAREST,
  /** The four pixels around, weighted by nearness. */
  BILINEAR;

  /** The name in torchvision's prints, {@code bilinear}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
