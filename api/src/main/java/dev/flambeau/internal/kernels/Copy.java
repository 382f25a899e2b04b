package dev.flambeau.internal.kernels;

import static dev.flambeau.internal.kernels.DTypes.code;
import static dev.flambeau.internal.tensor.TensorHandle.address;
import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.layout;
import static dev.flambeau.internal.tensor.TensorHandle.outputAddress;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;
import static dev.flambeau.internal.tensor.TensorImpl.emptyLike;
import static dev.flambeau.internal.tensor.TensorImpl.emptyRowMajor;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import dev.flambeau.internal.tensor.DeviceContext;
import dev.flambeau.internal.tensor.Devices;
import dev.flambeau.internal.tensor.Dims;
import dev.flambeau.internal.tensor.Layout;
import dev.flambeau.internal.tensor.TensorImpl;
import dev.flambeau.spi.Kernels;

/** Moving elements between layouts, dtypes and devices, without recording. */
public final class Copy {
  private Copy() {}

  /** The tensor itself if its elements fill memory without gaps, else a copy in its order. */
  static Tensor dense(Tensor x) {
    return layout(x).isDense() ? x : anew(layout(x), x);
  }

  /** The tensor itself if it is row-major, else a row-major copy. */
  public static Tensor contiguous(Tensor x) {
    return layout(x).contiguous ? x : rowMajor(x);
  }

  /**
   * The tensor itself if it lies in memory as {@code like} does, else a dense copy in its order.
   */
  static Tensor inOrderOf(Tensor like, Tensor x) {
    return inOrderOf(layout(like), x);
  }

  public static Tensor inOrderOf(Layout like, Tensor x) {
    return layout(x).sameOrder(like) ? x : anew(like, x);
  }

  /** A copy that lies in memory as {@code like} does, which shares memory with the tensor. */
  static Tensor apart(Tensor like, Tensor x) {
    return anew(layout(like), x);
  }

  private static Tensor anew(Layout like, Tensor x) {
    Tensor y = TensorImpl.empty(context(x), x.dtype(), like.fresh());
    into("copy", x, y);
    return y;
  }

  public static Tensor rowMajor(Tensor x) {
    Tensor y = emptyRowMajor(x, x.dtype());
    into("copy", x, y);
    return y;
  }

  /** The values in another dtype, dense. */
  public static Tensor convert(Tensor x, DType type) {
    Tensor y = emptyLike(x, type);
    into("to", x, y);
    return y;
  }

  /** The elements on another device, in the same memory order where possible. */
  public static Tensor onto(DeviceContext device, Tensor x) {
    return onto(device, x, false);
  }

  /**
   * The same; {@code beside}: the copy may run beside kernels started from now on, and the result
   * may be used after {@link dev.flambeau.spi.Memory#join()}.
   */
  public static Tensor onto(DeviceContext device, Tensor x, boolean beside) {
    Tensor from = dense(x);
    Tensor y = TensorImpl.empty(device, x.dtype(), layout(from).fresh());
    if (y.numel() == 0) {
      return y;
    }
    DeviceContext home = context(from);
    long bytes = y.numel() * y.dtype().bytes();
    if (!home.memory.isHost()) {
      if (!device.memory.isHost()) {
        return onto(device, onto(Devices.cpu(), from), beside);
      }
      home.memory.download(outputAddress(y), address(from), bytes);
    } else if (beside) {
      device.memory.uploadBeside(outputAddress(y), address(from), bytes);
    } else {
      device.memory.upload(outputAddress(y), address(from), bytes);
    }
    device.check("to", Kernels.OK, from, y);
    return y;
  }

  /**
   * {@code to = from}, broadcast and converted; both on one device. Overlap is the caller's to
   * avoid.
   */
  public static void into(String op, Tensor from, Tensor to) {
    if (to.numel() == 0) {
      return;
    }
    DeviceContext c = context(to);
    Kernels k = c.kernels;
    int a = code(from.dtype());
    int b = code(to.dtype());
    if (layout(from).sameOrder(layout(to)) && layout(from).isDense()) {
      c.check(op, k.convert(a, b, to.numel(), address(from), outputAddress(to)), from, to);
      return;
    }
    if (!Dims.expands(sizes(from), sizes(to))) { // the last line before native code
      throw new IllegalArgumentException(
          op
              + ": shape "
              + Dims.text(sizes(from))
              + " does not broadcast to "
              + Dims.text(sizes(to)));
    }
    Geometry g =
        new Geometry(sizes(to), layout(to).strides, layout(from).broadcastStrides(sizes(to)));
    long x = address(from);
    long y = outputAddress(to);
    int status =
        g.call(
            c.memory,
            (table, off) ->
                k.copy(
                    a,
                    b,
                    table,
                    x + off[1] * from.dtype().bytes(),
                    y + off[0] * to.dtype().bytes()));
    c.check(op, status, from, to);
  }
}
