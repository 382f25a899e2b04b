// Generated from native-src/include by: java native-src/tools/Bindings.java .
package dev.flambeau.spi;

/**
 * The kernels of one device. They see no shapes, but a normal form:
 *
 * <pre>{@code
 * n                    dense elements in memory order
 * (outer, len, inner)  a contiguous block seen around one axis: element (o, k, i) is at
 *                      (o * len + k) * inner + i
 * (batch, m, n, k)     matrices with strides
 * a geometry table     at most 6 collapsed dims with strides, in host memory
 * }</pre>
 *
 * The caller has checked shapes, dtypes, devices and bounds of everything that Java can see. Sizes
 * are at least 1; addresses are aligned to the element, and 0 only where "0:" is said.
 *
 * <p>A geometry table for k operands is {@code int64[1 + rank * (1 + k)]}: the rank (1 to 6), the
 * sizes, outermost first, then the strides of each operand in elements, output first, inputs in the
 * order of the arguments. Strides may be 0 (broadcast inputs) or negative (flip); an operand's
 * address is that of its element (0, ..., 0).
 *
 * <p>Argument order: codes, sizes (a geometry table counts as one), inputs, outputs, scalars;
 * strides stand behind the matrix they belong to. An output may be exactly one of the pointwise
 * inputs (same address, same layout), and otherwise overlaps nothing.
 *
 * <p>Every kernel returns a status; {@link #lastError} then has the reason, per thread.
 */
public interface Kernels extends Library {
  /** Element types, of the sizes that their names say in bits. A bool is one byte, 0 or 1. */
  int FLOAT32 = 0, FLOAT64 = 1, INT64 = 2, BOOL = 3, INT32 = 4, UINT8 = 5,
      FLOAT16 = 6, BFLOAT16 = 7, // the CPU moves and converts them, and computes nothing in them
      INT8 = 8, INT16 = 9;

  /**
   * Status codes. NEED_BLAS: nothing was written. BAD_INDEX and DIVIDE_BY_ZERO: nothing either,
   * where a kernel has run when its call returns: on the CPU, and on a GPU that is told to wait
   * after every kernel. Where kernels run later, a later call may return the status (LATE), and
   * what was in range was written.
   */
  int OK = 0,
      NEED_BLAS = 1, // open BLAS, then repeat the call
      OUT_OF_MEMORY = 2,
      BAD_INDEX = 3, // an index or class out of range
      DIVIDE_BY_ZERO = 4, // integer remainder by zero
      UNSUPPORTED = 5; // this op does not exist for this dtype

  /** In a reason: it is about an earlier call, which the reason names first. */
  String LATE = "(found on the device";

  /** Sequences of numbers. */
  int ARANGE = 0, // start + i * by; integers wrap, floats are computed in double, by one rounding
      LINSPACE = 1; // floats from start to by, both among them, each counted from the nearer end

  /**
   * Unary ops. p and q are parameters. Ops marked * exist for every dtype, the rest for float32 and
   * float64.
   */
  int NEG = 0, // * not bool
      ABS = 1, // *
      SIGN = 2, // * sign(NaN) = 0 for torch's sake: (x > 0) - (x < 0)
      EXP = 3, LOG = 4, LOG1P = 5, SQRT = 6, RSQRT = 7, RECIPROCAL = 8,
      SQUARE = 9, // *
      SIN = 10, COS = 11, TANH = 12, SIGMOID = 13, ERF = 14,
      FLOOR = 15, CEIL = 16, ROUND = 17, // round half to even
      CLAMP = 18, // to [p, q], NaN stays NaN; either may be infinite
      RELU = 19, // * NaN stays NaN; relu(-0) = 0
      LEAKY_RELU = 20, // p: slope below 0
      ELU = 21, // p: alpha; x > 0 ? x : p * expm1(x)
      GELU = 22, // x * Phi(x), by erf
      GELU_TANH = 23, // the tanh approximation
      SILU = 24, // x * sigmoid(x)
      SOFTPLUS = 25, // p: beta, q: threshold; x * p > q ? x : log1p(exp(x * p)) / p
      IS_NAN = 26, // * y is bool
      LOGICAL_NOT = 27, // * y is bool
      POW = 28, // x to the power p
      EXPM1 = 29,
      IS_INF = 30, // * y is bool
      IS_FINITE = 31, // * y is bool
      HARDSIGMOID = 32, // (x + 3 within [0, 6]) / 6
      HARDSWISH = 33, // x (x + 3 within [0, 6]) / 6
      HARDSHRINK = 34; // p: lambd; -p <= x <= p ? 0 : x, so that NaN stays NaN

  /** Binary ops. Both inputs have the given dtype; the output too, or bool where marked. */
  int ADD = 0, SUB = 1, MUL = 2, // every dtype; of bool: or, none, and. Integers wrap
      DIV = 3, // floats only
      BINARY_POW = 4, // floats; integers too (negative exponents give 0, 1 or -1); not bool
      REMAINDER = 5, // the sign of the divisor, as in Python; floats and integers
      MINIMUM = 6, MAXIMUM = 7, // NaN wins; every dtype
      EQ = 8, NE = 9, LT = 10, LE = 11, GT = 12, GE = 13, // y is bool
      AND = 14, OR = 15, XOR = 16; // logical, of x != 0; y is bool

  /** Reductions. NaN wins in AMAX and AMIN. */
  int REDUCE_SUM = 0, // of integers and bool as int64, which wraps; y is int64
      REDUCE_MEAN = 1, // floats
      REDUCE_PROD = 2, // as REDUCE_SUM
      REDUCE_AMAX = 3, REDUCE_AMIN = 4,
      REDUCE_ANY = 5, REDUCE_ALL = 6, // of x != 0, every dtype; y is bool
      REDUCE_LOGSUMEXP = 7; // floats; right for +-inf: all -inf gives -inf

  /** Extremes with an index. */
  int INDEX_MAX = 0, INDEX_MIN = 1;

  /** Pointwise losses of (input x, target t). BCE clamps its logarithms at -100. */
  int LOSS_MSE = 0, LOSS_L1 = 1, LOSS_BCE = 2, LOSS_BCE_LOGITS = 3;

  /** What a loss does with its elements. */
  int NONE = 0, MEAN = 1, SUM = 2;

  /**
   * Random fills; docs/random-numbers.md has the rules. p and q are the bits of doubles, or
   * integers for INTEGERS.
   */
  int UNIFORM = 0, // floats in [p, q)
      NORMAL = 1, // floats, mean p, standard deviation q
      NORMAL_SERIAL = 2, // the same one at a time, as for tensors that are not contiguous
      BERNOULLI = 3, // 1 with probability p; any dtype; one double uniform each
      BERNOULLI_EACH = 4, // probabilities x, floats as y; one float (float64: double) uniform each
      INTEGERS = 5, // p + u % q, q unsigned (2^63 is the bits 1 << 63); every dtype but bool
      PERMUTATION = 6; // a permutation of 0..n-1, int64

  /**
   * Size of a generator's state: {@code uint32 word[624], int32 position, int32 has_normal, double
   * normal}.
   */
  int RANDOM_STATE_BYTES = 2512;

  /**
   * Optimizers. shared/optimizers.h has their formulas, and says what their states and numbers are.
   */
  int SGD = 0, ADAM = 1, RMSPROP = 2;

  /** Flags of the optimizers that have such options. */
  int NESTEROV = 1, MAXIMIZE = 2, DECOUPLED = 4;

  /**
   * What stands where in a row of {@link #step}: states are addresses, numbers the bits of doubles.
   */
  int ROW_N = 0, ROW_PARAMETER = 1, ROW_GRADIENT = 2,
      ROW_STATES = 3, // up to 4; 0: a state that these options, or the optimizer, do without
      ROW_NUMBERS = 7, // up to 6
      ROW_LENGTH = 13;

  // ------------------------------------------------------------------------------------- pointwise

  /** y = value. value: the bits of a double for floating dtypes, else the integer. */
  int fill(int dtype, long n, long y, long value);

  /**
   * y = a sequence of n numbers, each computed from its index alone. float32, float64 and integers.
   * start and by (the step of ARANGE, the last number of LINSPACE) are encoded as in {@link #fill}.
   */
  int sequence(int kind, int dtype, long n, long y, long start, long by);

  /** y = op(x); p and q are the op's parameters. */
  int unary(int op, int dtype, long n, long x, long y, double p, double q);

  /**
   * gx = g * op'(x), given input x and output y. x, y: 0: the formula does not need it
   * (UnaryOp.java says).
   */
  int unaryGrad(int op, int dtype, long n, long g, long x, long y, long gx, double p, double q);

  /** y = op(a, b). */
  int binary(int op, int dtype, long n, long a, long b, long y);

  /** y = op(a, scalar), or op(scalar, a) when reversed. scalar: encoded as in {@link #fill}. */
  int binaryScalar(int op, int dtype, long n, long a, long y, long scalar, int reversed);

  /** y = op(a, b) with strides. Geometry of y, a, b. */
  int binaryStrided(int op, int dtype, long geometry, long a, long b, long y);

  /** y = condition ? a : b. Geometry of y, condition (bool), a, b. */
  int where(int dtype, long geometry, long condition, long a, long b, long y);

  /**
   * y = x converted, dense. To bool: x != 0. Float to integer truncates; what int64 or int32 cannot
   * hold, and NaN, become its least number. To int16 and int8: the low bits of what int32 would
   * hold (300 is 44, 3e9 is 0); to uint8: those of what int64 would (-1 is 255, NaN is 0). As
   * PyTorch on x86.
   */
  int convert(int from, int to, long n, long x, long y);

  /**
   * The same with strides. Geometry of y, x. Java has made sure that no element of y is written
   * twice.
   */
  int copy(int from, int to, long geometry, long x, long y);

  // --------------------------------------------------------------------------------- along an axis

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
      int dtype, long outer, long len, long inner, long x, long mean, long variance,
      double correction);

  /** log 0: y = softmax(x) along the middle of (outer, len, inner); log 1: its logarithm. */
  int softmax(int log, int dtype, long outer, long len, long inner, long x, long y);

  /** log 0: gx = y * (g - sum(g * y)); log 1: gx = g - exp(y) * sum(g). */
  int softmaxGrad(int log, int dtype, long outer, long len, long inner, long g, long y, long gx);

  /**
   * y = (x - mean) * rstd * weight + bias per row; mean and rstd (rows) are kept. weight, bias: 0:
   * none.
   */
  int layerNorm(
      int dtype, long rows, long columns, long x, long weight, long bias, long y, long mean,
      long rstd, double eps);

  /** weight: 0: ones; gx, gweight, gbias: 0: not wanted. */
  int layerNormGrad(
      int dtype, long rows, long columns, long g, long x, long mean, long rstd, long weight,
      long gx, long gweight, long gbias);

  // ---------------------------------------------------------------------------------------- losses

  /**
   * NONE: y has n elements; MEAN, SUM: one. Where memory is not the host's, LOSS_BCE answers an x
   * outside [0, 1] with UNSUPPORTED, sooner or later; elsewhere the caller has checked.
   */
  int loss(int op, int reduction, int dtype, long n, long x, long target, long y);

  /** g has n elements for NONE, else one. */
  int lossGrad(int op, int reduction, int dtype, long n, long g, long x, long target, long gx);

  /**
   * Negative log likelihood of log probabilities (outer, classes, inner) at int64 targets (outer,
   * inner). A target equal to ignoreIndex counts nothing. weight (classes): 0: ones. NONE: y
   * (outer, inner); MEAN: the weighted mean (NaN when all is ignored); SUM: the sum. totalWeight:
   * one element, always written.
   */
  int nllLoss(
      int reduction, int dtype, long outer, long classes, long inner, long logProbabilities,
      long target, long weight, long y, long totalWeight, long ignoreIndex);

  /**
   * Writes all of gx (outer, classes, inner): zero except at the targets. g: NONE: (outer, inner),
   * else one element.
   */
  int nllLossGrad(
      int reduction, int dtype, long outer, long classes, long inner, long g, long target,
      long weight, long totalWeight, long gx, long ignoreIndex);

  /**
   * Cross entropy of scores x (outer, classes, inner) at int64 targets (outer, inner), with s =
   * smoothing:
   *
   * <pre>{@code
   * loss = -(1 - s) weight_t ln p_t - s / classes * sum_c weight_c ln p_c
   * ln p_c = (x_c - top) - log_sum
   * }</pre>
   *
   * where top is the greatest x_c and log_sum = ln sum_c e^(x_c - top). Reductions, weight,
   * totalWeight and what is ignored: as for {@link #nllLoss}. With s = 0 the second term is left
   * out, whatever it would be. logSums: (outer, inner) pairs of top and log_sum for the gradient,
   * of x's type, or float32 for 16-bit types, aligned to a pair. 0: not wanted.
   */
  int crossEntropy(
      int reduction, int dtype, long outer, long classes, long inner, long x, long target,
      long weight, long y, long logSums, long totalWeight, long ignoreIndex, double smoothing);

  /**
   * With f the gradient g of the position, over totalWeight for MEAN:
   *
   * <pre>{@code
   * gx_c = f ((1 - s) weight_t (p_c - [c = t]) + s / classes * (p_c sum_k weight_k - weight_c))
   * }</pre>
   *
   * and p_c * 0 where the target is ignored. g: NONE: (outer, inner), else one element.
   */
  int crossEntropyGrad(
      int reduction, int dtype, long outer, long classes, long inner, long g, long x, long logSums,
      long target, long weight, long totalWeight, long gx, long ignoreIndex, double smoothing);

  // -------------------------------------------------------------------------------------- matrices

  /**
   * y[b] = a[b] @ c[b] (+ bias, n elements, to every row; 0: none) for each of batch. a is m x k, c
   * is k x n, y is m x n with columns next to each other. Strides in elements; a batch stride of 0
   * repeats one matrix. Every dtype but bool. activation: RELU or GELU_TANH, applied to the sums of
   * a floating dtype before they are stored; 0: none.
   */
  int matmul(
      int dtype, int activation, long batch, long m, long n, long k, long a, long aBatch, long aRow,
      long aColumn, long c, long cBatch, long cRow, long cColumn, long bias, long y, long yBatch,
      long yRow);

  // --------------------------------------------------------------------------------------- indices

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
      int add, int dtype, long outer, long length, long count, long inner, long index, long source,
      long y);

  /** As {@link #gather}, with one index (count) for all outer and inner. */
  int indexSelect(
      int dtype, long outer, long length, long count, long inner, long x, long index, long y);

  /** As {@link #scatter} with add 1, with one index (count) for all outer and inner. */
  int indexAdd(
      int dtype, long outer, long length, long count, long inner, long index, long source, long y);

  // -------------------------------------------------------------------------------- random numbers

  /** Begins a generator. state: RANDOM_STATE_BYTES of host memory. */
  int randomSeed(long state, long seed);

  /**
   * Fills y. x: 0, but for BERNOULLI_EACH the probabilities; outside [0, 1] they are answered as in
   * {@link #loss}.
   */
  int random(int kind, int dtype, long n, long state, long x, long y, long p, long q);

  // ------------------------------------------------------------------------------------ optimizers

  /**
   * One step of an optimizer for count parameters: they and their states are changed in place.
   * table: count rows of ROW_LENGTH int64.
   */
  int step(int kind, int dtype, int flags, long count, long table);

  // --------------------------------------------------------------------------------- on GPUs alone

  /**
   * y = x / (1 - p) where a draw from seed and offset keeps an element, which it does with
   * probability 1 - p, else 0. The same draw gives the same mask. Only where the generator is
   * counter-based.
   */
  default int dropout(int dtype, long n, long x, long y, long seed, long offset, double p) {
    return UNSUPPORTED;
  }
}
