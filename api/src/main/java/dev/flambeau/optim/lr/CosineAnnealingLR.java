package dev.flambeau.optim.lr;

import dev.flambeau.optim.Optimizer;

/**
 * Moves the rates along half a cosine from their initial values to {@code etaMin} in {@code tMax}
 * epochs, and back in as many (Loshchilov and Hutter 2016, without restarts): {@code etaMin + (base
 * - etaMin) (1 + cos(pi t / tMax)) / 2}, computed step from step as PyTorch does.
 */
public final class CosineAnnealingLR extends LRScheduler {
  private final int tMax;
  private final double etaMin;

  /** Down to 0. */
  public CosineAnnealingLR(Optimizer optimizer, int tMax) {
    this(optimizer, tMax, 0);
  }

  /**
   * Down to {@code etaMin}.
   *
   * @throws IllegalArgumentException if {@code tMax} is below 1
   */
  public CosineAnnealingLR(Optimizer optimizer, int tMax, double etaMin) {
    super(optimizer);
    if (tMax < 1) {
      throw new IllegalArgumentException("CosineAnnealingLR: tMax must be at least 1, got " + tMax);
    }
    this.tMax = tMax;
    this.etaMin = etaMin;
    begin();
  }

  @Override
  protected double next(double lr, double base) {
    int t = lastEpoch();
    if (t == 0) {
      return lr;
    }
    if ((t - 1 - tMax) % (2 * tMax) == 0) {
      // The lowest point: the quotient below would be 0 / 0.
      return lr + (base - etaMin) * (1 - Math.cos(Math.PI / tMax)) / 2;
    }
    return (1 + Math.cos(Math.PI * t / tMax))
            / (1 + Math.cos(Math.PI * (t - 1) / tMax))
            * (lr - etaMin)
        + etaMin;
  }
}
