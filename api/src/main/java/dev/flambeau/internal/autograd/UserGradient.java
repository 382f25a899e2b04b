package dev.flambeau.internal.autograd;

import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.layout;
import static dev.flambeau.internal.tensor.TensorHandle.requireLive;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorHandle.storage;
import static dev.flambeau.internal.tensor.TensorImpl.emptyLike;
import static dev.flambeau.internal.tensor.TensorImpl.impl;
import static dev.flambeau.internal.tensor.TensorImpl.share;

import dev.flambeau.Tensor;
import dev.flambeau.internal.kernels.Copy;
import dev.flambeau.internal.tensor.DeviceContext;
import dev.flambeau.internal.tensor.Dims;
import dev.flambeau.internal.tensor.Layout;
import java.util.Arrays;

/**
 * Gradients on their way between the engine and the program's own code. What the program gives is
 * checked against what the graph expects there, and copied, since the program may keep it, change
 * it or give it twice. What the program is given is in memory that nothing else reads.
 */
public final class UserGradient {
  private final String giver; // of what is checked, for messages
  private final String receiver;
  private final boolean isArgument; // of a call, not a result of the program's code

  private UserGradient(String giver, String receiver, boolean isArgument) {
    this.giver = giver;
    this.receiver = receiver;
    this.isArgument = isArgument;
  }

  // ---- from the program

  /** What a hook made of {@code g}. */
  static Tensor ofHook(String node, Tensor result, Tensor g, boolean createGraph) {
    new UserGradient(node + ": a hook returned a gradient", "one", false)
        .check(result, sizes(g), context(g), false);
    return apart(result, result.to(g.device()).to(g.dtype()), createGraph);
  }

  /** What a function's backward returned for an input. */
  static Tensor ofFunction(String node, Tensor result, GraphNode.Edge input, boolean createGraph) {
    new UserGradient(node + ": backward returned a gradient", "input " + input.input, false)
        .check(result, input.layout.sizes, input.context, true);
    return apart(result, input.fit(result), createGraph);
  }

  /** The gradient of {@code root} that a backward starts from. */
  static Tensor ofRoot(String op, Tensor root, Tensor gradient, boolean createGraph) {
    new UserGradient(op + ": given a gradient", "a tensor", true)
        .check(gradient, sizes(root), context(root), false);
    return apart(gradient, gradient.to(root.device()).to(root.dtype()), createGraph);
  }

  /** Checks what {@code x} is to have as its gradient, which it keeps as it is. */
  public static void checkGrad(Tensor x, Tensor gradient) {
    UserGradient set = new UserGradient("setGrad: given a gradient", "a tensor", true);
    if (gradient == x) {
      throw new IllegalArgumentException(
          "setGrad: a tensor cannot be its own gradient; use copy()");
    }
    set.check(gradient, sizes(x), null, false);
    if (context(gradient) != context(x)) {
      throw set.wrongDevice(gradient, context(x));
    }
    if (gradient.dtype() != x.dtype()) {
      throw set.refusal(
          gradient.dtype() + " for " + set.receiver + " of " + x.dtype(),
          "convert it with to(dtype)");
    }
  }

  private void check(Tensor g, long[] sizes, DeviceContext device, boolean isSummed) {
    requireLive(giver, g);
    if (!Arrays.equals(sizes(g), sizes) && !(isSummed && Dims.expands(sizes, sizes(g)))) {
      throw refusal(
          "shape " + Dims.text(sizes(g)) + " for " + receiver + " of shape " + Dims.text(sizes),
          "it must be that shape" + (isSummed ? ", or one that this broadcasts to" : ""));
    }
    if (device != null && context(g) != device && sizes.length > 0) { // a number is moved
      throw wrongDevice(g, device);
    }
  }

  private RuntimeException wrongDevice(Tensor g, DeviceContext device) {
    return refusal(
        g.device() + " for " + receiver + " on " + device.device, "move it with to(device)");
  }

  private RuntimeException refusal(String what, String advice) {
    String text = giver + " of " + what + "; " + advice;
    return isArgument ? new IllegalArgumentException(text) : new IllegalStateException(text);
  }

  /** {@code fitted}, which was made of {@code given}, in memory of its own. */
  private static Tensor apart(Tensor given, Tensor fitted, boolean createGraph) {
    return storage(given) == storage(fitted) ? copy(fitted, createGraph) : fitted;
  }

  // ---- to the program

  /** The gradient in memory that nothing else reads: itself where it is so. */
  static Tensor own(Tensor g, boolean createGraph) {
    return storage(g).isExclusive() ? g : copy(g, createGraph);
  }

  /**
   * A copy; dims along which one element is repeated stay so. Under {@code createGraph} it has the
   * same place in the graph, otherwise none.
   */
  static Tensor copy(Tensor g, boolean createGraph) {
    Layout l = layout(g);
    Layout once = l.withoutRepeats();
    boolean repeats = !Arrays.equals(once.sizes, l.sizes);
    Tensor from = repeats ? share(g, once) : g;
    Tensor y = emptyLike(from, g.dtype());
    Copy.into("copy", from, y);
    if (repeats) {
      long[] strides = layout(y).strides.clone();
      for (int i = 0; i < once.sizes.length; i++) {
        strides[i] = once.sizes[i] == l.sizes[i] ? strides[i] : 0;
      }
      Tensor part = y;
      y = share(part, Layout.strided("copy", l.sizes, strides, 0));
      part.close(); // so that y is the only holder
      from.close();
    }
    if (createGraph && impl(g).edge() != null) {
      impl(y).setHistory(impl(g).edge(), impl(g).output());
    }
    return y;
  }
}
