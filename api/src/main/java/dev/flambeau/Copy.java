package dev.flambeau;

import dev.flambeau.spi.Kernels;

/** Moving elements between layouts, dtypes and devices, without recording. */
final class Copy {
  private Copy() {}

  /** The tensor itself if its elements fill memory without gaps, else a row-major copy. */
  static Tensor dense(Tensor x) {
    return x.layout().isDense() ? x : rowMajor(x);
  }

  /** The tensor itself if it is row-major, else a row-major copy. */
  static Tensor contiguous(Tensor x) {
    return x.layout().contiguous ? x : rowMajor(x);
  }

  /**
   * The tensor itself if it lies in memory as {@code like} (which is dense) does, else such a copy.
   */
  static Tensor inOrderOf(Tensor like, Tensor x) {
    return inOrderOf(like.layout(), x);
  }

  static Tensor inOrderOf(Layout like, Tensor x) {
    if (x.layout().sameOrder(like)) {
      return x;
    }
    Tensor y = Tensor.empty(x.context(), x.dtype(), like.fresh());
    into("copy", x, y);
    return y;
  }

  static Tensor rowMajor(Tensor x) {
    Tensor y = x.fresh(x.dtype(), x.sizes());
    into("copy", x, y);
    return y;
  }

  /** The values in another dtype, dense. */
  static Tensor convert(Tensor x, DType type) {
    Tensor y = x.freshLike(type);
    into("to", x, y);
    return y;
  }

  /** The elements on another device, in the same memory order where possible. */
  static Tensor onto(DeviceContext device, Tensor x) {
    return onto(device, x, false);
  }

  /**
   * The same; {@code beside}: the copy may run beside kernels started from now on, and the result
   * may be used after {@link dev.flambeau.spi.Memory#join()}.
   */
  static Tensor onto(DeviceContext device, Tensor x, boolean beside) {
    Tensor from = dense(x);
    Tensor y = Tensor.empty(device, x.dtype(), from.layout().fresh());
    if (y.numel() == 0) {
      return y;
    }
    DeviceContext home = from.context();
    long bytes = y.numel() * y.dtype().bytes();
    if (!home.memory.isHost()) {
      if (!device.memory.isHost()) {
        return onto(device, onto(Backends.cpu(), from), beside);
      }
      home.memory.download(y.address(), from.address(), bytes);
    } else if (beside) {
      device.memory.uploadBeside(y.address(), from.address(), bytes);
    } else {
      device.memory.upload(y.address(), from.address(), bytes);
    }
    device.check("to", Kernels.OK, from, y);
    return y;
  }

  /**
   * {@code to = from}, broadcast and converted; both on one device. Overlap is the caller's to
   * avoid.
   */
  static void into(String op, Tensor from, Tensor to) {
    if (to.numel() == 0) {
      return;
    }
    DeviceContext c = to.context();
    Kernels k = c.kernels;
    int a = from.dtype().code();
    int b = to.dtype().code();
    if (from.layout().sameOrder(to.layout()) && from.layout().isDense()) {
      c.check(op, k.convert(a, b, to.numel(), from.address(), to.address()), from, to);
      return;
    }
    Geometry g =
        new Geometry(to.sizes(), to.layout().strides, from.layout().broadcastStrides(to.sizes()));
    long x = from.address();
    long y = to.address();
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
