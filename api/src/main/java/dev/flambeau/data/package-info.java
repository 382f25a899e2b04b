/** Data sets, and loaders that cut them into batches, as in torch.utils.data. */
package dev.flambeau.data;
