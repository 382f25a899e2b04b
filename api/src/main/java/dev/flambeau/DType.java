package dev.flambeau;

import dev.flambeau.spi.Kernels;

/**
 * The type of a tensor's elements. Prints as PyTorch prints it ({@code torch.float32}). Promotion
 * follows <a
 * href="https://pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc">PyTorch's
 * rules</a>.
 *
 * <p>The CPU stores, copies, prints and converts float16 and bfloat16, and computes nothing in
 * them; a GPU does.
 */
public enum DType {
  BOOL(Kernels.BOOL, 1, Category.BOOL, 1, "bool"),
  UINT8(Kernels.UINT8, 1, Category.INTEGER, 8, "uint8"),
  INT8(Kernels.INT8, 1, Category.INTEGER, 7, "int8"),
  INT16(Kernels.INT16, 2, Category.INTEGER, 15, "int16"),
  INT32(Kernels.INT32, 4, Category.INTEGER, 31, "int32"),
  INT64(Kernels.INT64, 8, Category.INTEGER, 63, "int64"),
  /** 8 bits of exponent, 7 of fraction: the upper half of a float32. */
  BFLOAT16(Kernels.BFLOAT16, 2, Category.FLOATING, 8, "bfloat16"),
  /** IEEE 754's binary16: 5 bits of exponent, 10 of fraction. */
  FLOAT16(Kernels.FLOAT16, 2, Category.FLOATING, 11, "float16"),
  FLOAT32(Kernels.FLOAT32, 4, Category.FLOATING, 24, "float32"),
  FLOAT64(Kernels.FLOAT64, 8, Category.FLOATING, 53, "float64");

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

  /** Kinds of number, weakest first: a stronger kind decides the type of a mixed operation. */
  enum Category {
    BOOL,
    INTEGER,
    FLOATING
  }

  private final int code; // the number flambeau.h gives this type
  private final int bytes;
  private final Category category;
  private final int digits;
  private final String name;

  DType(int code, int bytes, Category category, int digits, String name) {
    this.code = code;
    this.bytes = bytes;
    this.category = category;
    this.digits = digits;
    this.name = name;
  }

  int code() {
    return code;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** Whether this is bfloat16, float16, float32 or float64. */
  public boolean isFloating() {
    return category == Category.FLOATING;
  }

  /** Whether this is uint8, int8, int16, int32 or int64. */
  public boolean isInteger() {
    return category == Category.INTEGER;
  }

  Category category() {
    return category;
  }

  /** Whole numbers of so many binary digits, the sign not counted, are held exactly. */
  int digits() {
    return digits;
  }

  /** The type two tensors (both with dimensions) meet in. */
  public static DType promote(DType a, DType b) {
    int i = a.ordinal();
    int j = b.ordinal();
    return i >= j ? PROMOTED[i][j] : PROMOTED[j][i];
  }

  /**
   * The type in which {@code strong} (a tensor with dimensions) and {@code weak} (a 0-d tensor or a
   * scalar) meet: the weak one counts only if its kind is stronger.
   */
  static DType promoteWeak(DType strong, DType weak) {
    return weak.category.compareTo(strong.category) > 0 ? weak : strong;
  }

  /**
   * The encoding of a scalar for a kernel: bits of a double for floating types, else the integer.
   */
  long encode(double value) {
    if (isFloating()) {
      return Double.doubleToRawLongBits(value);
    }
    return this == BOOL ? (value != 0 ? 1 : 0) : (long) value;
  }

  long encode(long value) {
    if (isFloating()) {
      return Double.doubleToRawLongBits((double) value);
    }
    return this == BOOL ? (value != 0 ? 1 : 0) : value;
  }

  /** The name alone, {@code float32}. */
  public String shortName() {
    return name;
  }

  @Override
  public String toString() {
    return "torch." + name;
  }
}
