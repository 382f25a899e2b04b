package dev.flambeau;

import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.Memory;
import java.lang.ref.Reference;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** A device in use: its kernels, its memory, and what gives unreachable memory back. */
final class DeviceContext {
  final Device device;
  final Kernels kernels;
  final Memory memory;
  final Reclaimer reclaimer;
  private final AtomicReferenceArray<Tensor> ones =
      new AtomicReferenceArray<>(DType.values().length);

  DeviceContext(Device device, Kernels kernels, Memory memory) {
    this.device = device;
    this.kernels = kernels;
    this.memory = memory;
    this.reclaimer = new Reclaimer(memory);
  }

  /**
   * A 1 of that type, 0-d, which is made once: every {@code backward} starts from one. If somebody
   * has written into it (a hook that changes the gradient it sees), there is another.
   */
  Tensor one(DType type) {
    Tensor known = ones.get(type.ordinal());
    if (known == null || known.version() != 0) {
      known = Tensor.empty(this, type, Layout.SCALAR).escape();
      Pointwise.fill(known, type.encode(1L));
      ones.set(type.ordinal(), known);
    }
    return known;
  }

  /**
   * Ends every kernel call: turns a bad status into an exception, and keeps the owners of the
   * addresses alive until the call has returned. (An address does not: the JIT may drop a handle
   * whose last use was to hand its address over.)
   */
  void check(String op, int status, Tensor a) {
    Reference.reachabilityFence(a);
    if (status != Kernels.OK) {
      throw failure(op, status);
    }
  }

  void check(String op, int status, Tensor a, Tensor b) {
    Reference.reachabilityFence(b);
    check(op, status, a);
  }

  void check(String op, int status, Tensor a, Tensor b, Tensor c) {
    Reference.reachabilityFence(c);
    check(op, status, a, b);
  }

  void check(String op, int status, Tensor a, Tensor b, Tensor c, Tensor d) {
    Reference.reachabilityFence(d);
    check(op, status, a, b, c);
  }

  void check(String op, int status, Tensor a, Tensor b, Tensor c, Tensor d, Object rest) {
    Reference.reachabilityFence(rest);
    check(op, status, a, b, c, d);
  }

  private RuntimeException failure(String op, int status) {
    String reason = kernels.lastError();
    boolean late = reason.contains(Kernels.LATE);
    String why = late || reason.startsWith(op + ":") ? reason : op + ": " + reason;
    return switch (status) {
      case Kernels.BAD_INDEX -> new IndexOutOfBoundsException(why);
      case Kernels.DIVIDE_BY_ZERO ->
          new ArithmeticException(late ? why : op + ": integer division by zero");
      case Kernels.OUT_OF_MEMORY ->
          new IllegalStateException(why + " (out of memory on " + device + ")");
      case Kernels.UNSUPPORTED -> new IllegalArgumentException(why);
      default -> new IllegalStateException(why);
    };
  }
}
