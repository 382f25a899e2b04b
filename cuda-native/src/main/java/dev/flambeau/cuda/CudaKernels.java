package dev.flambeau.cuda;

import dev.flambeau.spi.Kernels;
import org.bytedeco.javacpp.annotation.Name;
import org.bytedeco.javacpp.annotation.NoException;
import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;

/**
 * {@code flambeau.h} and {@code flambeau_cuda.h} as JavaCPP native methods, name for name. A kernel
 * runs on the device that its output lies on; only what names no address asks for a device.
 */
@Properties(
    @Platform(
        include = {"flambeau.h", "flambeau_cuda.h"},
        library = "jniflambeau_cuda"))
@NoException
final class CudaKernels implements Kernels {
  /** Switches of the library. */
  static final int SYNC = 0, TF32 = 1, FAST_SCATTER = 2, OWN_PRODUCTS = 3, OWN_RELU = 4;

  private final int index;

  CudaKernels(int index) {
    this.index = index;
  }

  @Override
  @Name("fl_last_error")
  public native String lastError();

  @Override
  public String describe() {
    select(index);
    return describeSelected();
  }

  @Override
  public int synchronize() {
    int status = select(index);
    return status == OK ? synchronizeSelected() : status;
  }

  @Override
  public boolean countedRandom() {
    return true;
  }

  @Override
  @Name("fl_dropout")
  public native int dropout(int dtype, long n, long seed, long offset, long x, long y, double p);

  @Override
  @Name("fl_threads")
  public native int threads();

  @Override
  @Name("fl_set_threads")
  public native int setThreads(int threads);

  @Override
  @Name("fl_fill")
  public native int fill(int dtype, long n, long y, long value);

  @Override
  @Name("fl_unary")
  public native int unary(int op, int dtype, long n, long x, long y, double p, double q);

  @Override
  @Name("fl_unary_grad")
  public native int unaryGrad(
      int op, int dtype, long n, long g, long x, long y, long gx, double p, double q);

  @Override
  @Name("fl_binary")
  public native int binary(int op, int dtype, long n, long a, long b, long y);

  @Override
  @Name("fl_binary_scalar")
  public native int binaryScalar(
      int op, int dtype, long n, long a, long y, long scalar, int reversed);

  @Override
  @Name("fl_binary_strided")
  public native int binaryStrided(int op, int dtype, long geometry, long a, long b, long y);

  @Override
  @Name("fl_where")
  public native int where(int dtype, long geometry, long condition, long a, long b, long y);

  @Override
  @Name("fl_convert")
  public native int convert(int from, int to, long n, long x, long y);

  @Override
  @Name("fl_copy")
  public native int copy(int from, int to, long geometry, long x, long y);

  @Override
  @Name("fl_reduce")
  public native int reduce(int op, int dtype, long outer, long len, long inner, long x, long y);

  @Override
  @Name("fl_reduce_index")
  public native int reduceIndex(
      int op, int dtype, long outer, long len, long inner, long x, long values, long indices);

  @Override
  @Name("fl_moments")
  public native int moments(
      int dtype,
      long outer,
      long len,
      long inner,
      long x,
      long mean,
      long variance,
      double correction);

  @Override
  @Name("fl_softmax")
  public native int softmax(int log, int dtype, long outer, long len, long inner, long x, long y);

  @Override
  @Name("fl_softmax_grad")
  public native int softmaxGrad(
      int log, int dtype, long outer, long len, long inner, long g, long y, long gx);

  @Override
  @Name("fl_layer_norm")
  public native int layerNorm(
      int dtype,
      long rows,
      long columns,
      long x,
      long weight,
      long bias,
      long y,
      long mean,
      long rstd,
      double eps);

  @Override
  @Name("fl_layer_norm_grad")
  public native int layerNormGrad(
      int dtype,
      long rows,
      long columns,
      long g,
      long x,
      long mean,
      long rstd,
      long weight,
      long gx,
      long gweight,
      long gbias);

  @Override
  @Name("fl_loss")
  public native int loss(int op, int reduction, int dtype, long n, long x, long target, long y);

  @Override
  @Name("fl_loss_grad")
  public native int lossGrad(
      int op, int reduction, int dtype, long n, long g, long x, long target, long gx);

  @Override
  @Name("fl_nll_loss")
  public native int nllLoss(
      int reduction,
      int dtype,
      long outer,
      long classes,
      long inner,
      long logProbabilities,
      long target,
      long weight,
      long y,
      long totalWeight,
      long ignoreIndex);

  @Override
  @Name("fl_nll_loss_grad")
  public native int nllLossGrad(
      int reduction,
      int dtype,
      long outer,
      long classes,
      long inner,
      long g,
      long target,
      long weight,
      long totalWeight,
      long gx,
      long ignoreIndex);

  @Override
  @Name("fl_cross_entropy")
  public native int crossEntropy(
      int reduction,
      int dtype,
      long outer,
      long classes,
      long inner,
      long x,
      long target,
      long weight,
      long y,
      long logSums,
      long totalWeight,
      long ignoreIndex,
      double smoothing);

  @Override
  @Name("fl_cross_entropy_grad")
  public native int crossEntropyGrad(
      int reduction,
      int dtype,
      long outer,
      long classes,
      long inner,
      long g,
      long x,
      long logSums,
      long target,
      long weight,
      long totalWeight,
      long gx,
      long ignoreIndex,
      double smoothing);

  /**
   * {@inheritDoc}
   *
   * <p>The first product answers NEED_BLAS: then cuBLAS is looked for, and the call repeated.
   */
  @Override
  public int matmul(
      int dtype,
      int activation,
      long batch,
      long m,
      long n,
      long k,
      long a,
      long aBatch,
      long aRow,
      long aColumn,
      long c,
      long cBatch,
      long cRow,
      long cColumn,
      long bias,
      long y,
      long yBatch,
      long yRow) {
    int status =
        tryMatmul(
            dtype,
            activation,
            batch,
            m,
            n,
            k,
            a,
            aBatch,
            aRow,
            aColumn,
            c,
            cBatch,
            cRow,
            cColumn,
            bias,
            y,
            yBatch,
            yRow);
    if (status != NEED_BLAS) {
      return status;
    }
    CuBlas.open();
    return tryMatmul(
        dtype,
        activation,
        batch,
        m,
        n,
        k,
        a,
        aBatch,
        aRow,
        aColumn,
        c,
        cBatch,
        cRow,
        cColumn,
        bias,
        y,
        yBatch,
        yRow);
  }

  @Name("fl_matmul")
  private static native int tryMatmul(
      int dtype,
      int activation,
      long batch,
      long m,
      long n,
      long k,
      long a,
      long aBatch,
      long aRow,
      long aColumn,
      long c,
      long cBatch,
      long cRow,
      long cColumn,
      long bias,
      long y,
      long yBatch,
      long yRow);

  @Override
  @Name("fl_gather")
  public native int gather(
      int dtype, long outer, long length, long count, long inner, long x, long index, long y);

  @Override
  @Name("fl_scatter")
  public native int scatter(
      int add,
      int dtype,
      long outer,
      long length,
      long count,
      long inner,
      long index,
      long source,
      long y);

  @Override
  @Name("fl_index_select")
  public native int indexSelect(
      int dtype, long outer, long length, long count, long inner, long x, long index, long y);

  @Override
  @Name("fl_index_add")
  public native int indexAdd(
      int dtype, long outer, long length, long count, long inner, long index, long source, long y);

  @Override
  @Name("fl_random_seed")
  public native int randomSeed(long state, long seed);

  @Override
  @Name("fl_random")
  public native int random(int kind, int dtype, long n, long state, long x, long y, long p, long q);

  @Override
  @Name("fl_sgd")
  public native int sgd(
      int dtype,
      int flags,
      long count,
      long table,
      double lr,
      double momentum,
      double dampening,
      double weightDecay);

  @Override
  @Name("fl_adam")
  public native int adam(
      int dtype,
      int flags,
      long count,
      long table,
      double lr,
      double beta1,
      double beta2,
      double eps,
      double weightDecay);

  /** The hash of the headers that the library was built from. */
  @Name("fl_abi")
  static native long abi();

  /** How many devices there are; -1: none can be used, and {@link #lastError} says why. */
  @Name("fl_devices")
  static native int devices();

  /** The device that this thread's calls without an address are about. */
  @Name("fl_select")
  static native int select(int device);

  @Name("fl_cuda_switch")
  static native int turn(int which, int on);

  /** Takes cuBLAS, and cuBLASLt if its path is not empty; the empty path: there is none. */
  @Name("fl_cublas_open")
  static native int cublasOpen(String cublas, String cublasLt);

  /** Calls of cudaMalloc so far. */
  @Name("fl_device_allocations")
  static native long deviceAllocations();

  @Name("fl_describe")
  private static native String describeSelected();

  @Name("fl_synchronize")
  private static native int synchronizeSelected();
}
