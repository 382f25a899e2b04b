/**
 * Schedules of the learning rate, as in {@code torch.optim.lr_scheduler}.
 *
 * <p>To read it: {@link LRScheduler} has the steps and the saved state, and shows how to write one
 * of one's own; {@link StepLR} and {@link CosineAnnealingLR} are formulas of the epoch. {@link
 * ReduceLROnPlateau} follows a metric instead.
 *
 * <p>Here belongs what sets options of an optimizer's groups between its steps.
 */
package dev.flambeau.optim.lr;
