package dev.flambeau.internal.tensor;

import static dev.flambeau.internal.kernels.DTypes.encode;
import static dev.flambeau.internal.tensor.TensorImpl.share;

import dev.flambeau.DType;
import dev.flambeau.Tensor;
import dev.flambeau.internal.kernels.Copy;
import dev.flambeau.internal.kernels.Generator;
import dev.flambeau.internal.kernels.Pointwise;
import dev.flambeau.spi.Kernels;
import java.nio.ByteBuffer;

/** How tensors are made; {@link Tensor} has the same names, and says what they promise. */
public final class Factories {

  private Factories() {}

  // ---- from Java values

  public static Tensor of(int value) {
    return of(DType.INT64, value);
  }

  public static Tensor of(long value) {
    return of(DType.INT64, value);
  }

  public static Tensor of(float value) {
    return of(DType.FLOAT32, value);
  }

  public static Tensor of(double value) {
    return of(DType.FLOAT32, value);
  }

  public static Tensor of(boolean value) {
    return of(DType.BOOL, value);
  }

  public static Tensor of(int... values) {
    return of(DType.INT64, values);
  }

  public static Tensor of(long... values) {
    return of(DType.INT64, values);
  }

  public static Tensor of(float... values) {
    return of(DType.FLOAT32, values);
  }

  public static Tensor of(double... values) {
    return of(DType.FLOAT32, values);
  }

  public static Tensor of(boolean... values) {
    return of(DType.BOOL, values);
  }

  public static Tensor of(Object nestedArray) {
    return of(NestedArray.defaultType(nestedArray), nestedArray);
  }

  public static Tensor of(DType type, Object nestedArray) {
    return NestedArray.toTensor(type, nestedArray);
  }

  public static Tensor fromBuffer(ByteBuffer buffer, DType type, long... shape) {
    return NestedArray.share(buffer, type, shape);
  }

  // ---- filled

  public static Tensor empty(long... shape) {
    return empty(DType.FLOAT32, shape);
  }

  public static Tensor empty(DType type, long... shape) {
    return empty("empty", type, shape);
  }

  private static Tensor empty(String op, DType type, long... shape) {
    return TensorImpl.empty(Devices.cpu(), type, Layout.contiguous(op, shape.clone()));
  }

  public static Tensor zeros(long... shape) {
    return zeros(DType.FLOAT32, shape);
  }

  public static Tensor zeros(DType type, long... shape) {
    return filled(empty("zeros", type, shape), encode(type, 0L));
  }

  public static Tensor ones(long... shape) {
    return ones(DType.FLOAT32, shape);
  }

  public static Tensor ones(DType type, long... shape) {
    return filled(empty("ones", type, shape), encode(type, 1L));
  }

  public static Tensor full(double value, long... shape) {
    return full(DType.FLOAT32, value, shape);
  }

  public static Tensor full(long value, long... shape) {
    return filled(empty("full", DType.INT64, shape), value);
  }

  public static Tensor full(DType type, double value, long... shape) {
    return filled(empty("full", type, shape), encode(type, value));
  }

  private static Tensor filled(Tensor x, long encoded) {
    Pointwise.fill(x, encoded);
    return x;
  }

  public static Tensor zerosLike(Tensor x) {
    return filled(TensorImpl.emptyLike(x, x.dtype()), encode(x.dtype(), 0L));
  }

  public static Tensor onesLike(Tensor x) {
    return filled(TensorImpl.emptyLike(x, x.dtype()), encode(x.dtype(), 1L));
  }

  public static Tensor fullLike(Tensor x, double value) {
    return filled(TensorImpl.emptyLike(x, x.dtype()), encode(x.dtype(), value));
  }

  public static Tensor emptyLike(Tensor x) {
    return TensorImpl.emptyLike(x, x.dtype());
  }

  // ---- sequences

  public static Tensor arange(long end) {
    return arange(0L, end, 1L);
  }

  public static Tensor arange(long start, long end) {
    return arange(start, end, 1L);
  }

  public static Tensor arange(long start, long end, long step) {
    if (step == 0 || (step > 0 ? start > end : start < end)) {
      throw leadsNowhere(start, end, step);
    }
    // Unsigned: so the distance between any two longs is a number.
    long distance = step > 0 ? end - start : start - end;
    long each = Math.abs(step);
    long n = Long.divideUnsigned(distance, each);
    n += Long.remainderUnsigned(distance, each) != 0 ? 1 : 0;
    if (Long.compareUnsigned(n, Dims.LIMIT) > 0) {
      throw tooLong(start, end, step, Long.toUnsignedString(n));
    }
    return sequence("arange", Kernels.ARANGE, DType.INT64, n, start, step);
  }

  public static Tensor arange(double start, double end, double step) {
    if (!(step > 0 ? start <= end : step < 0 && start >= end)) {
      throw leadsNowhere(start, end, step);
    }
    double n = Math.ceil((end - start) / step);
    if (!(n <= Dims.LIMIT)) {
      throw tooLong(start, end, step, n);
    }
    return sequence(
        "arange",
        Kernels.ARANGE,
        DType.FLOAT32,
        (long) n,
        encode(DType.FLOAT32, start),
        encode(DType.FLOAT32, step));
  }

  private static IllegalArgumentException leadsNowhere(Number start, Number end, Number step) {
    return new IllegalArgumentException(
        "arange: a step of " + step + " does not lead from " + start + " to " + end);
  }

  private static IllegalArgumentException tooLong(Number start, Number end, Number step, Object n) {
    return new IllegalArgumentException(
        "arange: steps of "
            + step
            + " from "
            + start
            + " to "
            + end
            + " give "
            + n
            + " elements; a tensor has at most 2^58");
  }

  public static Tensor linspace(double start, double end, int steps) {
    if (steps < 0) {
      throw new IllegalArgumentException(
          "linspace: the number of steps must not be negative, got " + steps);
    }
    return sequence(
        "linspace",
        Kernels.LINSPACE,
        DType.FLOAT32,
        steps,
        encode(DType.FLOAT32, start),
        encode(DType.FLOAT32, end));
  }

  private static Tensor sequence(String op, int kind, DType type, long n, long start, long by) {
    Tensor y = TensorImpl.empty(Devices.cpu(), type, Layout.contiguous(op, n));
    Pointwise.sequence(op, kind, y, start, by);
    return y;
  }

  public static Tensor eye(long n) {
    return eye(n, n);
  }

  public static Tensor eye(long n, long m) {
    Tensor x = filled(empty("eye", DType.FLOAT32, n, m), encode(DType.FLOAT32, 0L));
    long[] diagonal = {Math.min(n, m)};
    Layout places = Layout.strided("eye", diagonal, new long[] {m + 1}, 0);
    Copy.into("eye", ones(), share(x, places));
    return x;
  }

  // ---- random

  public static Tensor rand(long... shape) {
    return rand(DType.FLOAT32, shape);
  }

  public static Tensor rand(DType type, long... shape) {
    return empty("rand", type, shape).uniform_(0, 1);
  }

  public static Tensor uniform(double from, double to, long... shape) {
    return empty("uniform", DType.FLOAT32, shape).uniform_(from, to);
  }

  public static Tensor randn(long... shape) {
    return randn(DType.FLOAT32, shape);
  }

  public static Tensor randn(DType type, long... shape) {
    return empty("randn", type, shape).normal_(0, 1);
  }

  public static Tensor randint(long low, long high, long... shape) {
    return empty("randint", DType.INT64, shape).random_(low, high);
  }

  public static Tensor randperm(long n) {
    Tensor y = empty("randperm", DType.INT64, n);
    Generator.current().fill("randperm", Kernels.PERMUTATION, null, y, 0, 0);
    return y;
  }

  public static Tensor randLike(Tensor x) {
    return x.emptyLike().uniform_(0, 1);
  }

  public static Tensor randnLike(Tensor x) {
    return x.emptyLike().normal_(0, 1);
  }
}
