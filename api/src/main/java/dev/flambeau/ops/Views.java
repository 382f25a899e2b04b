package dev.flambeau.ops;

import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorImpl.impl;
import static dev.flambeau.internal.tensor.TensorImpl.share;

import dev.flambeau.Tensor;
import dev.flambeau.internal.autograd.GradMode;
import dev.flambeau.internal.autograd.Recording;
import dev.flambeau.internal.tensor.Layout;
import java.util.function.UnaryOperator;

/** How ops make views. */
final class Views {
  private Views() {}

  /**
   * A view of {@code x} with another layout, recorded: {@code back} makes the gradient of {@code x}
   * from that of the view.
   */
  static Tensor of(Tensor x, String node, Layout layout, UnaryOperator<Tensor> back) {
    Tensor y = share(x, layout);
    boolean records = true;
    if (x.requiresGrad()) {
      records = GradMode.get().enabled;
      if (records) {
        Recording.of(node, y).input(x, (g, saved) -> back.apply(g)).result();
      }
    }
    return impl(y).asViewOf(x, records);
  }

  /** A reshape of a tensor that only the calling op has: recorded as a step, not as a view. */
  static Tensor unsafe(Tensor x, long[] sizes) {
    Tensor y = share(x, Layout.contiguous("view", sizes));
    long[] before = sizes(x);
    return Recording.of("UnsafeViewBackward0", y)
        .input(x, (g, saved) -> g.reshape(before))
        .result();
  }
}
