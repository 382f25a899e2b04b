// Generated from native-src/include by: java native-src/tools/Bindings.java .
package dev.flambeau.cuda;

import dev.flambeau.spi.Kernels;
import org.bytedeco.javacpp.annotation.Name;
import org.bytedeco.javacpp.annotation.NoException;
import org.bytedeco.javacpp.annotation.Properties;

/** The kernels as JavaCPP native methods. */
@Properties(inherit = CudaLibrary.class)
@NoException
final class CudaKernels extends CudaLibrary implements Kernels {
  /** The most bytes that one copy may stage. */
  static final int STAGING_BYTES = 2097152;

  /** Switches of the library. */
  static final int SYNC = 0, // wait after every kernel
      TF32 = 1, // float32 products may use TF32 tensor cores
      FAST_SCATTER = 2, // sums at repeated indices by atomics: faster, not the same bits every time
      OWN_PRODUCTS = 3, // no product is cuBLAS's
      OWN_RELU = 4; // cuBLASLt applies no ReLU, for the sake of NaN

  CudaKernels(int index) {
    super(index);
  }

  @Override
  @Name("fl_fill")
  public native int fill(int dtype, long n, long y, long value);

  @Override
  @Name("fl_sequence")
  public native int sequence(int kind, int dtype, long n, long y, long start, long by);

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
      int dtype, long outer, long len, long inner, long x, long mean, long variance,
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
      int dtype, long rows, long columns, long x, long weight, long bias, long y, long mean,
      long rstd, double eps);

  @Override
  @Name("fl_layer_norm_grad")
  public native int layerNormGrad(
      int dtype, long rows, long columns, long g, long x, long mean, long rstd, long weight,
      long gx, long gweight, long gbias);

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
      int reduction, int dtype, long outer, long classes, long inner, long logProbabilities,
      long target, long weight, long y, long totalWeight, long ignoreIndex);

  @Override
  @Name("fl_nll_loss_grad")
  public native int nllLossGrad(
      int reduction, int dtype, long outer, long classes, long inner, long g, long target,
      long weight, long totalWeight, long gx, long ignoreIndex);

  @Override
  @Name("fl_cross_entropy")
  public native int crossEntropy(
      int reduction, int dtype, long outer, long classes, long inner, long x, long target,
      long weight, long y, long logSums, long totalWeight, long ignoreIndex, double smoothing);

  @Override
  @Name("fl_cross_entropy_grad")
  public native int crossEntropyGrad(
      int reduction, int dtype, long outer, long classes, long inner, long g, long x, long logSums,
      long target, long weight, long totalWeight, long gx, long ignoreIndex, double smoothing);

  @Override
  public int matmul(
      int dtype, int activation, long batch, long m, long n, long k, long a, long aBatch, long aRow,
      long aColumn, long c, long cBatch, long cRow, long cColumn, long bias, long y, long yBatch,
      long yRow) {
    int status = tryMatmul(
        dtype, activation, batch, m, n, k, a, aBatch, aRow, aColumn, c, cBatch, cRow, cColumn, bias,
        y, yBatch, yRow);
    if (status != NEED_BLAS) {
      return status;
    }
    CuBlas.open();
    return tryMatmul(
        dtype, activation, batch, m, n, k, a, aBatch, aRow, aColumn, c, cBatch, cRow, cColumn, bias,
        y, yBatch, yRow);
  }

  @Name("fl_matmul")
  private static native int tryMatmul(
      int dtype, int activation, long batch, long m, long n, long k, long a, long aBatch, long aRow,
      long aColumn, long c, long cBatch, long cRow, long cColumn, long bias, long y, long yBatch,
      long yRow);

  @Override
  @Name("fl_gather")
  public native int gather(
      int dtype, long outer, long length, long count, long inner, long x, long index, long y);

  @Override
  @Name("fl_scatter")
  public native int scatter(
      int add, int dtype, long outer, long length, long count, long inner, long index, long source,
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
  public native int random(
      int kind, int dtype, long n, long state, long x, long y, long p, long q);

  @Override
  @Name("fl_step")
  public native int step(int kind, int dtype, int flags, long count, long table);

  @Override
  @Name("fl_dropout")
  public native int dropout(int dtype, long n, long x, long y, long seed, long offset, double p);
}
