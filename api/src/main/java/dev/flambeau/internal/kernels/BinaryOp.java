package dev.flambeau.internal.kernels;

import dev.flambeau.DType;
import dev.flambeau.spi.Kernels;

/**
 * Pointwise ops of two tensors: the kernel's code, the name for messages, the types they take and
 * give.
 */
public enum BinaryOp {
  ADD(Kernels.ADD, "add", Result.SAME),
  SUB(Kernels.SUB, "sub", Result.SAME),
  MUL(Kernels.MUL, "mul", Result.SAME),
  DIV(Kernels.DIV, "div", Result.FLOATING),
  POW(Kernels.BINARY_POW, "pow", Result.SAME),
  REMAINDER(Kernels.REMAINDER, "remainder", Result.SAME),
  MINIMUM(Kernels.MINIMUM, "minimum", Result.SAME),
  MAXIMUM(Kernels.MAXIMUM, "maximum", Result.SAME),
  EQ(Kernels.EQ, "eq", Result.BOOL),
  NE(Kernels.NE, "ne", Result.BOOL),
  LT(Kernels.LT, "lt", Result.BOOL),
  LE(Kernels.LE, "le", Result.BOOL),
  GT(Kernels.GT, "gt", Result.BOOL),
  GE(Kernels.GE, "ge", Result.BOOL),
  AND(Kernels.AND, "logicalAnd", Result.BOOL),
  OR(Kernels.OR, "logicalOr", Result.BOOL),
  XOR(Kernels.XOR, "logicalXor", Result.BOOL);

  /** What type comes out: that of the operands, at least float32, or bool. */
  private enum Result {
    SAME,
    FLOATING,
    BOOL
  }

  final int code;
  final String title;
  final String inPlace; // the title of the form that changes its tensor
  private final Result result;

  BinaryOp(int code, String title, Result result) {
    this.code = code;
    this.title = title;
    this.inPlace = title + "_";
    this.result = result;
  }

  /** The dtype to compute in, given the one the operands are promoted to. */
  public DType computeType(DType promoted) {
    if (result == Result.FLOATING && !promoted.isFloating()) {
      return DType.FLOAT32;
    }
    if (promoted == DType.BOOL && (this == SUB || this == POW || this == REMAINDER)) {
      throw new IllegalArgumentException(
          title + ": not defined for " + DType.BOOL + "; use logicalXor, or convert with toLong()");
    }
    return promoted;
  }

  DType resultType(DType compute) {
    return result == Result.BOOL ? DType.BOOL : compute;
  }
}
