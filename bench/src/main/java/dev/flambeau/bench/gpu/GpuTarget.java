package dev.flambeau.bench.gpu;

import dev.flambeau.bench.Figures;
import java.util.Locale;

/**
 * What a line of the table for GPUs is to reach.
 *
 * @param kind what is compared
 * @param value its bound: from below, but for {@link Kind#MICROS}
 */
record GpuTarget(Kind kind, double value) {
  /** PyTorch's own times repeat no better than this: who is so close is not behind. */
  private static final double NOISE = 0.97;

  enum Kind {
    /** A share of the bandwidth of copies on the device. */
    COPY,
    /** How many times faster than PyTorch. */
    PYTORCH,
    /** A share of cuBLAS's speed. */
    CUBLAS,
    /** Microseconds, at most. */
    MICROS,
    /** A share of the bandwidth of the bus. */
    BUS
  }

  static GpuTarget copy(double share) {
    return new GpuTarget(Kind.COPY, share);
  }

  static GpuTarget pytorch(double times) {
    return new GpuTarget(Kind.PYTORCH, times);
  }

  static GpuTarget cublas(double share) {
    return new GpuTarget(Kind.CUBLAS, share);
  }

  static GpuTarget micros(double most) {
    return new GpuTarget(Kind.MICROS, most);
  }

  static GpuTarget bus(double share) {
    return new GpuTarget(Kind.BUS, share);
  }

  /** Whether what was measured reaches it; NaN, nothing measured, does not. */
  boolean met(double measured) {
    return switch (kind) {
      case MICROS -> measured <= value;
      case PYTORCH -> measured >= (value == 1 ? NOISE : value);
      default -> measured >= value;
    };
  }

  /** What was measured, as people say it. */
  String said(double measured) {
    return switch (kind) {
      case COPY, CUBLAS, BUS -> Math.round(100 * measured) + " %";
      case PYTORCH -> Figures.digits(measured) + "x";
      case MICROS -> Figures.digits(measured) + " us";
    };
  }

  @Override
  public String toString() {
    return switch (kind) {
      case COPY -> percent() + " of a copy";
      case CUBLAS -> percent() + " of cuBLAS";
      case BUS -> percent() + " of the bus";
      case MICROS -> String.format(Locale.ROOT, "%.1f us", value);
      case PYTORCH ->
          value == 1 ? "not behind" : value < 1 ? "within " + slower() : Math.round(value) + "x";
    };
  }

  private String percent() {
    return Math.round(100 * value) + " %";
  }

  private String slower() {
    return Math.round(100 * (1 - value)) + " %";
  }
}
