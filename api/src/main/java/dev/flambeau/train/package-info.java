/**
 * Helpers around a training loop that the program writes itself: early stopping, hyperparameter
 * search, the check on one batch, and a model's summary.
 *
 * <p>To read it: {@link EarlyStopping} and {@link Search} are called from one's own loop; {@link
 * OverfitCheck} trains on one batch, and is run before the first training; {@link Summary} lists a
 * model's layers with their shapes and parameters.
 *
 * <p>Here belongs what uses models, data, optimizers and metrics together, and nothing else needs.
 */
package dev.flambeau.train;
