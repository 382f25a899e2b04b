package dev.flambeau.internal.tensor;

import static dev.flambeau.internal.kernels.DTypes.category;
import static dev.flambeau.internal.kernels.DTypes.code;
import static dev.flambeau.internal.tensor.TensorHandle.address;
import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.layout;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;

import dev.flambeau.Tensor;
import dev.flambeau.internal.autograd.GradMode;
import dev.flambeau.internal.kernels.Copy;
import dev.flambeau.internal.text.TensorFormat;
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
    this.values = context(x).memory.isHost() ? x : Copy.onto(Devices.cpu(), x);
    this.steps = Dims.contiguousStrides(sizes(x));
  }

  static String of(Tensor x) {
    if (x.isReleased()) {
      return "<released tensor of shape " + Dims.text(sizes(x)) + ">";
    }
    try (var off = GradMode.set(false)) { // to be shown is no use that the graph must know
      String s = TensorFormat.format(new TensorText(x));
      context(x).check("toString", Kernels.OK, x);
      return s;
    }
  }

  @Override
  public long[] shape() {
    return sizes(x);
  }

  @Override
  public TensorFormat.Kind kind() {
    return switch (category(x.dtype())) {
      case BOOL -> TensorFormat.Kind.BOOL;
      case INTEGER -> TensorFormat.Kind.INT;
      case FLOATING -> TensorFormat.Kind.FLOAT;
    };
  }

  @Override
  public double real(long position) {
    return context(values).memory.readDouble(code(x.dtype()), place(position));
  }

  @Override
  public long integer(long position) {
    return context(values).memory.readLong(code(x.dtype()), place(position));
  }

  private long place(long position) {
    long at = 0;
    for (int d = 0; d < steps.length; d++) {
      at += position / steps[d] % sizes(x)[d] * layout(values).strides[d];
    }
    return address(values) + at * x.dtype().bytes();
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
