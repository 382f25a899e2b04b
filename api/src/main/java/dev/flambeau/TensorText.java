package dev.flambeau;

import dev.flambeau.spi.Kernels;

/**
 * Lets {@link TensorFormat} read a tensor where it lies: only the elements shown are fetched. From
 * a device whose memory the host cannot read, all come in one copy.
 */
final class TensorText implements TensorFormat.Source {
  private final Tensor x;
  private final Tensor values;
  private final long[] steps;

  private TensorText(Tensor x) {
    this.x = x;
    this.values = x.context().memory.isHost() ? x : Copy.onto(Backends.cpu(), x);
    this.steps = Dims.contiguousStrides(x.sizes());
  }

  static String of(Tensor x) {
    if (x.isReleased()) {
      return "<released tensor of shape " + Dims.text(x.sizes()) + ">";
    }
    String s = TensorFormat.format(new TensorText(x));
    x.context().check("toString", Kernels.OK, x);
    return s;
  }

  @Override
  public long[] shape() {
    return x.sizes();
  }

  @Override
  public TensorFormat.Kind kind() {
    return switch (x.dtype().category()) {
      case BOOL -> TensorFormat.Kind.BOOL;
      case INTEGER -> TensorFormat.Kind.INT;
      case FLOATING -> TensorFormat.Kind.FLOAT;
    };
  }

  @Override
  public double real(long position) {
    return values.context().memory.readDouble(x.dtype().code(), address(position));
  }

  @Override
  public long integer(long position) {
    return values.context().memory.readLong(x.dtype().code(), address(position));
  }

  private long address(long position) {
    long at = 0;
    for (int d = 0; d < steps.length; d++) {
      at += position / steps[d] % x.sizes()[d] * values.layout().strides[d];
    }
    return values.address() + at * x.dtype().bytes();
  }

  @Override
  public String dtype() {
    return x.dtype().toString();
  }

  @Override
  public String device() {
    return x.device().toString();
  }

  @Override
  public boolean requiresGrad() {
    return x.requiresGrad();
  }

  @Override
  public String gradFnName() {
    return x.gradFn() == null ? null : x.gradFn().name();
  }

  @Override
  public boolean isParameter() {
    return x.isParameter();
  }
}
