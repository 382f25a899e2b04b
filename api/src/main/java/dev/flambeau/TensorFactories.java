package dev.flambeau;

import dev.flambeau.spi.Kernels;
import java.nio.ByteBuffer;

/**
 * Makes tensors on the CPU; {@link Tensor#to(Device)} moves them. Called as {@code Tensor.zeros(2,
 * 3)}. Whole numbers give int64, floating ones float32, truth values bool, as literals do in
 * PyTorch; the forms with a {@link DType} say otherwise.
 */
public abstract sealed class TensorFactories permits TensorHandle {
  TensorFactories() {}

  // ---- from Java values

  /** A 0-d int64 tensor. */
  public static Tensor of(int value) {
    return of(DType.INT64, value);
  }

  /** A 0-d int64 tensor. */
  public static Tensor of(long value) {
    return of(DType.INT64, value);
  }

  /** A 0-d float32 tensor. */
  public static Tensor of(float value) {
    return of(DType.FLOAT32, value);
  }

  /** A 0-d float32 tensor. */
  public static Tensor of(double value) {
    return of(DType.FLOAT32, value);
  }

  /** A 0-d bool tensor. */
  public static Tensor of(boolean value) {
    return of(DType.BOOL, value);
  }

  /** An int64 vector. */
  public static Tensor of(int... values) {
    return of(DType.INT64, values);
  }

  /** An int64 vector. */
  public static Tensor of(long... values) {
    return of(DType.INT64, values);
  }

  /** A float32 vector. */
  public static Tensor of(float... values) {
    return of(DType.FLOAT32, values);
  }

  /** A float32 vector. */
  public static Tensor of(double... values) {
    return of(DType.FLOAT32, values);
  }

  /** A bool vector. */
  public static Tensor of(boolean... values) {
    return of(DType.BOOL, values);
  }

  /**
   * A nested array of any rank, such as {@code float[][]}, or a number.
   *
   * @throws IllegalArgumentException for a ragged array; the message names the index
   */
  public static Tensor of(Object nestedArray) {
    return of(NestedArray.defaultType(nestedArray), nestedArray);
  }

  /** A nested array or a number, in a dtype. */
  public static Tensor of(DType type, Object nestedArray) {
    return NestedArray.toTensor(type, nestedArray);
  }

  /**
   * A tensor that shares memory with a direct buffer, from its position on: a change of one is a
   * change of the other.
   *
   * @throws IllegalArgumentException for a heap buffer, a foreign byte order, or too few bytes
   */
  public static Tensor fromBuffer(ByteBuffer buffer, DType type, long... shape) {
    return NestedArray.share(buffer, type, Dims.check("fromBuffer", shape));
  }

  // ---- filled

  /** Undefined contents, float32. */
  public static Tensor empty(long... shape) {
    return empty(DType.FLOAT32, shape);
  }

  /** Undefined contents. */
  public static Tensor empty(DType type, long... shape) {
    return Tensor.empty(
        Backends.cpu(), type, Layout.contiguous(Dims.check("empty", shape.clone())));
  }

  /** Zeros, float32. */
  public static Tensor zeros(long... shape) {
    return zeros(DType.FLOAT32, shape);
  }

  /** Zeros. */
  public static Tensor zeros(DType type, long... shape) {
    return filled(empty(type, shape), type.encode(0L));
  }

  /** Ones, float32. */
  public static Tensor ones(long... shape) {
    return ones(DType.FLOAT32, shape);
  }

  /** Ones. */
  public static Tensor ones(DType type, long... shape) {
    return filled(empty(type, shape), type.encode(1L));
  }

  /** One value everywhere, float32. */
  public static Tensor full(double value, long... shape) {
    return full(DType.FLOAT32, value, shape);
  }

  /** One value everywhere, int64. */
  public static Tensor full(long value, long... shape) {
    return filled(empty(DType.INT64, shape), value);
  }

  /** One value everywhere. */
  public static Tensor full(DType type, double value, long... shape) {
    return filled(empty(type, shape), type.encode(value));
  }

  private static Tensor filled(Tensor x, long encoded) {
    Pointwise.fill(x, encoded);
    return x;
  }

  /** Zeros of this shape, dtype and device. */
  public Tensor zerosLike() {
    Tensor x = (Tensor) this;
    return filled(x.freshLike(x.dtype()), x.dtype().encode(0L));
  }

  /** Ones of this shape, dtype and device. */
  public Tensor onesLike() {
    Tensor x = (Tensor) this;
    return filled(x.freshLike(x.dtype()), x.dtype().encode(1L));
  }

  /** One value everywhere, in this shape, dtype and device. */
  public Tensor fullLike(double value) {
    Tensor x = (Tensor) this;
    return filled(x.freshLike(x.dtype()), x.dtype().encode(value));
  }

  /** Undefined contents of this shape, dtype and device. */
  public Tensor emptyLike() {
    Tensor x = (Tensor) this;
    return x.freshLike(x.dtype());
  }

  // ---- sequences

  /** 0, 1, ... end - 1, int64. */
  public static Tensor arange(long end) {
    return arange(0L, end, 1L);
  }

  /** start, start + 1, ... before end, int64. */
  public static Tensor arange(long start, long end) {
    return arange(start, end, 1L);
  }

  /** start, start + step, ... before end, int64. */
  public static Tensor arange(long start, long end, long step) {
    if (step == 0 || (end - start) / step < 0) {
      throw new IllegalArgumentException(
          "arange: a step of " + step + " does not lead from " + start + " to " + end);
    }
    int n = (int) ((end - start) / step + ((end - start) % step != 0 ? 1 : 0));
    long[] values = new long[n];
    for (int i = 0; i < n; i++) {
      values[i] = start + i * step;
    }
    return of(DType.INT64, values);
  }

  /** start, start + step, ... before end, float32. */
  public static Tensor arange(double start, double end, double step) {
    if (!(step != 0) || (end - start) / step < 0 || !Double.isFinite((end - start) / step)) {
      throw new IllegalArgumentException(
          "arange: a step of " + step + " does not lead from " + start + " to " + end);
    }
    int n = (int) Math.ceil((end - start) / step);
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] = Math.fma(i, step, start); // as PyTorch: rounded once
    }
    return of(DType.FLOAT32, values);
  }

  /** {@code steps} values from start to end, both included, float32. */
  public static Tensor linspace(double start, double end, int steps) {
    if (steps < 0) {
      throw new IllegalArgumentException(
          "linspace: the number of steps must not be negative, got " + steps);
    }
    // In float32, from both ends to the middle, as PyTorch computes it.
    float from = (float) start;
    float to = (float) end;
    float step = steps > 1 ? (to - from) / (steps - 1) : 0;
    float[] values = new float[steps];
    for (int i = 0; i < steps; i++) {
      values[i] =
          i < steps / 2
              ? Math.fma(step, (float) i, from)
              : Math.fma(-step, (float) (steps - i - 1), to);
    }
    if (steps == 1) {
      values[0] = from;
    }
    return of(DType.FLOAT32, values);
  }

  /** The identity matrix, float32. */
  public static Tensor eye(long n) {
    return eye(n, n);
  }

  /** Ones on the diagonal of n rows and m columns, float32. */
  public static Tensor eye(long n, long m) {
    Tensor x = zeros(n, m);
    long d = Math.min(n, m);
    if (d > 0) {
      Tensor one = ones();
      Copy.into("eye", one, x.share(new Layout(new long[] {d}, new long[] {m + 1}, 0)));
    }
    return x;
  }

  // ---- random

  /** Uniform values in [0, 1), float32. */
  public static Tensor rand(long... shape) {
    return rand(DType.FLOAT32, shape);
  }

  /** Uniform values in [0, 1). */
  public static Tensor rand(DType type, long... shape) {
    return empty(type, shape).uniform_(0, 1);
  }

  /** Uniform values in [from, to), float32. */
  public static Tensor uniform(double from, double to, long... shape) {
    return empty(shape).uniform_(from, to);
  }

  /** Normal values with mean 0 and standard deviation 1, float32. */
  public static Tensor randn(long... shape) {
    return randn(DType.FLOAT32, shape);
  }

  /** Normal values with mean 0 and standard deviation 1. */
  public static Tensor randn(DType type, long... shape) {
    return empty(type, shape).normal_(0, 1);
  }

  /** Whole values in [low, high), int64. */
  public static Tensor randint(long low, long high, long... shape) {
    return empty(DType.INT64, shape).random_(low, high);
  }

  /** A permutation of 0..n-1, int64. */
  public static Tensor randperm(long n) {
    Tensor y = empty(DType.INT64, n);
    Rng.current().fill("randperm", Kernels.PERMUTATION, null, y, 0, 0);
    return y;
  }

  /** Uniform values in [0, 1) in this shape and dtype. */
  public Tensor randLike() {
    Tensor x = (Tensor) this;
    return x.emptyLike().uniform_(0, 1);
  }

  /** Normal values in this shape and dtype. */
  public Tensor randnLike() {
    Tensor x = (Tensor) this;
    return x.emptyLike().normal_(0, 1);
  }

  // ---- from tensors

  /**
   * {@code condition ? a : b}, element by element; shapes broadcast, types meet. All are on one
   * device, but for 0-d tensors on the host, which go along.
   */
  public static Tensor where(Tensor condition, Tensor a, Tensor b) {
    Require.requireBool("where", condition);
    if (condition.context() != a.context() || a.context() != b.context()) {
      Tensor[] t = Pointwise.together(condition, a, b);
      if (t[0] != condition || t[1] != a || t[2] != b) {
        return where(t[0], t[1], t[2]);
      }
    }
    DType type = Pointwise.meet("where", a, b);
    Pointwise.sameDevice("where", condition, a);
    return Autograd.record("WhereBackward0", Pointwise.where(condition, a, b, type))
        .saves(condition)
        .input(a, (g, saved) -> where(saved.get(0), g, g.zerosLike()))
        .input(b, (g, saved) -> where(saved.get(0), g.zerosLike(), g))
        .result();
  }

  /** Joins tensors along a dim; their other sizes are the same, their types meet. */
  public static Tensor cat(java.util.List<Tensor> tensors, int dim) {
    return cat(tensors.toArray(Tensor[]::new), dim);
  }

  /** Joins tensors along a dim; their other sizes are the same, their types meet. */
  public static Tensor cat(Tensor[] tensors, int dim) {
    return Joining.cat(tensors, dim);
  }

  /** Joins tensors of one shape along a new dim. */
  public static Tensor stack(java.util.List<Tensor> tensors, int dim) {
    return stack(tensors.toArray(Tensor[]::new), dim);
  }

  /** Joins tensors of one shape along a new dim. */
  public static Tensor stack(Tensor[] tensors, int dim) {
    return Joining.stack(tensors, dim);
  }
}
