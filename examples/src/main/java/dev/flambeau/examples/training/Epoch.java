package dev.flambeau.examples.training;

/**
 * What one epoch came to. Losses are means over rows; the metric is the accuracy or, for
 * regression, the root mean squared error in the target's own unit. The training figures are those
 * met on the way, with dropout on and weights that still change.
 *
 * @param number from 1
 */
public record Epoch(
    int number,
    double trainingLoss,
    double trainingMetric,
    double validationLoss,
    double validationMetric) {}
