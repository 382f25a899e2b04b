/** Optimizers, schedules of the learning rate, and gradient clipping, as in torch.optim. */
package dev.flambeau.optim;
