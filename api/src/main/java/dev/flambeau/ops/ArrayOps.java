package dev.flambeau.ops;

import static dev.flambeau.internal.kernels.DTypes.category;
import static dev.flambeau.internal.kernels.DTypes.code;
import static dev.flambeau.internal.tensor.TensorHandle.address;
import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.sizes;

import dev.flambeau.DType;
import dev.flambeau.Device;
import dev.flambeau.Tensor;
import dev.flambeau.internal.autograd.Recording;
import dev.flambeau.internal.kernels.Copy;
import dev.flambeau.internal.kernels.Pointwise;
import dev.flambeau.internal.kernels.Require;
import dev.flambeau.internal.tensor.Bytes;
import dev.flambeau.internal.tensor.Devices;
import dev.flambeau.internal.tensor.Dims;
import java.lang.reflect.Array;
import java.util.Arrays;

/** From tensors to Java values, other dtypes and other devices. */
public sealed interface ArrayOps permits Tensor {
  // ---- one value

  /** The only element, as a double; bool gives 0 or 1. */
  default double item() {
    Tensor x = one("item");
    double v = context(x).memory.readDouble(code(x.dtype()), address(x));
    context(x).check("item", 0, x);
    return v;
  }

  /** The only element as a whole number, exact for every integer dtype; floats are truncated. */
  default long itemLong() {
    Tensor x = one("itemLong");
    long v =
        x.dtype().isFloating()
            ? (long) context(x).memory.readDouble(code(x.dtype()), address(x))
            : context(x).memory.readLong(code(x.dtype()), address(x));
    context(x).check("itemLong", 0, x);
    return v;
  }

  /** Whether the only element differs from 0. */
  default boolean itemBoolean() {
    return item() != 0;
  }

  private Tensor one(String op) {
    Tensor x = (Tensor) this;
    if (x.numel() != 1) {
      throw new IllegalStateException(
          op + ": needs a tensor of one element, this one has shape " + Dims.text(sizes(x)));
    }
    return x;
  }

  // ---- arrays, row by row

  /** The elements in row-major order, converted to float. */
  default float[] toFloatArray() {
    Tensor x = ready("toFloatArray", DType.FLOAT32, 1);
    float[] out = new float[(int) x.numel()];
    if (out.length > 0) {
      context(x).memory.download(out, address(x));
      context(x).check("toFloatArray", 0, x);
    }
    return out;
  }

  /** The elements in row-major order, converted to double. */
  default double[] toDoubleArray() {
    Tensor x = ready("toDoubleArray", DType.FLOAT64, 1);
    double[] out = new double[(int) x.numel()];
    if (out.length > 0) {
      context(x).memory.download(out, address(x));
      context(x).check("toDoubleArray", 0, x);
    }
    return out;
  }

  /** The elements in row-major order, converted to long (floats are truncated). */
  default long[] toLongArray() {
    Tensor x = ready("toLongArray", DType.INT64, 1);
    long[] out = new long[(int) x.numel()];
    if (out.length > 0) {
      context(x).memory.download(out, address(x));
      context(x).check("toLongArray", 0, x);
    }
    return out;
  }

  /** The elements in row-major order, converted to int. */
  default int[] toIntArray() {
    Tensor x = ready("toIntArray", DType.INT32, 1);
    int[] out = new int[(int) x.numel()];
    if (out.length > 0) {
      context(x).memory.download(out, address(x));
      context(x).check("toIntArray", 0, x);
    }
    return out;
  }

  /** Whether each element differs from 0, in row-major order. */
  default boolean[] toBooleanArray() {
    Tensor x = ready("toBooleanArray", DType.BOOL, 1);
    boolean[] out = new boolean[(int) x.numel()];
    if (out.length > 0) {
      context(x).memory.download(out, address(x));
      context(x).check("toBooleanArray", 0, x);
    }
    return out;
  }

  /** The elements' own bytes, little-endian, in row-major order. */
  default byte[] toByteArray() {
    DType type = ((Tensor) this).dtype();
    Tensor x = ready("toByteArray", type, type.bytes());
    byte[] out = new byte[(int) x.numel() * type.bytes()];
    if (out.length > 0) {
      context(x).memory.download(out, address(x));
      context(x).check("toByteArray", 0, x);
      Bytes.swapIfBigEndian(out, x.dtype().bytes());
    }
    return out;
  }

  /**
   * The elements as a nested array with the tensor's dims, of the dtype's Java type: {@code
   * float[][]} for a float32 matrix; a boxed number for a 0-d tensor. uint8, int8 and int16 give
   * int, float16 and bfloat16 give float.
   */
  default Object toArray() {
    Tensor x = (Tensor) this;
    checkNesting(x);
    Object flat = flat(x.dtype());
    if (x.dim() == 0) {
      return Array.get(flat, 0);
    }
    Class<?> type = flat.getClass();
    for (int d = 1; d < x.dim(); d++) {
      type = type.arrayType();
    }
    return nest(flat, sizes(x), 0, new int[1], type);
  }

  /** A nested array has an object for each row of each dim, however few the elements are. */
  private static void checkNesting(Tensor x) {
    if (x.dim() > 255) {
      throw new IllegalStateException(
          "toArray: a Java array has at most 255 dimensions, this tensor has " + x.dim());
    }
    long room =
        Runtime.getRuntime().maxMemory() / 24; // of an array without elements, and its place
    long rows = 1;
    long arrays = 0;
    for (long size : sizes(x)) {
      arrays += rows;
      if (arrays > room || rows > 0 && size > Integer.MAX_VALUE - 16) {
        throw new IllegalStateException(
            "toArray: shape "
                + Dims.text(sizes(x))
                + " needs more or longer arrays than Java has room for; take parts of it");
      }
      rows *= size;
    }
  }

  /** In the Java type that holds each element exactly, int at least. */
  private Object flat(DType type) {
    boolean wide = type.bytes() > 4;
    return switch (category(type)) {
      case FLOATING -> wide ? toDoubleArray() : toFloatArray();
      case INTEGER -> wide ? toLongArray() : toIntArray();
      case BOOL -> toBooleanArray();
    };
  }

  private static Object nest(Object flat, long[] sizes, int depth, int[] at, Class<?> type) {
    int n = (int) sizes[depth]; // checkNesting has seen it
    Object out = Array.newInstance(type.getComponentType(), n);
    if (depth == sizes.length - 1) {
      System.arraycopy(flat, at[0], out, 0, n);
      at[0] += n;
      return out;
    }
    for (int i = 0; i < n; i++) {
      Array.set(out, i, nest(flat, sizes, depth + 1, at, type.getComponentType()));
    }
    return out;
  }

  /** Row-major in a dtype, if its values, {@code each} for an element, fit into an array. */
  private Tensor ready(String op, DType type, int each) {
    Tensor x = (Tensor) this;
    if (x.numel() > (Integer.MAX_VALUE - 16) / each) {
      throw new IllegalStateException(
          op
              + ": "
              + x.numel()
              + (each == 1 ? " elements" : " elements of " + each + " bytes")
              + " do not fit into one Java array");
    }
    return Copy.contiguous(Pointwise.as(x, type));
  }

  // ---- dtypes and devices

  /**
   * The elements in another dtype; this tensor if it has that already. Floats become integers by
   * truncation.
   */
  default Tensor to(DType type) {
    Tensor x = (Tensor) this;
    if (x.dtype() == type) {
      return x;
    }
    return Recording.of("ToCopyBackward0", Copy.convert(x, type))
        .input(x, (g, saved) -> g)
        .result();
  }

  /** The elements on another device; this tensor if it is there already. */
  default Tensor to(Device device) {
    Tensor x = (Tensor) this;
    if (x.device().equals(device)) {
      return x;
    }
    Tensor y = Copy.onto(Devices.context(device), x);
    Device home = x.device();
    return Recording.of("ToCopyBackward0", y).input(x, (g, saved) -> g.to(home)).result();
  }

  /** The elements on another device and in another dtype, each as the methods for one of them. */
  default Tensor to(Device device, DType type) {
    // The smaller dtype is the one that is copied between devices.
    return type.bytes() < ((Tensor) this).dtype().bytes()
        ? to(type).to(device)
        : to(device).to(type);
  }

  /** In float32. */
  default Tensor toFloat() {
    return to(DType.FLOAT32);
  }

  /** In float16. */
  default Tensor toHalf() {
    return to(DType.FLOAT16);
  }

  /** In bfloat16. */
  default Tensor toBfloat16() {
    return to(DType.BFLOAT16);
  }

  /** In float64. */
  default Tensor toDouble() {
    return to(DType.FLOAT64);
  }

  /** In int64. */
  default Tensor toLong() {
    return to(DType.INT64);
  }

  /** In int32. */
  default Tensor toInt() {
    return to(DType.INT32);
  }

  /** In int16. */
  default Tensor toShort() {
    return to(DType.INT16);
  }

  /** In bool: whether each element differs from 0. */
  default Tensor toBool() {
    return to(DType.BOOL);
  }

  /** In uint8. */
  default Tensor toByte() {
    return to(DType.UINT8);
  }

  /** In int8. */
  default Tensor toChar() {
    return to(DType.INT8);
  }

  // ---- comparing

  /** Whether shape, dtype and all values are the same. NaN equals nothing. */
  default boolean equal(Tensor other) {
    Tensor x = (Tensor) this;
    Require.given("equal", "other", other);
    return Arrays.equals(sizes(x), sizes(other))
        && x.dtype() == other.dtype()
        && comparable(x).eq(comparable(other)).all().itemBoolean();
  }

  /** Float16 and bfloat16 become float32, which loses nothing: the CPU compares neither. */
  private static Tensor comparable(Tensor x) {
    return x.dtype().isFloating() && x.dtype().bytes() == 2 ? x.detach().toFloat() : x.detach();
  }

  /** As {@link #allclose(Tensor, double, double)} with 1e-5 and 1e-8. */
  default boolean allclose(Tensor other) {
    return allclose(other, 1e-5, 1e-8);
  }

  /** Whether {@code |x - other| <= atol + rtol |other|} everywhere; infinities equal themselves. */
  default boolean allclose(Tensor other, double rtol, double atol) {
    Require.given("allclose", "other", other);
    Tensor x = ((Tensor) this).detach().toDouble();
    Tensor y = other.detach().toDouble();
    Tensor near = x.sub(y).abs().le(y.abs().mul(rtol).add(atol)).logicalAnd(y.isfinite());
    return near.logicalOr(x.eq(y)).all().itemBoolean();
  }
}
