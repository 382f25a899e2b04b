package dev.flambeau.ops;

import static dev.flambeau.internal.kernels.DTypes.encode;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import dev.flambeau.internal.kernels.BinaryOp;
import dev.flambeau.internal.kernels.DTypes;
import dev.flambeau.internal.kernels.Pointwise;
import dev.flambeau.internal.kernels.UnaryOp;

/** Comparisons and logic, element by element; all give bool. Shapes broadcast, types meet. */
public sealed interface CompareOps permits Tensor {
  /** Where equal. Gives bool, as all comparisons. */
  default Tensor eq(Tensor other) {
    return Pointwise.binary(BinaryOp.EQ, (Tensor) this, other);
  }

  default Tensor eq(double value) {
    return compare(BinaryOp.EQ, value);
  }

  default Tensor eq(long value) {
    return compare(BinaryOp.EQ, value);
  }

  /** Where different. */
  default Tensor ne(Tensor other) {
    return Pointwise.binary(BinaryOp.NE, (Tensor) this, other);
  }

  default Tensor ne(double value) {
    return compare(BinaryOp.NE, value);
  }

  default Tensor ne(long value) {
    return compare(BinaryOp.NE, value);
  }

  /** Where less. */
  default Tensor lt(Tensor other) {
    return Pointwise.binary(BinaryOp.LT, (Tensor) this, other);
  }

  default Tensor lt(double value) {
    return compare(BinaryOp.LT, value);
  }

  default Tensor lt(long value) {
    return compare(BinaryOp.LT, value);
  }

  /** Where less or equal. */
  default Tensor le(Tensor other) {
    return Pointwise.binary(BinaryOp.LE, (Tensor) this, other);
  }

  default Tensor le(double value) {
    return compare(BinaryOp.LE, value);
  }

  default Tensor le(long value) {
    return compare(BinaryOp.LE, value);
  }

  /** Where greater. */
  default Tensor gt(Tensor other) {
    return Pointwise.binary(BinaryOp.GT, (Tensor) this, other);
  }

  default Tensor gt(double value) {
    return compare(BinaryOp.GT, value);
  }

  default Tensor gt(long value) {
    return compare(BinaryOp.GT, value);
  }

  /** Where greater or equal. */
  default Tensor ge(Tensor other) {
    return Pointwise.binary(BinaryOp.GE, (Tensor) this, other);
  }

  default Tensor ge(double value) {
    return compare(BinaryOp.GE, value);
  }

  default Tensor ge(long value) {
    return compare(BinaryOp.GE, value);
  }

  /** Where both differ from 0. */
  default Tensor logicalAnd(Tensor other) {
    return Pointwise.binary(BinaryOp.AND, (Tensor) this, other);
  }

  /** Where one or both differ from 0. */
  default Tensor logicalOr(Tensor other) {
    return Pointwise.binary(BinaryOp.OR, (Tensor) this, other);
  }

  /** Where exactly one differs from 0. */
  default Tensor logicalXor(Tensor other) {
    return Pointwise.binary(BinaryOp.XOR, (Tensor) this, other);
  }

  /** Where 0. */
  default Tensor logicalNot() {
    return Pointwise.unary(UnaryOp.LOGICAL_NOT, (Tensor) this, 0, 0);
  }

  /** Where not a number. */
  default Tensor isnan() {
    return Pointwise.unary(UnaryOp.IS_NAN, (Tensor) this, 0, 0);
  }

  /** Where infinite. */
  default Tensor isinf() {
    return Pointwise.unary(UnaryOp.IS_INF, (Tensor) this, 0, 0);
  }

  /** Where neither infinite nor NaN. */
  default Tensor isfinite() {
    return Pointwise.unary(UnaryOp.IS_FINITE, (Tensor) this, 0, 0);
  }

  private Tensor compare(BinaryOp op, double value) {
    Tensor x = (Tensor) this;
    DType type = DTypes.promoteWeak(x.dtype(), DType.FLOAT32);
    return Pointwise.binaryScalar(op, x, encode(type, value), type, false);
  }

  private Tensor compare(BinaryOp op, long value) {
    Tensor x = (Tensor) this;
    DType type = DTypes.promoteWeak(x.dtype(), DType.INT64);
    return Pointwise.binaryScalar(op, x, encode(type, value), type, false);
  }
}
