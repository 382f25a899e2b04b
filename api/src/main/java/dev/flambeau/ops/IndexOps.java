package dev.flambeau.ops;

import static dev.flambeau.internal.kernels.DTypes.encode;
import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.layout;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorImpl.newEmpty;

import dev.flambeau.DType;
import dev.flambeau.Index;
import dev.flambeau.Tensor;
import dev.flambeau.internal.autograd.Recording;
import dev.flambeau.internal.kernels.IndexKernels;
import dev.flambeau.internal.kernels.Pointwise;
import dev.flambeau.internal.kernels.Require;
import dev.flambeau.internal.tensor.Dims;
import dev.flambeau.internal.tensor.Layout;
import java.util.Arrays;

/**
 * Reading and writing by index: index expressions as in NumPy, and the gather and scatter family,
 * whose indices are int64 and count from 0. One that is out of range is an {@link
 * IndexOutOfBoundsException}; a GPU finds it later than the call, at the latest when a value is
 * read.
 */
public sealed interface IndexOps permits Tensor {
  /**
   * What an index expression names: {@code x.get(0)}, {@code x.get(Index.all(), -1)}, {@code
   * x.get("0, :, ::2")}, {@code x.get(rows)} with an int64 tensor, {@code x.get(mask)} with a bool
   * tensor. Without tensors, a view.
   *
   * @throws IndexOutOfBoundsException when an index is out of range or there are more than dims
   */
  default Tensor get(Object... index) {
    return Indexing.get((Tensor) this, Index.list(index));
  }

  /**
   * Writes a value, broadcast, into the elements that an index expression names, as {@link #get}
   * has them; changes this tensor and returns it.
   */
  default Tensor set(Tensor value, Object... index) {
    Require.given("set", "value", value);
    Indexing.set((Tensor) this, value, Index.list(index));
    return (Tensor) this;
  }

  /**
   * Writes a number into the elements that an index expression names; changes this tensor and
   * returns it.
   */
  default Tensor set(double value, Object... index) {
    Tensor x = (Tensor) this;
    Tensor v = newEmpty("set", x, x.dtype());
    Pointwise.fill(v, encode(x.dtype(), value));
    return set(v, index);
  }

  /**
   * Elements picked along a dim: {@code y[i][j] = x[index[i][j]][j]} for dim 0. {@code index}
   * (int64) has this tensor's rank, and nowhere but along {@code dim} more than its sizes; the
   * result has its shape.
   */
  default Tensor gather(int dim, Tensor index) {
    Require.given("gather", "index", index);
    Tensor x = (Tensor) this;
    int d = Dims.wrap("gather", dim, x.dim());
    IndexKernels.checkIndex("gather", x, d, index);
    Tensor y = IndexKernels.gather(x, d, index);
    long[] sizes = sizes(x);
    return Recording.of("GatherBackward0", y)
        .saves(index)
        .input(
            x,
            (g, saved) ->
                newEmpty("gather backward", g, g.dtype(), sizes)
                    .zero_()
                    .scatterAdd(d, saved.get(0), g))
        .result();
  }

  /**
   * A copy of this with the elements of {@code source} written where {@code index} says along a
   * dim: {@code y[index[i][j]][j] = source[i][j]} for dim 0, the reverse of {@link #gather}. Of
   * several for one place the last counts; the source has this dtype and at least the index's
   * sizes.
   */
  default Tensor scatter(int dim, Tensor index, Tensor source) {
    Require.given("scatter", "index", index);
    Require.given("scatter", "source", source);
    Tensor x = (Tensor) this;
    int d = Dims.wrap("scatter", dim, x.dim());
    Tensor y = IndexKernels.scatter("scatter", 0, x, d, index, source);
    long[] sizes = sizes(source);
    return Recording.of("ScatterBackward0", y)
        .saves(index)
        .input(x, (g, saved) -> g.scatter(d, saved.get(0), 0))
        .input(source, (g, saved) -> IndexKernels.padTo(g.gather(d, saved.get(0)), sizes))
        .result();
  }

  /**
   * A copy of this with {@code value} written where {@code index} says along a dim, as {@link
   * #scatter(int, Tensor, Tensor)}.
   */
  default Tensor scatter(int dim, Tensor index, double value) {
    Require.given("scatter", "index", index);
    Tensor x = (Tensor) this;
    int d = Dims.wrap("scatter", dim, x.dim());
    Tensor v = newEmpty("scatter", x, x.dtype());
    Pointwise.fill(v, encode(x.dtype(), value));
    Tensor y = IndexKernels.scatter("scatter", 0, x, d, index, v.expand(sizes(index)));
    return Recording.of("ScatterBackward1", y)
        .saves(index)
        .input(x, (g, saved) -> g.scatter(d, saved.get(0), 0))
        .result();
  }

  /**
   * A copy of this with the elements of {@code source} added where {@code index} says along a dim,
   * as {@link #scatter(int, Tensor, Tensor)} writes them; several for one place add up.
   */
  default Tensor scatterAdd(int dim, Tensor index, Tensor source) {
    Require.given("scatterAdd", "index", index);
    Require.given("scatterAdd", "source", source);
    Tensor x = (Tensor) this;
    int d = Dims.wrap("scatterAdd", dim, x.dim());
    Tensor y = IndexKernels.scatter("scatterAdd", 1, x, d, index, source);
    long[] sizes = sizes(source);
    return Recording.of("ScatterAddBackward0", y)
        .saves(index)
        .input(x, (g, saved) -> g)
        .input(source, (g, saved) -> IndexKernels.padTo(g.gather(d, saved.get(0)), sizes))
        .result();
  }

  /**
   * The slices of a dim at the places that {@code index} (int64, one dim) names, in its order; a
   * copy.
   */
  default Tensor indexSelect(int dim, Tensor index) {
    Require.given("indexSelect", "index", index);
    Tensor x = (Tensor) this;
    int d = Dims.wrap("indexSelect", dim, x.dim());
    Tensor y = IndexKernels.indexSelect(x, d, index);
    long[] sizes = sizes(x);
    return Recording.of("IndexSelectBackward0", y)
        .saves(index)
        .input(
            x,
            (g, saved) ->
                newEmpty("indexSelect backward", g, g.dtype(), sizes)
                    .zero_()
                    .indexAdd(d, saved.get(0), g))
        .result();
  }

  /**
   * A copy of this with the slices of {@code source} along a dim added at the places that {@code
   * index} (int64, one dim) names: {@code y[index[i]] += source[i]} for dim 0.
   */
  default Tensor indexAdd(int dim, Tensor index, Tensor source) {
    Require.given("indexAdd", "index", index);
    Require.given("indexAdd", "source", source);
    Tensor x = (Tensor) this;
    int d = Dims.wrap("indexAdd", dim, x.dim());
    Tensor y = IndexKernels.indexAdd(x, d, index, source);
    return Recording.of("IndexAddBackward0", y)
        .saves(index)
        .input(x, (g, saved) -> g)
        .input(source, (g, saved) -> g.indexSelect(d, saved.get(0)))
        .result();
  }

  /** As {@link #oneHot(long)}, with one more class than the greatest index. */
  default Tensor oneHot() {
    Tensor x = (Tensor) this;
    if (x.numel() == 0) {
      throw new IllegalArgumentException(
          "oneHot: an empty tensor does not tell the number of classes; pass it");
    }
    long greatest = x.max().itemLong();
    return oneHot(greatest == Long.MAX_VALUE ? greatest : greatest + 1); // too many either way
  }

  /** Class indices (int64) as rows of 0 with a 1 at the class: shape (..., classes), int64. */
  default Tensor oneHot(long classes) {
    Tensor x = Require.index("oneHot", (Tensor) this);
    if (classes < 1) {
      throw new IllegalArgumentException(
          "oneHot: the number of classes must be at least 1, got " + classes);
    }
    long[] out = Arrays.copyOf(sizes(x), x.dim() + 1);
    out[x.dim()] = classes;
    Dims.check("oneHot", out);
    // On other devices the scatter below checks: to read the values here would wait for the device.
    if (x.numel() > 0 && context(x).memory.isHost()) {
      long low = x.min().itemLong();
      long high = x.max().itemLong();
      if (low < 0 || high >= classes) {
        throw new IndexOutOfBoundsException(
            "oneHot: class " + (low < 0 ? low : high) + " is not in 0.." + (classes - 1));
      }
    }
    return newEmpty("oneHot", x, DType.INT64, out).zero_().scatter(-1, x.unsqueeze(-1), 1);
  }

  /** This, with {@code value} wherever {@code mask} (bool, broadcast to this shape) holds. */
  default Tensor maskedFill(Tensor mask, double value) {
    Require.given("maskedFill", "mask", mask);
    Tensor x = (Tensor) this;
    Require.requireBool("maskedFill", mask);
    Pointwise.sameDevice("maskedFill", x, mask);
    if (!Dims.text(Dims.broadcast("maskedFill", sizes(x), sizes(mask)))
        .equals(Dims.text(sizes(x)))) {
      throw new IllegalArgumentException(
          "maskedFill: the mask's shape "
              + Dims.text(sizes(mask))
              + " does not broadcast to "
              + Dims.text(sizes(x)));
    }
    Tensor v = newEmpty("maskedFill", x, x.dtype());
    Pointwise.fill(v, encode(x.dtype(), value));
    Layout rows = layout(x).rowMajor(); // as in PyTorch, which writes into such a copy
    return Recording.of("MaskedFillBackward0", Pointwise.where(mask, v, x, x.dtype(), rows))
        .saves(mask)
        .input(x, (g, saved) -> g.maskedFill(saved.get(0), 0))
        .result();
  }
}
