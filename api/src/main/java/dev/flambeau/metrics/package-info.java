/** Figures that judge a model over many batches, as in torchmetrics. */
package dev.flambeau.metrics;
