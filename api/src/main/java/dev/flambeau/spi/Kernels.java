package dev.flambeau.spi;

/**
 * The kernels of one device: {@code native-src/include/flambeau.h}, mirrored name for name. Shapes,
 * strides, dtypes and bounds have been checked by the caller; a kernel gets a normal form ({@code
 * n}; {@code (outer, len, inner)}; {@code (batch, m, n, k)}; a geometry table) and addresses. Sizes
 * are never 0, addresses are 0 only where {@code 0:} is said. Every method returns a status; {@link
 * #lastError()} then has the reason, per thread.
 *
 * <p>A <em>geometry table</em> for k operands is {@code int64[1 + rank * (1 + k)]} in host memory:
 * the rank (1 to 6), the sizes, outermost first, then the strides of each operand in elements,
 * output first, inputs in the order of the arguments. Strides may be 0 (broadcast inputs) or
 * negative.
 *
 * <p>Argument order: codes, sizes, inputs, outputs, scalars. An output may be exactly one of the
 * pointwise inputs.
 */
public interface Kernels {
  /** Status codes. */
  int OK = 0, NEED_BLAS = 1, OUT_OF_MEMORY = 2, BAD_INDEX = 3, DIVIDE_BY_ZERO = 4, UNSUPPORTED = 5;

  /**
   * In a reason of {@link #lastError()}: it is about an earlier call, which the reason names first.
   */
  String LATE = "(found on the device";

  /** Element types. */
  int FLOAT32 = 0, FLOAT64 = 1, INT64 = 2, BOOL = 3, INT32 = 4, UINT8 = 5;

  /** Of 16 bits. The CPU moves and converts them, and computes nothing in them. */
  int FLOAT16 = 6, BFLOAT16 = 7;

  /** Unary ops. */
  int NEG = 0,
      ABS = 1,
      SIGN = 2,
      EXP = 3,
      LOG = 4,
      LOG1P = 5,
      SQRT = 6,
      RSQRT = 7,
      RECIPROCAL = 8,
      SQUARE = 9;

  int SIN = 10,
      COS = 11,
      TANH = 12,
      SIGMOID = 13,
      ERF = 14,
      FLOOR = 15,
      CEIL = 16,
      ROUND = 17,
      CLAMP = 18;
  int RELU = 19, LEAKY_RELU = 20, ELU = 21, GELU = 22, GELU_TANH = 23, SILU = 24, SOFTPLUS = 25;
  int IS_NAN = 26, LOGICAL_NOT = 27, POW = 28, EXPM1 = 29, IS_INF = 30, IS_FINITE = 31;

  /** Binary ops. */
  int ADD = 0, SUB = 1, MUL = 2, DIV = 3, BINARY_POW = 4, REMAINDER = 5, MINIMUM = 6, MAXIMUM = 7;

  int EQ = 8, NE = 9, LT = 10, LE = 11, GT = 12, GE = 13, AND = 14, OR = 15, XOR = 16;

  /** Reductions. */
  int REDUCE_SUM = 0, REDUCE_MEAN = 1, REDUCE_PROD = 2, REDUCE_AMAX = 3, REDUCE_AMIN = 4;

  int REDUCE_ANY = 5, REDUCE_ALL = 6, REDUCE_LOGSUMEXP = 7;

  /** Extremes with an index. */
  int INDEX_MAX = 0, INDEX_MIN = 1;

  /** Pointwise losses. */
  int LOSS_MSE = 0, LOSS_L1 = 1, LOSS_BCE = 2, LOSS_BCE_LOGITS = 3;

  /** What a loss does with its elements. */
  int NONE = 0, MEAN = 1, SUM = 2;

  /** Random fills. */
  int UNIFORM = 0, NORMAL = 1, NORMAL_SERIAL = 2, BERNOULLI = 3, BERNOULLI_EACH = 4, INTEGERS = 5;

  int PERMUTATION = 6;

  /**
   * Size of a generator's state: {@code uint32 word[624], int32 position, int32 has_normal, double
   * normal}.
   */
  int RANDOM_STATE_BYTES = 2512;

  /** Flags of the optimizers. */
  int NESTEROV = 1, MAXIMIZE = 2, DECOUPLED = 4, AMSGRAD = 8;

  /** Why the last call of this thread failed. */
  String lastError();

  /** One line for people: instruction set, threads, BLAS and where it came from. */
  String describe();

  /** Threads that kernels use. */
  int threads();

  /** Sets the number of threads that kernels use, at least 1. */
  int setThreads(int threads);

  /**
   * Waits until the device has done all that was asked of it; the status tells what went wrong
   * there.
   */
  default int synchronize() {
    return OK;
  }

  /**
   * Whether the generator counts: its state begins with int64 seed and int64 offset, its numbers
   * are a function of both, and each fill takes one offset.
   */
  default boolean countedRandom() {
    return false;
  }

  /**
   * y = x / (1 - p) where a draw from seed and offset keeps an element, which it does with
   * probability 1 - p, else 0. The same draw gives the same mask. Only where {@link
   * #countedRandom()}.
   */
  default int dropout(int dtype, long n, long seed, long offset, long x, long y, double p) {
    return UNSUPPORTED;
  }

  /** y = value. value: the bits of a double for floating dtypes, else the integer. */
  int fill(int dtype, long n, long y, long value);

  int unary(int op, int dtype, long n, long x, long y, double p, double q);

  /**
   * gx = g * f'(x), given input x and output y; either is 0 where the formula does not need it
   * (UnaryOp.java says).
   */
  int unaryGrad(int op, int dtype, long n, long g, long x, long y, long gx, double p, double q);

  int binary(int op, int dtype, long n, long a, long b, long y);

  /** y = op(a, scalar), or op(scalar, a) when reversed. scalar: encoded as in {@code fill}. */
  int binaryScalar(int op, int dtype, long n, long a, long y, long scalar, int reversed);

  /** Geometry of y, a, b. */
  int binaryStrided(int op, int dtype, long geometry, long a, long b, long y);

  /** y = condition ? a : b. Geometry of y, condition (bool), a, b. */
  int where(int dtype, long geometry, long condition, long a, long b, long y);

  /**
   * y = x converted, dense. To bool: x != 0. Float to integer truncates; what int64 or int32 cannot
   * hold, and NaN, become its least number, and uint8 takes the low 8 bits of what int64 would
   * hold.
   */
  int convert(int from, int to, long n, long x, long y);

  /**
   * The same with strides. Geometry of y, x. Java has made sure that no element of y is written
   * twice.
   */
  int copy(int from, int to, long geometry, long x, long y);

  /** x (outer, len, inner) to y (outer, inner). */
  int reduce(int op, int dtype, long outer, long len, long inner, long x, long y);

  /**
   * Extremes and the (int64) index of the first of them; NaN wins, the first one. values: 0: not
   * wanted.
   */
  int reduceIndex(
      int op, int dtype, long outer, long len, long inner, long x, long values, long indices);

  /**
   * Mean and variance, the sum of squared distances divided by max(0, len - correction). mean: 0:
   * not wanted.
   */
  int moments(
      int dtype,
      long outer,
      long len,
      long inner,
      long x,
      long mean,
      long variance,
      double correction);

  int softmax(int log, int dtype, long outer, long len, long inner, long x, long y);

  /** log 0: gx = y * (g - sum(g * y)); log 1: gx = g - exp(y) * sum(g). */
  int softmaxGrad(int log, int dtype, long outer, long len, long inner, long g, long y, long gx);

  /**
   * y = (x - mean) * rstd * weight + bias per row; mean and rstd (rows) are kept. weight, bias: 0:
   * none.
   */
  int layerNorm(
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

  /** weight: 0: ones; gx, gweight, gbias: 0: not wanted. */
  int layerNormGrad(
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

  /**
   * NONE: y has n elements; MEAN, SUM: one. Where memory is not the host's, LOSS_BCE answers an x
   * outside [0, 1] with UNSUPPORTED, sooner or later; elsewhere the caller has looked.
   */
  int loss(int op, int reduction, int dtype, long n, long x, long target, long y);

  /** g has n elements for NONE, else one. */
  int lossGrad(int op, int reduction, int dtype, long n, long g, long x, long target, long gx);

  /**
   * Negative log likelihood of log probabilities (outer, classes, inner) at int64 targets (outer,
   * inner). A target equal to {@code ignoreIndex} counts nothing. weight (classes): 0: ones. NONE:
   * y (outer, inner); MEAN: the weighted mean (NaN when all is ignored); SUM: the sum. {@code
   * totalWeight}: one element, always written.
   */
  int nllLoss(
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

  /** Writes all of gx (outer, classes, inner): zero except at the targets. */
  int nllLossGrad(
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

  /**
   * Cross entropy of scores x (outer, classes, inner) at int64 targets (outer, inner): {@code -(1 -
   * s) weight_t ln p_t - s / classes * sum_c weight_c ln p_c}, with {@code s = smoothing} and
   * {@code ln p_c = (x_c - top) - log_sum}, where top is the greatest x_c and {@code log_sum = ln
   * sum_c e^(x_c - top)}. Reductions, weight, totalWeight and what is ignored: as for {@link
   * #nllLoss}. With s = 0 the second term is left out, whatever it would be. logSums: (outer,
   * inner) pairs of top and log_sum for the gradient, of x's type, or float32 for 16-bit types; 0:
   * not wanted.
   */
  int crossEntropy(
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

  /**
   * {@code f ((1 - s) weight_t (p_c - [c = t]) + s / classes * (p_c sum_k weight_k - weight_c))},
   * with f the gradient g of the position, over totalWeight for MEAN; {@code p_c * 0} where the
   * target is ignored. g: as for {@link #nllLossGrad}.
   */
  int crossEntropyGrad(
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
   * y[b] = a[b] @ c[b] (+ bias, n elements, to every row; 0: none) for each of batch. a is m x k, c
   * is k x n, y is m x n with columns next to each other. Strides in elements; a batch stride of 0
   * repeats one matrix. Every dtype but bool. activation: RELU or GELU_TANH, applied to the sums of
   * a floating dtype before they are stored; 0: none.
   */
  int matmul(
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

  /**
   * y (outer, count, inner) = x (outer, length, inner) at index (outer, count, inner) along the
   * middle; any dtype.
   */
  int gather(
      int dtype, long outer, long length, long count, long inner, long x, long index, long y);

  /**
   * The reverse, into y (outer, length, inner), in order: add 0 sets (the last one stays), add 1
   * adds.
   */
  int scatter(
      int add,
      int dtype,
      long outer,
      long length,
      long count,
      long inner,
      long index,
      long source,
      long y);

  /** As gather and scatter, with one index (count) for all outer and inner. */
  int indexSelect(
      int dtype, long outer, long length, long count, long inner, long x, long index, long y);

  int indexAdd(
      int dtype, long outer, long length, long count, long inner, long index, long source, long y);

  /** state: {@link #RANDOM_STATE_BYTES} of host memory. */
  int randomSeed(long state, long seed);

  /** x: only for BERNOULLI_EACH, and looked at as in {@link #loss}; else 0. */
  int random(int kind, int dtype, long n, long state, long x, long y, long p, long q);

  /**
   * One step for count parameters. table: host memory, count rows of 5 int64: n, parameter,
   * gradient, momentum buffer (0: momentum is 0), first (1: the buffer is not yet set and becomes
   * the gradient). flags: NESTEROV, MAXIMIZE.
   */
  int sgd(
      int dtype,
      int flags,
      long count,
      long table,
      double lr,
      double momentum,
      double dampening,
      double weightDecay);

  /**
   * One step of Adam or, DECOUPLED, AdamW. table: count rows of 7 int64: n, parameter, gradient,
   * first moment, second moment, greatest second moment (0 without AMSGRAD), step (1 at the first).
   * flags: MAXIMIZE, DECOUPLED, AMSGRAD.
   */
  int adam(
      int dtype,
      int flags,
      long count,
      long table,
      double lr,
      double beta1,
      double beta2,
      double eps,
      double weightDecay);
}
