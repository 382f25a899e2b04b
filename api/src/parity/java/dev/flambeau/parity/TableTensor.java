package dev.flambeau.parity;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;

/**
 * One tensor of a table: its type, shape, layout ({@code c} contiguous, {@code t} the last two dims
 * swapped in memory, {@code s} every second element of a longer last dim), whether it needs a
 * gradient, and its little-endian bytes in row-major order.
 */
record TableTensor(DType dtype, long[] shape, char layout, boolean grad, byte[] bytes) {

  /** A contiguous tensor of these values, each converted as Java converts a double. */
  static TableTensor of(DType dtype, long[] shape, double... values) {
    ByteBuffer b = ByteBuffer.allocate(values.length * dtype.bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (double v : values) {
      switch (dtype) {
        case F32 -> b.putFloat((float) v);
        case F64 -> b.putDouble(v);
        case I64 -> b.putLong((long) v);
        case I32 -> b.putInt((int) v);
        case I16 -> b.putShort((short) (int) v);
        case I8, U8 -> b.put((byte) (int) v);
        case B1 -> b.put((byte) (v != 0 ? 1 : 0));
      }
    }
    if (values.length != Arrays.stream(shape).reduce(1, (x, y) -> x * y)) {
      throw new IllegalArgumentException(values.length + " values for " + Arrays.toString(shape));
    }
    return new TableTensor(dtype, shape, 'c', false, b.array());
  }

  /** The same that needs a gradient. */
  TableTensor needsGrad() {
    return new TableTensor(dtype, shape, layout, true, bytes);
  }

  /**
   * The same in another layout; a tensor of fewer than two dims stays as it is where {@code t} is
   * wanted.
   */
  TableTensor as(char layout) {
    boolean can = layout == 'c' || shape.length >= (layout == 't' ? 2 : 1);
    return new TableTensor(dtype, shape, can ? layout : 'c', grad, bytes);
  }

  /** This tensor in libtorch. */
  Tensor tensor() {
    Tensor t = Aten.call("empty.memory_format", shape, dtype, null, null, null, null);
    if (bytes.length > 0) {
      new BytePointer(t.data_ptr()).put(bytes);
    }
    if (layout == 't') {
      Tensor swapped = Aten.call("transpose.int", t, -1, -2);
      t = Aten.call("transpose.int", Aten.call("contiguous", swapped), -1, -2);
    } else if (layout == 's') {
      Tensor pairs = Aten.call("stack", new Tensor[] {t, t}, -1);
      t = Aten.call("slice.Tensor", Aten.call("flatten.using_ints", pairs, -2, -1), -1, 0, null, 2);
    }
    if (grad) {
      t.requires_grad_();
    }
    return t;
  }

  /** What a tensor of libtorch holds. */
  static TableTensor from(Tensor t) {
    DType dtype = DType.of(t.scalar_type().value);
    long[] shape = new long[(int) t.dim()];
    for (int d = 0; d < shape.length; d++) {
      shape[d] = t.size(d);
    }
    byte[] bytes = new byte[(int) t.numel() * dtype.bytes];
    if (bytes.length > 0) {
      // A copy: libtorch may hold zeros without memory. The number is that of the contiguous
      // format.
      Tensor c = Aten.call("clone", Aten.call("detach", t), 0);
      new BytePointer(c.data_ptr()).get(bytes);
    }
    return new TableTensor(dtype, shape, 'c', false, bytes);
  }

  @Override
  public String toString() {
    String dims = Arrays.toString(shape).replace(" ", "");
    String flags = layout + (grad ? "g" : "");
    return dtype.code + dims + flags + ':' + Base64.getEncoder().encodeToString(bytes);
  }
}
