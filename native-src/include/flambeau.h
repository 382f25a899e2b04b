/*
 * Flambeau's native ABI: every function the Java side may call, for every device.
 *
 * Implemented twice (src/cpu, src/cuda) and mirrored once in Java (dev.flambeau.spi.Kernels and Memory). The kernels know
 * no shape rule. They see a *normal form*:
 *   n                      dense elements in memory order;
 *   (outer, len, inner)    a contiguous block seen around one axis: element (o, k, i) is at (o * len + k) * inner + i;
 *   (batch, m, n, k)       matrices with strides;
 *   a geometry table       at most 6 collapsed dims with strides, in host memory (below).
 * Java has checked shapes, dtypes, devices and bounds of everything it can see; sizes are never 0 and never negative,
 * addresses are 64-bit integers (as they cross JNI), aligned to the element, and never 0 unless "0: ..." says so.
 *
 * Argument order: codes, sizes, inputs, outputs, scalars (a geometry table counts as a size). An output may be exactly
 * one of the pointwise inputs (same address, same layout), and otherwise overlaps nothing.
 *
 * Every function that can fail returns an fl_status; fl_last_error() then has the reason, per thread. No C++ exception
 * leaves the library, nothing calls back into Java.
 */
#ifndef FLAMBEAU_H
#define FLAMBEAU_H
#include <stdint.h>

/* The tables are set by hand. */
/* clang-format off */

#if defined(_WIN32)
#define FL_API __declspec(dllexport)
#else
#define FL_API /* hidden: the JNI glue links statically; tests link the static library */
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** A native address as an integer: the same 64 bits in Java and in C. */
typedef int64_t fl_address;

/** Element types. Sizes in bytes: 4, 8, 8, 1, 4, 1, 2, 2. A bool is one byte, 0 or 1. */
enum fl_dtype {
  FL_FLOAT32 = 0, FL_FLOAT64 = 1, FL_INT64 = 2, FL_BOOL = 3, FL_INT32 = 4, FL_UINT8 = 5,
  FL_FLOAT16 = 6, FL_BFLOAT16 = 7 /* the CPU moves and converts them, and computes nothing in them */
};

enum fl_status {
  FL_OK = 0,
  FL_NEED_BLAS = 1,      /* call fl_blas_open, then repeat the call; nothing was written */
  FL_OUT_OF_MEMORY = 2,
  FL_BAD_INDEX = 3,      /* an index or class out of range; nothing was written */
  FL_DIVIDE_BY_ZERO = 4, /* integer remainder by zero */
  FL_UNSUPPORTED = 5,    /* this op does not exist for this dtype */
  FL_INTERNAL = 6
};

/**
 * A geometry table for k operands is int64[1 + rank * (1 + k)] in host memory: rank (1..6), the sizes (outermost first),
 * then the strides of each operand in elements, output first and inputs in the order of the arguments. Strides may be 0
 * (broadcast inputs) or negative (flip); the address is that of element (0, ..., 0).
 */

/** Unary ops. p and q are parameters. Ops marked * exist for every dtype, the rest for float32 and float64. */
enum fl_unary_op {
  FL_NEG = 0,         /* * not bool */
  FL_ABS = 1,         /* * */
  FL_SIGN = 2,        /* * sign(NaN) = 0 for torch's sake: (x > 0) - (x < 0) */
  FL_EXP = 3, FL_LOG = 4, FL_LOG1P = 5, FL_SQRT = 6, FL_RSQRT = 7, FL_RECIPROCAL = 8,
  FL_SQUARE = 9,      /* * */
  FL_SIN = 10, FL_COS = 11, FL_TANH = 12, FL_SIGMOID = 13, FL_ERF = 14,
  FL_FLOOR = 15, FL_CEIL = 16, FL_ROUND = 17, /* round half to even */
  FL_CLAMP = 18,      /* to [p, q], NaN stays NaN; either may be infinite */
  FL_RELU = 19,       /* * NaN stays NaN; relu(-0) = 0 */
  FL_LEAKY_RELU = 20, /* p: slope below 0 */
  FL_ELU = 21,        /* p: alpha; x > 0 ? x : p * expm1(x) */
  FL_GELU = 22,       /* x * Phi(x), by erf */
  FL_GELU_TANH = 23,  /* the tanh approximation */
  FL_SILU = 24,       /* x * sigmoid(x) */
  FL_SOFTPLUS = 25,   /* p: beta, q: threshold; x * p > q ? x : log1p(exp(x * p)) / p */
  FL_IS_NAN = 26,     /* * y is bool */
  FL_LOGICAL_NOT = 27,/* * y is bool */
  FL_POW = 28,        /* x to the power p */
  FL_EXPM1 = 29,
  FL_IS_INF = 30,     /* * y is bool */
  FL_IS_FINITE = 31   /* * y is bool */
};

/** Binary ops. Both inputs have the given dtype; the output too, or bool where marked. */
enum fl_binary_op {
  FL_ADD = 0, FL_SUB = 1, FL_MUL = 2, /* every dtype; bool add is or, bool mul is and; no bool sub. Integers wrap */
  FL_DIV = 3,                         /* floats only */
  FL_BINARY_POW = 4,                  /* floats; integers too (negative exponents give 0, 1 or -1); not bool */
  FL_REMAINDER = 5,                   /* the sign of the divisor, as in Python; floats and integers */
  FL_MINIMUM = 6, FL_MAXIMUM = 7,     /* NaN wins; every dtype */
  FL_EQ = 8, FL_NE = 9, FL_LT = 10, FL_LE = 11, FL_GT = 12, FL_GE = 13, /* y is bool */
  FL_AND = 14, FL_OR = 15, FL_XOR = 16                                  /* logical, of x != 0; y is bool */
};

/** Reductions. NaN wins in AMAX and AMIN. */
enum fl_reduce_op {
  FL_REDUCE_SUM = 0, FL_REDUCE_MEAN = 1 /* floats */, FL_REDUCE_PROD = 2, FL_REDUCE_AMAX = 3, FL_REDUCE_AMIN = 4,
  FL_REDUCE_ANY = 5, FL_REDUCE_ALL = 6, /* of x != 0, every dtype; y is bool */
  FL_REDUCE_LOGSUMEXP = 7               /* floats; right for +-inf: all -inf gives -inf */
};
enum fl_index_reduce_op { FL_INDEX_MAX = 0, FL_INDEX_MIN = 1 };

/** Pointwise losses of (input x, target t). BCE clamps its logarithms at -100. */
enum fl_loss_op { FL_LOSS_MSE = 0, FL_LOSS_L1 = 1, FL_LOSS_BCE = 2, FL_LOSS_BCE_LOGITS = 3 };
enum fl_reduction { FL_NONE = 0, FL_MEAN = 1, FL_SUM = 2 };

/** Random fills; docs/random-numbers.md has the rules. p and q are the bits of doubles, or integers for INTEGERS. */
enum fl_random_kind {
  FL_UNIFORM = 0,        /* floats in [p, q) */
  FL_NORMAL = 1,         /* floats, mean p, standard deviation q */
  FL_NORMAL_SERIAL = 2,  /* the same one at a time, as for tensors that are not contiguous */
  FL_BERNOULLI = 3,      /* 1 with probability p; any dtype; one double uniform each */
  FL_BERNOULLI_EACH = 4, /* probabilities x of the same floating dtype as y, one float uniform each (float64: double) */
  FL_INTEGERS = 5,       /* p + u % q, q unsigned (2^63 is the bits 1 << 63); int64, int32, uint8, floats */
  FL_PERMUTATION = 6     /* a permutation of 0..n-1, int64 */
};
/** A generator's state: uint32 word[624], int32 position, int32 has_normal, double normal. */
#define FL_RANDOM_STATE_BYTES 2512

/* ------------------------------------------------------------------------------------------------ library */
/** A hash of this header, taken at build time; the Java side compares it with its own. */
FL_API int64_t fl_abi(void);
FL_API const char* fl_last_error(void);
/** One line for people: instruction set, threads, BLAS and where it came from. */
FL_API const char* fl_describe(void);
FL_API int32_t fl_threads(void);
FL_API int32_t fl_set_threads(int32_t threads);
/** Takes cblas_* from an already loaded library at this path, and sets it to one thread. */
FL_API int32_t fl_blas_open(const char* path);

/* ------------------------------------------------------------------------------------------------ memory */
/** A block of at least that many bytes, aligned to 64; contents undefined. 0: out of memory. */
FL_API fl_address fl_allocate(int64_t bytes);
/** Gives a block back (to the cache); the size must be the one asked for. Any thread may do it. */
FL_API void fl_free(fl_address block, int64_t bytes);
/** 0: live bytes (asked for and not freed), 1: cached bytes (kept for reuse), 2: bytes held from the system. */
FL_API int64_t fl_memory(int32_t what);
/** Returns cached memory to the system. */
FL_API void fl_trim(void);
/** Host to device and back; on the CPU a memcpy. */
FL_API int32_t fl_upload(fl_address target, const void* source, int64_t bytes);
FL_API int32_t fl_download(void* target, fl_address source, int64_t bytes);
/** One element, as a double or as an integer (bool: 0 or 1). */
FL_API double fl_read_double(int32_t dtype, fl_address x);
FL_API int64_t fl_read_long(int32_t dtype, fl_address x);

/* ------------------------------------------------------------------------------------------------ pointwise */
/** y = value. value: the bits of a double for floating dtypes, else the integer. */
FL_API int32_t fl_fill(int32_t dtype, int64_t n, fl_address y, int64_t value);
FL_API int32_t fl_unary(int32_t op, int32_t dtype, int64_t n, fl_address x, fl_address y, double p, double q);
/** gx = g * f'(x), given input x and output y; either is 0 where the formula does not need it (UnaryOp.java says). */
FL_API int32_t fl_unary_grad(int32_t op, int32_t dtype, int64_t n, fl_address g, fl_address x, fl_address y,
                             fl_address gx, double p, double q);
FL_API int32_t fl_binary(int32_t op, int32_t dtype, int64_t n, fl_address a, fl_address b, fl_address y);
/** y = op(a, scalar), or op(scalar, a) when reversed. scalar: encoded as in fl_fill. */
FL_API int32_t fl_binary_scalar(int32_t op, int32_t dtype, int64_t n, fl_address a, fl_address y, int64_t scalar,
                                int32_t reversed);
/** Geometry of y, a, b. */
FL_API int32_t fl_binary_strided(int32_t op, int32_t dtype, fl_address geometry, fl_address a, fl_address b,
                                 fl_address y);
/** y = condition ? a : b. Geometry of y, condition (bool), a, b. */
FL_API int32_t fl_where(int32_t dtype, fl_address geometry, fl_address condition, fl_address a, fl_address b,
                        fl_address y);
/**
 * y = x converted, dense. To bool: x != 0. Float to integer truncates; what int64 or int32 cannot hold, and NaN, become its
 * least number. To uint8: the low 8 bits of what int64 would hold (-1 is 255, 300 is 44, NaN is 0). As PyTorch on x86.
 */
FL_API int32_t fl_convert(int32_t from, int32_t to, int64_t n, fl_address x, fl_address y);
/** The same with strides. Geometry of y, x. Java has made sure that no element of y is written twice. */
FL_API int32_t fl_copy(int32_t from, int32_t to, fl_address geometry, fl_address x, fl_address y);

/* ------------------------------------------------------------------------------------------------ along an axis */
/** x (outer, len, inner) to y (outer, inner). */
FL_API int32_t fl_reduce(int32_t op, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x,
                         fl_address y);
/** Extremes and the (int64) index of the first of them; NaN wins, the first one. values: 0: not wanted. */
FL_API int32_t fl_reduce_index(int32_t op, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x,
                               fl_address values, fl_address indices);
/** Mean and variance, the sum of squared distances divided by max(0, len - correction). mean: 0: not wanted. */
FL_API int32_t fl_moments(int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x, fl_address mean,
                          fl_address variance, double correction);
FL_API int32_t fl_softmax(int32_t log, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x,
                          fl_address y);
/** log 0: gx = y * (g - sum(g * y)); log 1: gx = g - exp(y) * sum(g). */
FL_API int32_t fl_softmax_grad(int32_t log, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address g,
                               fl_address y, fl_address gx);
/** y = (x - mean) * rstd * weight + bias per row; mean and rstd (rows) are kept. weight, bias: 0: none. */
FL_API int32_t fl_layer_norm(int32_t dtype, int64_t rows, int64_t columns, fl_address x, fl_address weight,
                             fl_address bias, fl_address y, fl_address mean, fl_address rstd, double eps);
/** weight: 0: ones; gx, gweight, gbias: 0: not wanted. */
FL_API int32_t fl_layer_norm_grad(int32_t dtype, int64_t rows, int64_t columns, fl_address g, fl_address x,
                                  fl_address mean, fl_address rstd, fl_address weight, fl_address gx,
                                  fl_address gweight, fl_address gbias);

/* ------------------------------------------------------------------------------------------------ losses */
/** NONE: y has n elements; MEAN, SUM: one. */
FL_API int32_t fl_loss(int32_t op, int32_t reduction, int32_t dtype, int64_t n, fl_address x, fl_address target,
                       fl_address y);
/** g has n elements for NONE, else one. */
FL_API int32_t fl_loss_grad(int32_t op, int32_t reduction, int32_t dtype, int64_t n, fl_address g, fl_address x,
                            fl_address target, fl_address gx);
/**
 * Negative log likelihood of log probabilities (outer, classes, inner) at int64 targets (outer, inner). A target equal
 * to ignore_index counts nothing. weight (classes): 0: ones. NONE: y (outer, inner); MEAN: the weighted mean (NaN when
 * all is ignored); SUM: the sum. total_weight: one element, always written.
 */
FL_API int32_t fl_nll_loss(int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                           fl_address log_probabilities, fl_address target, fl_address weight, fl_address y,
                           fl_address total_weight, int64_t ignore_index);
/** Writes all of gx (outer, classes, inner): zero except at the targets. */
FL_API int32_t fl_nll_loss_grad(int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                                fl_address g, fl_address target, fl_address weight, fl_address total_weight,
                                fl_address gx, int64_t ignore_index);
/**
 * Cross entropy of scores x (outer, classes, inner) at int64 targets (outer, inner), with s = smoothing:
 *   loss = -(1 - s) weight_t ln p_t - s / classes * sum_c weight_c ln p_c,  ln p_c = (x_c - top) - log_sum,
 * where top is the greatest x_c and log_sum = ln sum_c e^(x_c - top). Reductions, weight, total_weight and what is
 * ignored: as for fl_nll_loss. With s = 0 the second term is left out, whatever it would be. log_sums: (outer, inner)
 * pairs of top and log_sum for the gradient, of x's type, or float32 for 16-bit types, aligned to a pair; 0: not wanted.
 */
FL_API int32_t fl_cross_entropy(int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                                fl_address x, fl_address target, fl_address weight, fl_address y, fl_address log_sums,
                                fl_address total_weight, int64_t ignore_index, double smoothing);
/**
 * gx_c = f ((1 - s) weight_t (p_c - [c = t]) + s / classes * (p_c sum_k weight_k - weight_c)), with f the gradient g of
 * the position, over total_weight for MEAN; p_c * 0 where the target is ignored. g: as for fl_nll_loss_grad.
 */
FL_API int32_t fl_cross_entropy_grad(int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                                     fl_address g, fl_address x, fl_address log_sums, fl_address target,
                                     fl_address weight, fl_address total_weight, fl_address gx, int64_t ignore_index,
                                     double smoothing);

/* ------------------------------------------------------------------------------------------------ matrices */
/**
 * y[b] = a[b] @ c[b] (+ bias, n elements, to every row; 0: none) for each of batch. a is m x k, c is k x n, y is m x n
 * with columns next to each other. Strides in elements; a batch stride of 0 repeats one matrix. Every dtype but bool.
 * activation: FL_RELU or FL_GELU_TANH, applied to the sums of a floating dtype before they are stored; 0: none.
 */
FL_API int32_t fl_matmul(int32_t dtype, int32_t activation, int64_t batch, int64_t m, int64_t n, int64_t k, fl_address a, int64_t a_batch,
                         int64_t a_row, int64_t a_column, fl_address c, int64_t c_batch, int64_t c_row,
                         int64_t c_column, fl_address bias, fl_address y, int64_t y_batch, int64_t y_row);

/* ------------------------------------------------------------------------------------------------ indices */
/** y (outer, count, inner) = x (outer, length, inner) at index (outer, count, inner) along the middle; any dtype. */
FL_API int32_t fl_gather(int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner, fl_address x,
                         fl_address index, fl_address y);
/** The reverse, into y (outer, length, inner), in order: add 0 sets (the last one stays), add 1 adds. */
FL_API int32_t fl_scatter(int32_t add, int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner,
                          fl_address index, fl_address source, fl_address y);
/** As gather and scatter, with one index (count) for all outer and inner. */
FL_API int32_t fl_index_select(int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner, fl_address x,
                               fl_address index, fl_address y);
FL_API int32_t fl_index_add(int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner,
                            fl_address index, fl_address source, fl_address y);

/* ------------------------------------------------------------------------------------------------ random numbers */
/** state: FL_RANDOM_STATE_BYTES of host memory. */
FL_API int32_t fl_random_seed(fl_address state, int64_t seed);
/** x: only for BERNOULLI_EACH, else 0. */
FL_API int32_t fl_random(int32_t kind, int32_t dtype, int64_t n, fl_address state, fl_address x, fl_address y,
                         int64_t p, int64_t q);

/* ------------------------------------------------------------------------------------------------ optimizers */
/** SGD flags. */
enum { FL_NESTEROV = 1, FL_MAXIMIZE = 2, FL_DECOUPLED = 4, FL_AMSGRAD = 8 };
/**
 * One step for count parameters. table: host memory, count rows of 5 int64: n, parameter, gradient, momentum buffer
 * (0: momentum is 0), first (1: the buffer is not yet set and becomes the gradient). flags: NESTEROV, MAXIMIZE.
 */
FL_API int32_t fl_sgd(int32_t dtype, int32_t flags, int64_t count, fl_address table, double lr, double momentum,
                      double dampening, double weight_decay);
/**
 * One step of Adam or, DECOUPLED, AdamW. table: count rows of 7 int64: n, parameter, gradient, first moment, second
 * moment, greatest second moment (0 without AMSGRAD), step (1 at the first). flags: MAXIMIZE, DECOUPLED, AMSGRAD.
 */
FL_API int32_t fl_adam(int32_t dtype, int32_t flags, int64_t count, fl_address table, double lr, double beta1,
                       double beta2, double eps, double weight_decay);

#ifdef __cplusplus
}
#endif
#endif
