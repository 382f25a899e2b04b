package dev.flambeau.spi.oracle;

import dev.flambeau.spi.Kernels;

/**
 * The kernels in plain Java: the reference that every native library is compared with. It is
 * written to be read: each family is a file, each op its definition; float32 is computed in double
 * and rounded once.
 */
public final class JavaKernels implements Kernels {
  private final ThreadLocal<String> lastError = ThreadLocal.withInitial(() -> "");
  private final PointwiseOracle pointwise;
  private final ReduceOracle reduce;
  private final NormOracle norm;
  private final LossOracle loss;
  private final CrossEntropyOracle crossEntropy;
  private final MatrixOracle matrix;
  private final IndexOracle index;
  private final RandomOracle random;
  private final OptimOracle optim;
  private final boolean counterBased;
  private volatile int threads = 1;

  public JavaKernels(JavaMemory memory) {
    pointwise = new PointwiseOracle(memory);
    reduce = new ReduceOracle(memory);
    norm = new NormOracle(memory);
    loss = new LossOracle(memory);
    crossEntropy = new CrossEntropyOracle(memory);
    matrix = new MatrixOracle(memory);
    index = new IndexOracle(memory);
    counterBased = !memory.isHost();
    random = new RandomOracle(memory, counterBased);
    optim = new OptimOracle(memory);
  }

  @Override
  public String lastError() {
    return lastError.get();
  }

  @Override
  public String describe() {
    return "plain Java, one thread, no BLAS: the reference for tests";
  }

  @Override
  public int threads() {
    return threads;
  }

  @Override
  public int setThreads(int threads) {
    this.threads = threads;
    return OK;
  }

  private int run(Runnable kernel) {
    try {
      kernel.run();
      return OK;
    } catch (Refusal e) {
      lastError.set(e.getMessage());
      return e.status;
    }
  }

  @Override
  public int fill(int dtype, long n, long y, long value) {
    return run(() -> pointwise.fill(dtype, n, y, value));
  }

  @Override
  public int sequence(int kind, int dtype, long n, long y, long start, long by) {
    return run(() -> pointwise.sequence(kind, dtype, n, y, start, by));
  }

  @Override
  public int unary(int op, int dtype, long n, long x, long y, double p, double q) {
    return run(() -> pointwise.unary(op, dtype, n, x, y, p, q));
  }

  @Override
  public int unaryGrad(
      int op, int dtype, long n, long g, long x, long y, long gx, double p, double q) {
    return run(() -> pointwise.unaryGrad(op, dtype, n, g, x, y, gx, p, q));
  }

  @Override
  public int binary(int op, int dtype, long n, long a, long b, long y) {
    return run(() -> pointwise.binary(op, dtype, n, a, b, y));
  }

  @Override
  public int binaryScalar(int op, int dtype, long n, long a, long y, long scalar, int reversed) {
    return run(() -> pointwise.binaryScalar(op, dtype, n, a, y, scalar, reversed != 0));
  }

  @Override
  public int binaryStrided(int op, int dtype, long geometry, long a, long b, long y) {
    return run(() -> pointwise.binaryStrided(op, dtype, geometry, a, b, y));
  }

  @Override
  public int where(int dtype, long geometry, long condition, long a, long b, long y) {
    return run(() -> pointwise.where(dtype, geometry, condition, a, b, y));
  }

  @Override
  public int convert(int from, int to, long n, long x, long y) {
    return run(() -> pointwise.convert(from, to, n, x, y));
  }

  @Override
  public int copy(int from, int to, long geometry, long x, long y) {
    return run(() -> pointwise.copy(from, to, geometry, x, y));
  }

  @Override
  public int reduce(int op, int dtype, long outer, long len, long inner, long x, long y) {
    return run(() -> reduce.reduce(op, dtype, outer, len, inner, x, y));
  }

  @Override
  public int reduceIndex(
      int op, int dtype, long outer, long len, long inner, long x, long values, long indices) {
    return run(() -> reduce.reduceIndex(op, dtype, outer, len, inner, x, values, indices));
  }

  @Override
  public int moments(
      int dtype,
      long outer,
      long len,
      long inner,
      long x,
      long mean,
      long variance,
      double correction) {
    return run(() -> reduce.moments(dtype, outer, len, inner, x, mean, variance, correction));
  }

  @Override
  public int softmax(int log, int dtype, long outer, long len, long inner, long x, long y) {
    return run(() -> norm.softmax(log != 0, dtype, outer, len, inner, x, y));
  }

  @Override
  public int softmaxGrad(
      int log, int dtype, long outer, long len, long inner, long g, long y, long gx) {
    return run(() -> norm.softmaxGrad(log != 0, dtype, outer, len, inner, g, y, gx));
  }

  @Override
  public int layerNorm(
      int dtype,
      long rows,
      long columns,
      long x,
      long weight,
      long bias,
      long y,
      long mean,
      long rstd,
      double eps) {
    return run(() -> norm.layerNorm(dtype, rows, columns, x, weight, bias, y, mean, rstd, eps));
  }

  @Override
  public int layerNormGrad(
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
      long gbias) {
    return run(
        () ->
            norm.layerNormGrad(dtype, rows, columns, g, x, mean, rstd, weight, gx, gweight, gbias));
  }

  @Override
  public int loss(int op, int reduction, int dtype, long n, long x, long target, long y) {
    return run(() -> loss.loss(op, reduction, dtype, n, x, target, y));
  }

  @Override
  public int lossGrad(
      int op, int reduction, int dtype, long n, long g, long x, long target, long gx) {
    return run(() -> loss.lossGrad(op, reduction, dtype, n, g, x, target, gx));
  }

  @Override
  public int nllLoss(
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
      long ignoreIndex) {
    return run(
        () ->
            loss.nllLoss(
                reduction,
                dtype,
                outer,
                classes,
                inner,
                logProbabilities,
                target,
                weight,
                y,
                totalWeight,
                ignoreIndex));
  }

  @Override
  public int nllLossGrad(
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
      long ignoreIndex) {
    return run(
        () ->
            loss.nllLossGrad(
                reduction,
                dtype,
                outer,
                classes,
                inner,
                g,
                target,
                weight,
                totalWeight,
                gx,
                ignoreIndex));
  }

  @Override
  public int crossEntropy(
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
      double smoothing) {
    return run(
        () ->
            crossEntropy.crossEntropy(
                reduction,
                dtype,
                outer,
                classes,
                inner,
                x,
                target,
                weight,
                y,
                logSums,
                totalWeight,
                ignoreIndex,
                smoothing));
  }

  @Override
  public int crossEntropyGrad(
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
      double smoothing) {
    return run(
        () ->
            crossEntropy.crossEntropyGrad(
                reduction,
                dtype,
                outer,
                classes,
                inner,
                g,
                x,
                logSums,
                target,
                weight,
                totalWeight,
                gx,
                ignoreIndex,
                smoothing));
  }

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
    return run(
        () ->
            matrix.matmul(
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
                yRow));
  }

  @Override
  public int gather(
      int dtype, long outer, long length, long count, long inner, long x, long index, long y) {
    return run(() -> this.index.gather(dtype, outer, length, count, inner, x, index, y));
  }

  @Override
  public int scatter(
      int add,
      int dtype,
      long outer,
      long length,
      long count,
      long inner,
      long index,
      long source,
      long y) {
    return run(
        () -> this.index.scatter(add != 0, dtype, outer, length, count, inner, index, source, y));
  }

  @Override
  public int indexSelect(
      int dtype, long outer, long length, long count, long inner, long x, long index, long y) {
    return run(() -> this.index.indexSelect(dtype, outer, length, count, inner, x, index, y));
  }

  @Override
  public int indexAdd(
      int dtype, long outer, long length, long count, long inner, long index, long source, long y) {
    return run(() -> this.index.indexAdd(dtype, outer, length, count, inner, index, source, y));
  }

  @Override
  public int randomSeed(long state, long seed) {
    return run(() -> random.seed(state, seed));
  }

  @Override
  public int random(int kind, int dtype, long n, long state, long x, long y, long p, long q) {
    return run(() -> random.fill(kind, dtype, n, state, x, y, p, q));
  }

  @Override
  public boolean countedRandom() {
    return counterBased;
  }

  @Override
  public int dropout(int dtype, long n, long x, long y, long seed, long offset, double p) {
    return run(() -> random.dropout(dtype, n, x, y, seed, offset, p));
  }

  @Override
  public int step(int kind, int dtype, int flags, long count, long table) {
    return run(() -> optim.step(kind, dtype, flags, count, table));
  }
}
