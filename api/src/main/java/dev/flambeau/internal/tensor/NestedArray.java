package dev.flambeau.internal.tensor;

import static dev.flambeau.internal.tensor.TensorHandle.context;
import static dev.flambeau.internal.tensor.TensorHandle.outputAddress;
import static dev.flambeau.internal.tensor.TensorImpl.emptyRowMajor;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import dev.flambeau.internal.kernels.Copy;
import dev.flambeau.spi.Memory;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** From Java's arrays, numbers and buffers to tensors. */
final class NestedArray {
  private NestedArray() {}

  /** The dtype that values of a Java type get when none is asked for. */
  static DType defaultType(Object data) {
    Class<?> c = leaf(data);
    if (c == float.class || c == double.class || c == Float.class || c == Double.class) {
      return DType.FLOAT32;
    }
    if (c == boolean.class || c == Boolean.class) {
      return DType.BOOL;
    }
    if (c == int.class
        || c == long.class
        || c == short.class
        || c == byte.class
        || c == Integer.class
        || c == Long.class
        || c == Short.class
        || c == Byte.class) {
      return DType.INT64;
    }
    throw new IllegalArgumentException(
        "of: cannot make a tensor of "
            + (data == null ? "null" : data.getClass().getTypeName())
            + "; use numbers, booleans or arrays of them");
  }

  private static Class<?> leaf(Object data) {
    if (data == null) {
      return void.class;
    }
    Class<?> c = data.getClass();
    while (c.isArray()) {
      c = c.getComponentType();
    }
    return c;
  }

  static Tensor toTensor(DType type, Object data) {
    defaultType(data); // refuses what is no number
    long[] sizes = sizesOf(data);
    Layout layout = Layout.contiguous("of", sizes);
    if (layout.numel > Integer.MAX_VALUE - 16) {
      throw new IllegalArgumentException(
          "of: the elements of shape " + Dims.text(sizes) + " do not fit into one Java array");
    }
    Object flat = flatten(data, sizes, (int) layout.numel); // refuses what is ragged
    Tensor x = TensorImpl.empty(Devices.cpu(), type, layout);
    if (layout.numel == 0) {
      return x;
    }
    Memory m = context(x).memory;
    if (flat instanceof boolean[] b) {
      upload(x, type, DType.BOOL, t -> m.upload(outputAddress(t), b));
    } else if (flat instanceof float[] f) {
      upload(x, type, DType.FLOAT32, t -> m.upload(outputAddress(t), f));
    } else if (flat instanceof double[] d) {
      upload(x, type, DType.FLOAT64, t -> m.upload(outputAddress(t), d));
    } else if (flat instanceof int[] i) {
      upload(x, type, DType.INT32, t -> m.upload(outputAddress(t), i));
    } else {
      upload(x, type, DType.INT64, t -> m.upload(outputAddress(t), (long[]) flat));
    }
    return x;
  }

  private interface Upload {
    void to(Tensor t);
  }

  /** Straight into the tensor if it has the array's type, else by way of one that has. */
  private static void upload(Tensor x, DType type, DType arrayType, Upload upload) {
    Tensor target = type == arrayType ? x : emptyRowMajor(x, arrayType);
    upload.to(target);
    if (target != x) {
      Copy.into("of", target, x);
      target.close();
    }
    context(x).check("of", 0, x, target);
  }

  private static long[] sizesOf(Object data) {
    int rank = 0;
    for (Class<?> c = data.getClass(); c.isArray(); c = c.getComponentType()) {
      rank++;
    }
    long[] sizes = new long[rank];
    Object level = data;
    for (int d = 0; d < rank && level != null; d++) {
      sizes[d] = Array.getLength(level);
      level = sizes[d] == 0 || d == rank - 1 ? null : Array.get(level, 0);
    }
    return sizes;
  }

  /** All elements in one array of a primitive type: float, double, int, long or boolean. */
  private static Object flatten(Object data, long[] sizes, int n) {
    if (sizes.length == 1 && isDirect(data)) {
      return data;
    }
    Class<?> c = leaf(data);
    Object flat =
        c == float.class
            ? new float[n]
            : c == double.class || c == Float.class || c == Double.class
                ? new double[n]
                : c == int.class
                    ? new int[n]
                    : c == boolean.class || c == Boolean.class ? new boolean[n] : new long[n];
    fill(data, sizes, 0, flat, new int[1], new int[sizes.length]);
    return flat;
  }

  private static boolean isDirect(Object data) {
    return data instanceof float[]
        || data instanceof double[]
        || data instanceof int[]
        || data instanceof long[]
        || data instanceof boolean[];
  }

  private static void fill(
      Object data, long[] sizes, int depth, Object flat, int[] at, int[] path) {
    if (depth == sizes.length) {
      put(flat, at[0]++, data);
      return;
    }
    int n = data == null ? -1 : Array.getLength(data);
    if (n != sizes[depth]) {
      throw new IllegalArgumentException(
          "of: ragged array: "
              + (depth == 0 ? "it" : "element " + Arrays.toString(Arrays.copyOf(path, depth)))
              + " has "
              + (n < 0 ? "nothing (null)" : n + " elements")
              + " where "
              + sizes[depth]
              + " are expected");
    }
    if (depth == sizes.length - 1 && flat.getClass() == data.getClass()) {
      System.arraycopy(data, 0, flat, at[0], n);
      at[0] += n;
      return;
    }
    for (int i = 0; i < n; i++) {
      path[depth] = i;
      fill(Array.get(data, i), sizes, depth + 1, flat, at, path);
    }
  }

  private static void put(Object flat, int at, Object value) {
    if (value == null) {
      throw new IllegalArgumentException("of: element " + at + " is null");
    }
    if (flat instanceof boolean[] b) {
      b[at] = (Boolean) value;
    } else if (flat instanceof double[] d) {
      d[at] = ((Number) value).doubleValue();
    } else if (flat instanceof float[] f) {
      f[at] = ((Number) value).floatValue();
    } else if (flat instanceof int[] i) {
      i[at] = ((Number) value).intValue();
    } else {
      ((long[]) flat)[at] = ((Number) value).longValue();
    }
  }

  static Tensor share(ByteBuffer buffer, DType type, long[] sizes) {
    if (!buffer.isDirect() || buffer.order() != ByteOrder.nativeOrder() && type.bytes() > 1) {
      throw new IllegalArgumentException(
          "fromBuffer: needs a direct buffer in the machine's byte order, got a "
              + (buffer.isDirect() ? "direct" : "heap")
              + " buffer, "
              + buffer.order()
              + "; use ByteBuffer.allocateDirect(n).order(ByteOrder.nativeOrder())");
    }
    Layout layout = Layout.contiguous("fromBuffer", sizes.clone());
    long bytes = layout.numel * type.bytes();
    if (bytes > buffer.remaining()) {
      throw new IllegalArgumentException(
          "fromBuffer: shape "
              + Dims.text(sizes)
              + " of "
              + type
              + " needs "
              + bytes
              + " bytes, the buffer has "
              + buffer.remaining()
              + " left");
    }
    DeviceContext cpu = Devices.cpu();
    long address = cpu.memory.addressOf(buffer) + buffer.position();
    if (address % type.bytes() != 0) {
      throw new IllegalArgumentException(
          "fromBuffer: the buffer's position "
              + buffer.position()
              + " is not aligned to "
              + type.bytes()
              + " bytes");
    }
    Storage memory = Storage.foreign(cpu, address, bytes, buffer, buffer.isReadOnly());
    Tensor x = new TensorImpl(memory, layout, type);
    if (type == DType.BOOL && bytes > 0) {
      cleanBooleans(x, buffer.isReadOnly());
    }
    return x;
  }

  /** Makes bytes that are not 0 to 1, as kernels know no others in a bool. */
  private static void cleanBooleans(Tensor x, boolean readOnly) {
    Tensor bytes = TensorImpl.reinterpret(x, DType.UINT8);
    if (bytes.max().itemLong() > 1) { // else a mapped file stays as it is
      if (readOnly) {
        throw new IllegalArgumentException(
            "fromBuffer: a byte of a bool must be 0 or 1, this read-only buffer has "
                + bytes.max().itemLong()
                + "; share it as uint8 and use ne(0)");
      }
      Copy.into("fromBuffer", bytes, x);
    }
    bytes.close();
  }
}
