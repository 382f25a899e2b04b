package dev.flambeau;

import dev.flambeau.internal.kernels.Require;
import dev.flambeau.internal.tensor.Factories;
import dev.flambeau.internal.tensor.Joining;
import dev.flambeau.internal.tensor.TensorHandle;
import dev.flambeau.ops.ActivationOps;
import dev.flambeau.ops.ArrayOps;
import dev.flambeau.ops.AxisOps;
import dev.flambeau.ops.CompareOps;
import dev.flambeau.ops.CopyOps;
import dev.flambeau.ops.InPlaceOps;
import dev.flambeau.ops.IndexOps;
import dev.flambeau.ops.LossOps;
import dev.flambeau.ops.MatrixOps;
import dev.flambeau.ops.NormalizeOps;
import dev.flambeau.ops.PointwiseOps;
import dev.flambeau.ops.RandomOps;
import dev.flambeau.ops.ShapeOps;
import dev.flambeau.ops.SliceOps;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * An n-dimensional array of one {@link DType} on one {@link Device}, with the operations and the
 * autograd of a {@code torch.Tensor}.
 *
 * <p>The factories are here: {@code Tensor.zeros(2, 3)}. They make tensors on the CPU; {@link
 * #to(Device)} moves them. Whole numbers give int64, floating ones float32, truth values bool, as
 * literals do in PyTorch; the forms with a {@link DType} say otherwise. The operations are in
 * families:
 *
 * <ul>
 *   <li>{@link PointwiseOps}: arithmetic and elementary functions: {@code add}, {@code mul}, {@code
 *       exp}, {@code pow};
 *   <li>{@link CompareOps}: comparisons and logic: {@code eq}, {@code gt}, {@code logicalAnd};
 *   <li>{@link ActivationOps}: activation functions: {@code relu}, {@code gelu}, {@code silu};
 *   <li>{@link InPlaceOps}: what changes the tensor itself, with names ending in {@code _}: {@code
 *       add_}, {@code zero_};
 *   <li>{@link AxisOps}: reductions along dims: {@code sum}, {@code mean}, {@code max}, {@code
 *       argmax}, {@code varMean};
 *   <li>{@link NormalizeOps}: normalisation along dims: {@code softmax}, {@code logSoftmax}, {@code
 *       layerNorm};
 *   <li>{@link MatrixOps}: matrix products: {@code matmul}, {@code mm}, {@code addmm}, {@code
 *       linear};
 *   <li>{@link ShapeOps}: the same elements in another shape: {@code reshape}, {@code transpose},
 *       {@code expand};
 *   <li>{@link SliceOps}: parts along a dim: {@code narrow}, {@code slice}, {@code select}, {@code
 *       split};
 *   <li>{@link CopyOps}: copies: {@code copy}, {@code contiguous}, {@code repeat};
 *   <li>{@link IndexOps}: elements by index: {@code get}, {@code gather}, {@code indexSelect},
 *       {@code scatterAdd};
 *   <li>{@link LossOps}: losses: {@code crossEntropy}, {@code mseLoss}, {@code bceLoss};
 *   <li>{@link RandomOps}: random fills and dropout: {@code uniform_}, {@code normal_}, {@code
 *       dropout};
 *   <li>{@link ArrayOps}: Java values of it, other dtypes and devices: {@code item}, {@code
 *       toFloatArray}, {@code to}.
 * </ul>
 *
 * <p>A null where a tensor must be given is a {@link NullPointerException}, sizes that are negative
 * or come to more than 2^58 elements an {@link IllegalArgumentException}; both name the method that
 * was called.
 *
 * <p>Nothing need be freed: native memory returns when a tensor is no longer reachable. {@link
 * #close()} and {@link Scope} return it sooner.
 *
 * <p>Several threads may read one tensor at once, and compute and differentiate with it; gradients
 * that several threads add to one leaf are added one after the other. A write (a method whose name
 * ends in {@code _}, {@code set}, {@link #setData}, {@link #setGrad}, {@link #zeroGrad}, {@link
 * #close()}, {@link #escape()}) needs the program's own order: no other thread may use the tensor,
 * or a view of it, at that time; else the values of that use are open, or it is refused. A view's
 * first use after its base was written while gradients were recorded is no write.
 */
public abstract sealed class Tensor
    implements PointwiseOps,
        CompareOps,
        ActivationOps,
        InPlaceOps,
        AxisOps,
        NormalizeOps,
        MatrixOps,
        ShapeOps,
        SliceOps,
        CopyOps,
        IndexOps,
        LossOps,
        RandomOps,
        ArrayOps
    permits TensorHandle {
  /** For the library's implementation alone. */
  protected Tensor() {}

  // ---- from Java values

  /** A 0-d int64 tensor of an {@code int}. */
  public static Tensor of(int value) {
    return Factories.of(value);
  }

  /** A 0-d int64 tensor of a {@code long}. */
  public static Tensor of(long value) {
    return Factories.of(value);
  }

  /** A 0-d float32 tensor of a {@code float}. */
  public static Tensor of(float value) {
    return Factories.of(value);
  }

  /** A 0-d float32 tensor of a {@code double}, rounded; {@link #of(DType, Object)} keeps it. */
  public static Tensor of(double value) {
    return Factories.of(value);
  }

  /** A 0-d bool tensor of a {@code boolean}. */
  public static Tensor of(boolean value) {
    return Factories.of(value);
  }

  /** A vector of {@code int}s: int64. */
  public static Tensor of(int... values) {
    return Factories.of(values);
  }

  /** A vector of {@code long}s: int64. */
  public static Tensor of(long... values) {
    return Factories.of(values);
  }

  /** A vector of {@code float}s: float32. */
  public static Tensor of(float... values) {
    return Factories.of(values);
  }

  /** A vector of {@code double}s, rounded to float32. */
  public static Tensor of(double... values) {
    return Factories.of(values);
  }

  /** A vector of {@code boolean}s: bool. */
  public static Tensor of(boolean... values) {
    return Factories.of(values);
  }

  /**
   * A nested array of any rank, such as {@code float[][]}, or a number.
   *
   * @throws IllegalArgumentException for a ragged array; the message names the index
   */
  public static Tensor of(Object nestedArray) {
    return Factories.of(nestedArray);
  }

  /** A nested array or a number, as {@link #of(Object)}, converted to a dtype. */
  public static Tensor of(DType type, Object nestedArray) {
    return Factories.of(type, nestedArray);
  }

  /**
   * A tensor that shares memory with a direct buffer, from its position on: a change of one is a
   * change of the other.
   *
   * <p>A read-only buffer, such as a file mapped to be read, can be computed with, but not changed
   * in place: that is an {@link IllegalStateException}. A bool is a byte of 0 or 1; other bytes are
   * set to 1 in the buffer, and none but these may be put there later.
   *
   * <p>A mapped file must keep its length as long as the tensor is used: reading behind its end is
   * a fault in native code (SIGBUS), which ends the JVM.
   *
   * @throws IllegalArgumentException for a heap buffer, a foreign byte order, too few bytes, or a
   *     read-only buffer with bytes that are no bool
   */
  public static Tensor fromBuffer(ByteBuffer buffer, DType type, long... shape) {
    return Factories.fromBuffer(buffer, type, shape);
  }

  // ---- filled

  /** A float32 tensor with undefined contents. */
  public static Tensor empty(long... shape) {
    return Factories.empty(shape);
  }

  /** A tensor of a dtype with undefined contents. */
  public static Tensor empty(DType type, long... shape) {
    return Factories.empty(type, shape);
  }

  /** A float32 tensor of zeros. */
  public static Tensor zeros(long... shape) {
    return Factories.zeros(shape);
  }

  /** A tensor of a dtype, of zeros. */
  public static Tensor zeros(DType type, long... shape) {
    return Factories.zeros(type, shape);
  }

  /** A float32 tensor of ones. */
  public static Tensor ones(long... shape) {
    return Factories.ones(shape);
  }

  /** A tensor of a dtype, of ones. */
  public static Tensor ones(DType type, long... shape) {
    return Factories.ones(type, shape);
  }

  /** A float32 tensor with one value everywhere. */
  public static Tensor full(double value, long... shape) {
    return Factories.full(value, shape);
  }

  /** An int64 tensor with one whole value everywhere. */
  public static Tensor full(long value, long... shape) {
    return Factories.full(value, shape);
  }

  /** A tensor of a dtype with one value everywhere, converted to it. */
  public static Tensor full(DType type, double value, long... shape) {
    return Factories.full(type, value, shape);
  }

  /** Zeros of this shape, dtype and device. */
  public Tensor zerosLike() {
    return Factories.zerosLike(this);
  }

  /** Ones of this shape, dtype and device. */
  public Tensor onesLike() {
    return Factories.onesLike(this);
  }

  /** One value everywhere, in this shape, dtype and device. */
  public Tensor fullLike(double value) {
    return Factories.fullLike(this, value);
  }

  /** Undefined contents of this shape, dtype and device. */
  public Tensor emptyLike() {
    return Factories.emptyLike(this);
  }

  // ---- sequences

  /** 0, 1, ... end - 1, int64. */
  public static Tensor arange(long end) {
    return Factories.arange(end);
  }

  /** start, start + 1, ... before end, int64. */
  public static Tensor arange(long start, long end) {
    return Factories.arange(start, end);
  }

  /** start, start + step, ... before end, int64. */
  public static Tensor arange(long start, long end, long step) {
    return Factories.arange(start, end, step);
  }

  /** start, start + step, ... before end, float32. */
  public static Tensor arange(double start, double end, double step) {
    return Factories.arange(start, end, step);
  }

  /** {@code steps} values from start to end, both included, float32. */
  public static Tensor linspace(double start, double end, int steps) {
    return Factories.linspace(start, end, steps);
  }

  /** The identity matrix, float32. */
  public static Tensor eye(long n) {
    return Factories.eye(n);
  }

  /** Ones on the diagonal of n rows and m columns, float32. */
  public static Tensor eye(long n, long m) {
    return Factories.eye(n, m);
  }

  // ---- random

  /** Uniform values in [0, 1), float32. */
  public static Tensor rand(long... shape) {
    return Factories.rand(shape);
  }

  /** Uniform values in [0, 1) in a floating dtype. */
  public static Tensor rand(DType type, long... shape) {
    return Factories.rand(type, shape);
  }

  /** Uniform values in [from, to), float32. */
  public static Tensor uniform(double from, double to, long... shape) {
    return Factories.uniform(from, to, shape);
  }

  /** Normal values with mean 0 and standard deviation 1, float32. */
  public static Tensor randn(long... shape) {
    return Factories.randn(shape);
  }

  /** Normal values with mean 0 and standard deviation 1 in a floating dtype. */
  public static Tensor randn(DType type, long... shape) {
    return Factories.randn(type, shape);
  }

  /** Whole values in [low, high), int64. */
  public static Tensor randint(long low, long high, long... shape) {
    return Factories.randint(low, high, shape);
  }

  /** A permutation of 0..n-1, int64. */
  public static Tensor randperm(long n) {
    return Factories.randperm(n);
  }

  /** Uniform values in [0, 1) in this shape and dtype. */
  public Tensor randLike() {
    return Factories.randLike(this);
  }

  /** Normal values in this shape and dtype. */
  public Tensor randnLike() {
    return Factories.randnLike(this);
  }

  // ---- from tensors

  /**
   * {@code condition ? a : b}, element by element; shapes broadcast, dtypes are promoted. All are
   * on one device; 0-d tensors on the CPU go with any.
   */
  public static Tensor where(Tensor condition, Tensor a, Tensor b) {
    return Joining.where(condition, a, b);
  }

  /** Joins tensors along a dim, as {@link #cat(Tensor[], int)}. */
  public static Tensor cat(List<Tensor> tensors, int dim) {
    return cat(Require.given("cat", "tensors", tensors), dim);
  }

  /** Joins tensors along a dim; their other sizes are the same, their dtypes are promoted. */
  public static Tensor cat(Tensor[] tensors, int dim) {
    return Joining.cat(tensors, dim);
  }

  /** Joins tensors of one shape along a new dim, as {@link #stack(Tensor[], int)}. */
  public static Tensor stack(List<Tensor> tensors, int dim) {
    return stack(Require.given("stack", "tensors", tensors), dim);
  }

  /** Joins tensors of one shape along a new dim. */
  public static Tensor stack(Tensor[] tensors, int dim) {
    return Joining.stack(tensors, dim);
  }

  // ---- what it is

  /** The sizes of the dimensions. */
  public abstract Shape shape();

  /** Size of dimension {@code dim}; negative dims count from the end. */
  public abstract long size(int dim);

  /** Number of dimensions. */
  public abstract int dim();

  /** Number of elements. */
  public abstract long numel();

  /** Type of the elements. */
  public abstract DType dtype();

  /** Where the elements are. */
  public abstract Device device();

  /** Steps between neighbours along each dimension, in elements. */
  public abstract long[] stride();

  /** Step along {@code dim}, in elements. */
  public abstract long stride(int dim);

  /** Where the first element is in the storage, in elements. */
  public abstract long storageOffset();

  /** Whether the elements lie in row-major order without gaps. */
  public abstract boolean isContiguous();

  /** Whether both tensors are in the same memory block, as a tensor and its views are. */
  public abstract boolean isSameStorage(Tensor other);

  /** How often the memory was written in place since it was made. */
  public abstract int version();

  // ---- life

  /**
   * Frees the memory now, unless a view or a graph still needs it. Never necessary; using the
   * tensor afterwards is an error. A second call does nothing.
   *
   * <p>A call that another thread has begun with the tensor goes on, with what values is undefined:
   * its own result may be spoilt, never another tensor's, and never the JVM.
   */
  public abstract void close();

  /** Whether this tensor was closed or freed, so that its elements are gone. */
  public abstract boolean isReleased();

  /**
   * Takes the tensor out of all scopes, which then do not free it: for what is stored beyond the
   * call.
   */
  public abstract Tensor escape();

  /** Whether gradients flow to this tensor. */
  public abstract boolean requiresGrad();

  /** Asks for gradients of this tensor. */
  public abstract Tensor requiresGrad_();

  /**
   * Asks for gradients of this tensor, or stops asking.
   *
   * @throws IllegalArgumentException for integer and bool tensors
   * @throws IllegalStateException when turned off on a result of recorded operations; {@link
   *     #detach()} gives one
   */
  public abstract Tensor requiresGrad_(boolean wanted);

  /** Whether the user made this tensor, rather than a recorded operation. */
  public abstract boolean isLeaf();

  /** The graph node that made this tensor, or null for a leaf. */
  public abstract Node gradFn();

  /** The gradient that backward has accumulated, or null. */
  public abstract Tensor grad();

  /**
   * Replaces the gradient; null removes it. Shape, dtype and device must be this tensor's. A later
   * backward does not write into {@code gradient}: it puts the sum in its place.
   */
  public abstract void setGrad(Tensor gradient);

  /**
   * Removes the gradient, and frees its memory at once unless the program has taken it with {@link
   * #grad()}.
   */
  public abstract void zeroGrad();

  /** Computes the gradients of this one-element tensor with respect to the leaves of its graph. */
  public abstract void backward();

  /**
   * As {@link #backward()}, for a tensor of any shape: {@code gradient} is the gradient with
   * respect to it.
   */
  public abstract void backward(Tensor gradient);

  /**
   * Computes gradients and adds them to the {@link #grad()} of the leaves.
   *
   * @param gradient the gradient with respect to this tensor; null means 1, for one element
   * @param retainGraph keep what the graph saved, so that backward can run again
   * @param createGraph record the gradients' own computation, for derivatives of higher order
   *     (retains the graph)
   * @throws IllegalStateException when the graph was freed by an earlier backward, or nothing here
   *     needs gradients
   */
  public abstract void backward(Tensor gradient, boolean retainGraph, boolean createGraph);

  /** Keeps the gradient that backward finds for this non-leaf tensor in {@link #grad()}. */
  public abstract Tensor retainGrad();

  /**
   * Calls {@code hook} with a copy of this tensor's gradient during backward. What it returns
   * replaces the gradient, for which it must have its shape and is converted to its dtype; with
   * null the gradient is what the hook left in the copy. Closing the result removes the hook.
   */
  public abstract Hook registerHook(UnaryOperator<Tensor> hook);

  /**
   * The same memory, outside the graph: no gradient flows through it. Writes to it are seen by the
   * graph.
   */
  public abstract Tensor detach();

  /** As {@link #detach()}: the name that PyTorch programs use for a parameter's values. */
  public abstract Tensor data();

  /**
   * Gives this leaf the memory of {@code values}, which may have another dtype or device: what
   * {@code parameter.data = values} does in PyTorch. This tensor object then has the new values; a
   * graph recorded before keeps the old ones.
   *
   * @throws IllegalArgumentException for another shape, or a dtype that cannot have the gradients
   *     asked for
   * @throws IllegalStateException when a recorded operation made this tensor
   */
  public abstract Tensor setData(Tensor values);

  // ---- parameters, text

  /**
   * Marks a tensor as a module's parameter: it prints as one, requires gradients, and no scope
   * frees it.
   */
  public abstract Tensor asParameter();

  /** Whether this is a module's parameter. */
  public abstract boolean isParameter();

  /** The values as PyTorch prints them; {@link PrintOptions} sets digits and widths. */
  @Override
  public abstract String toString();
}
