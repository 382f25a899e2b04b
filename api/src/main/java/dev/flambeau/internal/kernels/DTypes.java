package dev.flambeau.internal.kernels;

import static dev.flambeau.DType.BFLOAT16;
import static dev.flambeau.DType.BOOL;
import static dev.flambeau.DType.FLOAT16;
import static dev.flambeau.DType.FLOAT32;
import static dev.flambeau.DType.FLOAT64;
import static dev.flambeau.DType.INT16;
import static dev.flambeau.DType.INT32;
import static dev.flambeau.DType.INT64;
import static dev.flambeau.DType.INT8;
import static dev.flambeau.DType.UINT8;

import dev.flambeau.DType;
import dev.flambeau.spi.Kernels;

/**
 * What kernels and ops need of a {@link DType}: its code, its kind, and how dtypes are promoted.
 */
public final class DTypes {
  /**
   * What is known of a type beside its name, size and kind.
   *
   * @param code the number that flambeau.h gives it
   * @param digits whole numbers of so many binary digits, the sign not counted, are held exactly
   */
  private record Row(DType type, int code, int digits) {}

  private static final Row[] ROWS = {
    new Row(BOOL, Kernels.BOOL, 1),
    new Row(UINT8, Kernels.UINT8, 8),
    new Row(INT8, Kernels.INT8, 7),
    new Row(INT16, Kernels.INT16, 15),
    new Row(INT32, Kernels.INT32, 31),
    new Row(INT64, Kernels.INT64, 63),
    new Row(BFLOAT16, Kernels.BFLOAT16, 8),
    new Row(FLOAT16, Kernels.FLOAT16, 11),
    new Row(FLOAT32, Kernels.FLOAT32, 24),
    new Row(FLOAT64, Kernels.FLOAT64, 53),
  };

  /**
   * What a type becomes with each one declared before it, and with itself; PyTorch's matrix, of
   * which one half says all.
   */
  private static final DType[][] PROMOTED = {
    {BOOL},
    {UINT8, UINT8},
    {INT8, INT16, INT8},
    {INT16, INT16, INT16, INT16},
    {INT32, INT32, INT32, INT32, INT32},
    {INT64, INT64, INT64, INT64, INT64, INT64},
    {BFLOAT16, BFLOAT16, BFLOAT16, BFLOAT16, BFLOAT16, BFLOAT16, BFLOAT16},
    {FLOAT16, FLOAT16, FLOAT16, FLOAT16, FLOAT16, FLOAT16, FLOAT32, FLOAT16},
    {FLOAT32, FLOAT32, FLOAT32, FLOAT32, FLOAT32, FLOAT32, FLOAT32, FLOAT32, FLOAT32},
    {FLOAT64, FLOAT64, FLOAT64, FLOAT64, FLOAT64, FLOAT64, FLOAT64, FLOAT64, FLOAT64, FLOAT64},
  };

  private static final int[] CODES = new int[ROWS.length];
  private static final int[] DIGITS = new int[ROWS.length];

  static {
    for (Row row : ROWS) {
      int i = row.type.ordinal();
      CODES[i] = row.code;
      DIGITS[i] = row.digits;
    }
  }

  private DTypes() {}

  /** The number that stands for the dtype in kernel calls. */
  public static int code(DType type) {
    return CODES[type.ordinal()];
  }

  /** The kind of its numbers. */
  public static Category category(DType type) {
    return type.isFloating()
        ? Category.FLOATING
        : type.isInteger() ? Category.INTEGER : Category.BOOL;
  }

  /** Whole numbers of so many binary digits, the sign not counted, are held exactly. */
  public static int digits(DType type) {
    return DIGITS[type.ordinal()];
  }

  /** The dtype that two tensors, both with dimensions, are promoted to. */
  public static DType promote(DType a, DType b) {
    int i = a.ordinal();
    int j = b.ordinal();
    return i >= j ? PROMOTED[i][j] : PROMOTED[j][i];
  }

  /**
   * The dtype that {@code strong} (of a tensor with dimensions) and {@code weak} (of a 0-d tensor
   * or a number) are promoted to: the weak one counts only if its kind is stronger.
   */
  public static DType promoteWeak(DType strong, DType weak) {
    return category(weak).compareTo(category(strong)) > 0 ? weak : strong;
  }

  /**
   * The encoding of a scalar for a kernel: bits of a double for floating types, else the integer.
   */
  public static long encode(DType type, double value) {
    if (type.isFloating()) {
      return Double.doubleToRawLongBits(value);
    }
    return type == BOOL ? (value != 0 ? 1 : 0) : (long) value;
  }

  /** The same of a whole number. */
  public static long encode(DType type, long value) {
    if (type.isFloating()) {
      return Double.doubleToRawLongBits((double) value);
    }
    return type == BOOL ? (value != 0 ? 1 : 0) : value;
  }
}
