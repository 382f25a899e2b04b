package dev.flambeau.data;

import dev.flambeau.Tensor;
import java.util.List;

/** Samples along the first dimension of tensors of one length. No scope frees the tensors. */
public final class TensorDataset implements Dataset<Sample> {
  private final List<Tensor> tensors;
  private final int size;

  /**
   * Sample {@code i} is every tensor's row {@code i}: at first the input, then the target.
   *
   * @throws IllegalArgumentException without tensors, for a 0-d tensor, when lengths differ, or are
   *     more than {@link Integer#MAX_VALUE}
   */
  public TensorDataset(Tensor... tensors) {
    if (tensors.length == 0) {
      throw new IllegalArgumentException("TensorDataset: needs at least one tensor");
    }
    for (Tensor t : tensors) {
      if (t.dim() == 0) {
        throw new IllegalArgumentException(
            "TensorDataset: a 0-d tensor has no samples; use unsqueeze(0) for a single one");
      }
      if (t.size(0) != tensors[0].size(0)) {
        throw new IllegalArgumentException(
            "TensorDataset: size mismatch between tensors: "
                + tensors[0].shape()
                + " and "
                + t.shape()
                + " must have the same first size");
      }
      t.escape();
    }
    long samples = tensors[0].size(0);
    if (samples > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "TensorDataset: "
              + tensors[0].shape()
              + " has more samples than an index counts, "
              + Integer.MAX_VALUE
              + "; cut it by narrow(0, ...)");
    }
    this.tensors = List.of(tensors);
    this.size = (int) samples;
  }

  /** The tensors. */
  public List<Tensor> tensors() {
    return tensors;
  }

  @Override
  public int size() {
    return size;
  }

  /**
   * Views of the tensors at {@code index}; negative indices count from the end.
   *
   * @throws IndexOutOfBoundsException when there is no such sample
   */
  @Override
  public Sample get(int index) {
    if (index < -size || index >= size) {
      throw new IndexOutOfBoundsException(
          "TensorDataset: index " + index + " of " + size + " samples");
    }
    return new Sample(tensors.stream().map(t -> t.select(0, index)).toList());
  }

  /** The samples at {@code indices} joined: one copy for each tensor, whatever their number. */
  Batch gather(long[] indices) {
    if (isRange(indices)) {
      return new Batch(
          tensors.stream().map(t -> t.narrow(0, indices[0], indices.length).copy()).toList());
    }
    Tensor index = Tensor.of(indices);
    return new Batch(tensors.stream().map(t -> t.indexSelect(0, index.to(t.device()))).toList());
  }

  private boolean isRange(long[] indices) {
    long first = indices[0];
    if (first < 0 || first + indices.length > size) {
      return false;
    }
    for (int i = 1; i < indices.length; i++) {
      if (indices[i] != first + i) {
        return false;
      }
    }
    return true;
  }
}
