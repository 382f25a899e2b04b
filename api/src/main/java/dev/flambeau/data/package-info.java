/**
 * Data sets, and loaders that cut them into batches, as in {@code torch.utils.data}.
 *
 * <p>To read it: a {@link Dataset} gives a {@link Sample} for a position; {@link TensorDataset} is
 * one of tensors in memory, {@link Subset} a part of another. {@link DataLoader} goes over one in
 * order or shuffled, on worker threads if wanted, and gives a {@link Batch} at a time through a
 * {@link BatchIterator}. {@link Data} splits, {@link Table} has columns of numbers and text under
 * names.
 *
 * <p>Here belongs what comes before a model. Changes of images are in {@link dev.flambeau.vision}.
 */
package dev.flambeau.data;
