package dev.flambeau;

import dev.flambeau.internal.kernels.Category;
import dev.flambeau.internal.kernels.DTypes;

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
  /** Truth values, a byte each. */
  BOOL(1, Category.BOOL, "bool"),
  /** Whole numbers from 0 to 255. */
  UINT8(1, Category.INTEGER, "uint8"),
  /** Whole numbers from -128 to 127. */
  INT8(1, Category.INTEGER, "int8"),
  /** Whole numbers of 16 bits, signed. */
  INT16(2, Category.INTEGER, "int16"),
  /** Whole numbers of 32 bits, signed. */
  INT32(4, Category.INTEGER, "int32"),
  /** Whole numbers of 64 bits, signed: the type of indices. */
  INT64(8, Category.INTEGER, "int64"),
  /** 8 bits of exponent, 7 of fraction: the upper half of a float32. */
  BFLOAT16(2, Category.FLOATING, "bfloat16"),
  /** IEEE 754's binary16: 5 bits of exponent, 10 of fraction. */
  FLOAT16(2, Category.FLOATING, "float16"),
  /** IEEE 754's binary32: 8 bits of exponent, 23 of fraction; the type of new tensors. */
  FLOAT32(4, Category.FLOATING, "float32"),
  /** IEEE 754's binary64: 11 bits of exponent, 52 of fraction. */
  FLOAT64(8, Category.FLOATING, "float64");

  private final int bytes;
  private final Category category;
  private final String name;

  DType(int bytes, Category category, String name) {
    this.bytes = bytes;
    this.category = category;
    this.name = name;
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

  /** The dtype that two tensors, both with dimensions, are promoted to. */
  public static DType promote(DType a, DType b) {
    return DTypes.promote(a, b);
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
