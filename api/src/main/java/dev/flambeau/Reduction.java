package dev.flambeau;

import dev.flambeau.spi.Kernels;
import java.util.Locale;

/** What a loss does with the losses of its elements. */
public enum Reduction {
  NONE(Kernels.NONE),
  MEAN(Kernels.MEAN),
  SUM(Kernels.SUM);

  final int code;

  Reduction(int code) {
    this.code = code;
  }

  /** PyTorch's word for it: {@code none}, {@code mean}, {@code sum}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
