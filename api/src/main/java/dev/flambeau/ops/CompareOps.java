package dev.flambeau.ops;

import static dev.flambeau.internal.kernels.DTypes.encode;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import dev.flambeau.internal.kernels.BinaryOp;
import dev.flambeau.internal.kernels.DTypes;
import dev.flambeau.internal.kernels.Pointwise;
import dev.flambeau.internal.kernels.UnaryOp;

/**
 * Comparisons and logic, element by element; the result is bool. Shapes broadcast, and dtypes are
 * promoted as in {@link PointwiseOps}.
 */
public sealed interface CompareOps permits Tensor {
  /** Where this is equal to the other tensor, element by element. */
  default Tensor eq(Tensor other) {
    return Pointwise.binary(BinaryOp.EQ, (Tensor) this, other);
  }

  /** Where this is equal to a number; integers are compared as float32. */
  default Tensor eq(double value) {
    return compare(BinaryOp.EQ, value);
  }

  /** Where this is equal to a whole number; integers are compared as integers. */
  default Tensor eq(long value) {
    return compare(BinaryOp.EQ, value);
  }

  /** Where this is different from the other tensor. */
  default Tensor ne(Tensor other) {
    return Pointwise.binary(BinaryOp.NE, (Tensor) this, other);
  }

  /** Where this is different from a number; integers are compared as float32. */
  default Tensor ne(double value) {
    return compare(BinaryOp.NE, value);
  }

  /** Where this is different from a whole number; integers are compared as integers. */
  default Tensor ne(long value) {
    return compare(BinaryOp.NE, value);
  }

  /** Where this is less than the other tensor. */
  default Tensor lt(Tensor other) {
    return Pointwise.binary(BinaryOp.LT, (Tensor) this, other);
  }

  /** Where this is less than a number; integers are compared as float32. */
  default Tensor lt(double value) {
    return compare(BinaryOp.LT, value);
  }

  /** Where this is less than a whole number; integers are compared as integers. */
  default Tensor lt(long value) {
    return compare(BinaryOp.LT, value);
  }

  /** Where this is at most the other tensor. */
  default Tensor le(Tensor other) {
    return Pointwise.binary(BinaryOp.LE, (Tensor) this, other);
  }

  /** Where this is at most a number; integers are compared as float32. */
  default Tensor le(double value) {
    return compare(BinaryOp.LE, value);
  }

  /** Where this is at most a whole number; integers are compared as integers. */
  default Tensor le(long value) {
    return compare(BinaryOp.LE, value);
  }

  /** Where this is greater than the other tensor. */
  default Tensor gt(Tensor other) {
    return Pointwise.binary(BinaryOp.GT, (Tensor) this, other);
  }

  /** Where this is greater than a number; integers are compared as float32. */
  default Tensor gt(double value) {
    return compare(BinaryOp.GT, value);
  }

  /** Where this is greater than a whole number; integers are compared as integers. */
  default Tensor gt(long value) {
    return compare(BinaryOp.GT, value);
  }

  /** Where this is at least the other tensor. */
  default Tensor ge(Tensor other) {
    return Pointwise.binary(BinaryOp.GE, (Tensor) this, other);
  }

  /** Where this is at least a number; integers are compared as float32. */
  default Tensor ge(double value) {
    return compare(BinaryOp.GE, value);
  }

  /** Where this is at least a whole number; integers are compared as integers. */
  default Tensor ge(long value) {
    return compare(BinaryOp.GE, value);
  }

  /** Where both elements differ from 0. */
  default Tensor logicalAnd(Tensor other) {
    return Pointwise.binary(BinaryOp.AND, (Tensor) this, other);
  }

  /** Where at least one of the elements differs from 0. */
  default Tensor logicalOr(Tensor other) {
    return Pointwise.binary(BinaryOp.OR, (Tensor) this, other);
  }

  /** Where exactly one of the elements differs from 0. */
  default Tensor logicalXor(Tensor other) {
    return Pointwise.binary(BinaryOp.XOR, (Tensor) this, other);
  }

  /** Where an element is 0. */
  default Tensor logicalNot() {
    return Pointwise.unary(UnaryOp.LOGICAL_NOT, (Tensor) this, 0, 0);
  }

  /** Where an element is NaN. */
  default Tensor isnan() {
    return Pointwise.unary(UnaryOp.IS_NAN, (Tensor) this, 0, 0);
  }

  /** Where an element is infinite. */
  default Tensor isinf() {
    return Pointwise.unary(UnaryOp.IS_INF, (Tensor) this, 0, 0);
  }

  /** Where an element is neither infinite nor NaN. */
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
