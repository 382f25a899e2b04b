package dev.flambeau;

/** Lets {@link TensorFormat} read a tensor where it lies: only the elements shown are fetched. */
final class TensorText implements TensorFormat.Source {
  private final Tensor x;
  private final long[] steps;

  private TensorText(Tensor x) {
    this.x = x;
    this.steps = Dims.contiguousStrides(x.sizes());
  }

  static String of(Tensor x) {
    if (x.isReleased()) {
      return "<released tensor of shape " + Dims.text(x.sizes()) + ">";
    }
    String s = TensorFormat.format(new TensorText(x));
    x.context().check("toString", 0, x);
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
    return x.context().memory.readDouble(x.dtype().code(), address(position));
  }

  @Override
  public long integer(long position) {
    return x.context().memory.readLong(x.dtype().code(), address(position));
  }

  private long address(long position) {
    long at = 0;
    for (int d = 0; d < steps.length; d++) {
      at += position / steps[d] % x.sizes()[d] * x.layout().strides[d];
    }
    return x.address() + at * x.dtype().bytes();
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
