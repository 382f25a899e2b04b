package dev.flambeau.cli.training;

/**
 * What one epoch came to. Losses are means over rows; the metric is the accuracy or, for
 * regression, the root mean squared error in the target's own unit. The training figures are those
 * met on the way, with dropout on and weights that still change.
 *
 * @param number from 1
 * @param trainingLoss mean loss of the training rows
 * @param trainingMetric metric of the training rows
 * @param validationLoss mean loss of the validation rows
 * @param validationMetric metric of the validation rows
 */
public record Epoch(
    int number,
    double trainingLoss,
    double trainingMetric,
    double validationLoss,
    double validationMetric) {}
