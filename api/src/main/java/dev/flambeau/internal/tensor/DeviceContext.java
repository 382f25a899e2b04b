package dev.flambeau.internal.tensor;

import dev.flambeau.DType;
import dev.flambeau.Device;
import dev.flambeau.Tensor;
import dev.flambeau.internal.kernels.Pointwise;
import dev.flambeau.internal.memory.NativeCalls;
import dev.flambeau.internal.memory.Reclaimer;
import dev.flambeau.spi.Kernels;
import dev.flambeau.spi.Memory;
import java.lang.ref.Reference;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** A device in use: its kernels, its memory, and what frees unreachable memory. */
public final class DeviceContext {
  public final Device device;
  public final Kernels kernels;
  public final Memory memory;
  public final Reclaimer reclaimer;

  /** A 1 of each dtype, once it is made: {@link Pointwise#one}. */
  public final AtomicReferenceArray<Tensor> ones =
      new AtomicReferenceArray<>(DType.values().length);

  DeviceContext(Device device, Kernels kernels, Memory memory) {
    this.device = device;
    this.kernels = kernels;
    this.memory = memory;
    this.reclaimer = new Reclaimer(memory);
  }

  /**
   * Ends every kernel call: turns a bad status into an exception, keeps the owners of the addresses
   * alive until the call has returned (an address does not: the JIT may drop a handle whose last
   * use was to hand its address over), and lets other threads know that it has ({@link
   * NativeCalls}).
   */
  public void check(String op, int status, Tensor a) {
    Reference.reachabilityFence(a);
    NativeCalls.leave(a == null ? null : TensorHandle.storage(a).maker);
    if (status != Kernels.OK) {
      throw failure(op, status);
    }
  }

  public void check(String op, int status, Tensor a, Tensor b) {
    Reference.reachabilityFence(b);
    check(op, status, a);
  }

  public void check(String op, int status, Tensor a, Tensor b, Tensor c) {
    Reference.reachabilityFence(c);
    check(op, status, a, b);
  }

  public void check(String op, int status, Tensor a, Tensor b, Tensor c, Tensor d) {
    Reference.reachabilityFence(d);
    check(op, status, a, b, c);
  }

  public void check(String op, int status, Tensor a, Tensor b, Tensor c, Tensor d, Object rest) {
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
