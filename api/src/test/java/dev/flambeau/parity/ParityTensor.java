package dev.flambeau.parity;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;

/** A tensor of a parity table, written as {@code f32[2,3]tg:BASE64}. */
public record ParityTensor(DType dtype, long[] shape, char layout, boolean grad, byte[] bytes) {
  private static final Map<String, DType> TYPES =
      Map.of(
          "f32", DType.FLOAT32,
          "f64", DType.FLOAT64,
          "i64", DType.INT64,
          "i32", DType.INT32,
          "i16", DType.INT16,
          "i8", DType.INT8,
          "u8", DType.UINT8,
          "b1", DType.BOOL);

  /** Reads one tensor; null for {@code n}, a missing one. */
  static ParityTensor parse(String text) {
    if (text.equals("n")) {
      return null;
    }
    int open = text.indexOf('[');
    int close = text.indexOf(']');
    int colon = text.indexOf(':');
    String dims = text.substring(open + 1, close);
    long[] shape =
        dims.isEmpty()
            ? new long[0]
            : Arrays.stream(dims.split(",")).mapToLong(Long::parseLong).toArray();
    String flags = text.substring(close + 1, colon);
    return new ParityTensor(
        type(text.substring(0, open)),
        shape,
        flags.charAt(0),
        flags.endsWith("g"),
        Base64.getDecoder().decode(text.substring(colon + 1)));
  }

  /** The type that a table calls {@code code}. */
  static DType type(String code) {
    return TYPES.get(code);
  }

  /** This tensor in the layout that the table names, a leaf. */
  public Tensor tensor() {
    ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).order(ByteOrder.nativeOrder());
    Tensor t = Tensor.fromBuffer(direct.put(bytes).flip(), dtype, shape).copy();
    if (layout == 't') {
      t = t.transpose(-1, -2).contiguous().transpose(-1, -2);
    } else if (layout == 's') {
      t = Tensor.stack(new Tensor[] {t, t}, -1).flatten(-2, -1);
      t = t.slice(-1, 0, t.size(-1), 2);
    }
    return t.requiresGrad_(grad);
  }

  /** What a computed tensor holds. */
  public static ParityTensor of(Tensor t) {
    return new ParityTensor(t.dtype(), t.shape().toArray(), 'c', false, t.toByteArray());
  }

  int numel() {
    return bytes.length / dtype.bytes();
  }

  /** Element {@code i} in row-major order, as a double; exact for all but very large int64. */
  double real(int i) {
    ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return switch (dtype) {
      case FLOAT32 -> b.getFloat(4 * i);
      case FLOAT64 -> b.getDouble(8 * i);
      case INT64 -> b.getLong(8 * i);
      case INT32 -> b.getInt(4 * i);
      case INT16 -> b.getShort(2 * i);
      case UINT8 -> b.get(i) & 255;
      case INT8 -> b.get(i);
      case BOOL -> b.get(i);
      case FLOAT16, BFLOAT16 -> throw new AssertionError("the tables have no " + dtype);
    };
  }

  /** The largest finite absolute value; 0 where there is none. */
  double scale() {
    double top = 0;
    for (int i = 0; i < numel(); i++) {
      double v = Math.abs(real(i));
      top = Double.isInfinite(v) || !(v > top) ? top : v;
    }
    return top;
  }

  @Override
  public String toString() {
    StringBuilder s = new StringBuilder(dtype + Arrays.toString(shape) + layout + " {");
    for (int i = 0; i < Math.min(numel(), 8); i++) {
      s.append(i == 0 ? "" : " ").append(real(i));
    }
    return s.append(numel() > 8 ? " ...}" : "}").toString();
  }
}
