package dev.flambeau.optim.lr;

import dev.flambeau.optim.Optimizer;

/** Multiplies the rates by {@code gamma} every {@code stepSize} epochs. */
public final class StepLR extends LRScheduler {
  private final int stepSize;
  private final double gamma;

  /** With {@code gamma} 0.1. */
  public StepLR(Optimizer optimizer, int stepSize) {
    this(optimizer, stepSize, 0.1);
  }

  /**
   * With a factor of its own.
   *
   * @throws IllegalArgumentException if {@code stepSize} is below 1
   */
  public StepLR(Optimizer optimizer, int stepSize, double gamma) {
    super(optimizer);
    if (stepSize < 1) {
      throw new IllegalArgumentException("StepLR: stepSize must be at least 1, got " + stepSize);
    }
    this.stepSize = stepSize;
    this.gamma = gamma;
    begin();
  }

  @Override
  protected double next(double lr, double base) {
    return lastEpoch() > 0 && lastEpoch() % stepSize == 0 ? lr * gamma : lr;
  }
}
