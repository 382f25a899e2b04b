package dev.flambeau.ops;

import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorImpl.emptyLike;
import static dev.flambeau.internal.tensor.TensorImpl.newEmpty;

import dev.flambeau.Autograd;
import dev.flambeau.Tensor;
import dev.flambeau.internal.autograd.Recording;
import dev.flambeau.internal.kernels.Copy;
import dev.flambeau.internal.tensor.Dims;
import java.util.Arrays;

/** Copies: of one tensor, in another layout, several times over. */
public sealed interface CopyOps permits Tensor {
  /** A copy with memory of its own; gradients flow through (PyTorch's {@code clone}). */
  default Tensor copy() {
    Tensor x = (Tensor) this;
    Tensor y = emptyLike(x, x.dtype());
    Copy.into("copy", x, y);
    return Recording.of("CloneBackward0", y).input(x, (g, saved) -> g).result();
  }

  /** This tensor if its elements lie in row-major order without gaps, else such a copy. */
  default Tensor contiguous() {
    Tensor x = (Tensor) this;
    if (x.isContiguous()) {
      return x;
    }
    return Recording.of("CloneBackward0", Copy.rowMajor(x)).input(x, (g, saved) -> g).result();
  }

  /** This tensor repeated along each dim, new dims first; a copy. */
  default Tensor repeat(long... times) {
    Tensor x = (Tensor) this;
    int shift = times.length - x.dim();
    if (shift < 0) {
      throw new IllegalArgumentException(
          "repeat: "
              + Dims.text(times)
              + " must name at least the "
              + x.dim()
              + " dims of shape "
              + Dims.text(sizes(x)));
    }
    Dims.check("repeat", times);
    // Each dim becomes a pair (times, size): repeating is expanding the first and joining both.
    int n = times.length;
    long[] pairs = new long[2 * n];
    long[] ones = new long[2 * n];
    long[] out = new long[n];
    for (int i = 0; i < n; i++) {
      long size = i < shift ? 1 : sizes(x)[i - shift];
      pairs[2 * i] = times[i];
      ones[2 * i] = 1;
      pairs[2 * i + 1] = ones[2 * i + 1] = size;
      out[i] = times[i] * size;
    }
    Dims.check("repeat", pairs); // with these products those above are exact
    Tensor y;
    try (var off = Autograd.noGrad()) {
      y = Copy.rowMajor(x.detach().reshape(ones).expand(pairs)).reshape(out);
    }
    long[] sizes = sizes(x);
    int[] repeats = new int[n];
    Arrays.setAll(repeats, i -> 2 * i);
    return Recording.of("RepeatBackward0", y.detach())
        .input(
            x,
            (g, saved) ->
                g.numel() == 0
                    ? newEmpty("repeat backward", g, g.dtype(), sizes).zero_()
                    : g.reshape(pairs).sum(repeats).reshape(sizes))
        .result();
  }
}
