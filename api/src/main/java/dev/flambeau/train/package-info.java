/**
 * Helpers around a training loop that stays in sight: early stopping, hyperparameter search, the
 * check on one batch, and a model's summary.
 */
package dev.flambeau.train;
