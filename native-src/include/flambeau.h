/*
 * Flambeau's native ABI: what the library of every device offers. flambeau_cuda.h has what a GPU's library adds to it.
 *
 * The only place where a kernel's signature is written by hand. From it tools/Bindings.java writes what lies between
 * the kernels and Java: dev.flambeau.spi.Kernels with these comments, the classes of native methods, the fl_ functions
 * of both libraries, the CPU's table of kernels and the declarations of CUDA's. After a change here, in the root:
 *   java native-src/tools/Bindings.java .
 * A test compares. In comments that begin with two asterisks, formulas with <, > or & stand between backquotes.
 *
 * No C++ exception leaves a library, and nothing calls back into Java.
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

/**
 * The kernels of one device. They see no shapes, but a normal form:
 *
 *   n                    dense elements in memory order
 *   (outer, len, inner)  a contiguous block seen around one axis: element (o, k, i) is at
 *                        (o * len + k) * inner + i
 *   (batch, m, n, k)     matrices with strides
 *   a geometry table     at most 6 collapsed dims with strides, in host memory
 *
 * The caller has checked shapes, dtypes, devices and bounds of everything that Java can see. Sizes are at least 1;
 * addresses are aligned to the element, and 0 only where "0:" is said.
 *
 * A geometry table for k operands is `int64[1 + rank * (1 + k)]`: the rank (1 to 6), the sizes, outermost first, then
 * the strides of each operand in elements, output first, inputs in the order of the arguments. Strides may be 0
 * (broadcast inputs) or negative (flip); an operand's address is that of its element (0, ..., 0).
 *
 * Argument order: codes, sizes (a geometry table counts as one), inputs, outputs, scalars; strides stand behind the
 * matrix they belong to. An output may be exactly one of the pointwise inputs (same address, same layout), and
 * otherwise overlaps nothing.
 *
 * Every kernel returns a status; fl_last_error then has the reason, per thread.
 */

/*
 * What an argument of a kernel is, by its type; the fl_ functions refuse what is not so. An int32_t is a code or a
 * flag. An int64_t before the first address is a size, at least 1; behind it any number, as a double is.
 */
typedef int64_t fl_address;   /* an input, never 0 (beside kernels: any address); the same 64 bits in Java and in C */
typedef int64_t fl_maybe;     /* an input that may be 0 */
typedef int64_t fl_out;       /* an output, never 0. A GPU is found by the first output that is not 0 */
typedef int64_t fl_maybe_out; /* an output that may be 0; but a kernel writes at least one */
typedef int64_t fl_table;     /* host memory, never 0: a geometry table, the state of a generator */
typedef int64_t fl_rows;      /* host memory, never 0: rows of int64, of each the second an address on the device */

/* A kernel; and one that may answer FL_NEED_BLAS: its native method opens BLAS then, and calls again. */
#define FL_OP FL_API
#define FL_BLAS_OP FL_API

/** Element types, of the sizes that their names say in bits. A bool is one byte, 0 or 1. */
enum fl_dtype {
  FL_FLOAT32 = 0, FL_FLOAT64 = 1, FL_INT64 = 2, FL_BOOL = 3, FL_INT32 = 4, FL_UINT8 = 5,
  FL_FLOAT16 = 6, FL_BFLOAT16 = 7, /* the CPU moves and converts them, and computes nothing in them */
  FL_INT8 = 8, FL_INT16 = 9
};

/**
 * Status codes. NEED_BLAS: nothing was written. BAD_INDEX and DIVIDE_BY_ZERO: nothing either, where a kernel has run
 * when its call returns: on the CPU, and on a GPU that is told to wait after every kernel. Where kernels run later, a
 * later call may return the status (LATE), and what was in range was written.
 */
enum fl_status {
  FL_OK = 0,
  FL_NEED_BLAS = 1,      /* open BLAS, then repeat the call */
  FL_OUT_OF_MEMORY = 2,
  FL_BAD_INDEX = 3,      /* an index or class out of range */
  FL_DIVIDE_BY_ZERO = 4, /* integer remainder by zero */
  FL_UNSUPPORTED = 5,    /* this op does not exist for this dtype */
  FL_INTERNAL = 6        /* none of these; Java has no name for it */
};
/** In a reason: it is about an earlier call, which the reason names first. */
#define FL_LATE "(found on the device"

/** Sequences of numbers. */
enum fl_sequence {
  FL_ARANGE = 0,  /* start + i * by; integers wrap, floats are computed in double, by one rounding */
  FL_LINSPACE = 1 /* floats from start to by, both among them, each counted from the nearer end */
};

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
  FL_LOGICAL_NOT = 27, /* * y is bool */
  FL_POW = 28,        /* x to the power p */
  FL_EXPM1 = 29,
  FL_IS_INF = 30,     /* * y is bool */
  FL_IS_FINITE = 31,  /* * y is bool */
  FL_HARDSIGMOID = 32, /* (x + 3 within [0, 6]) / 6 */
  FL_HARDSWISH = 33,  /* x (x + 3 within [0, 6]) / 6 */
  FL_HARDSHRINK = 34  /* p: lambd; -p <= x <= p ? 0 : x, so that NaN stays NaN */
};

/** Binary ops. Both inputs have the given dtype; the output too, or bool where marked. */
enum fl_binary_op {
  FL_ADD = 0, FL_SUB = 1, FL_MUL = 2, /* every dtype; of bool: or, none, and. Integers wrap */
  FL_DIV = 3,                         /* floats only */
  FL_BINARY_POW = 4,                  /* floats; integers too (negative exponents give 0, 1 or -1); not bool */
  FL_REMAINDER = 5,                   /* the sign of the divisor, as in Python; floats and integers */
  FL_MINIMUM = 6, FL_MAXIMUM = 7,     /* NaN wins; every dtype */
  FL_EQ = 8, FL_NE = 9, FL_LT = 10, FL_LE = 11, FL_GT = 12, FL_GE = 13, /* y is bool */
  FL_AND = 14, FL_OR = 15, FL_XOR = 16                                  /* logical, of x != 0; y is bool */
};

/** Reductions. NaN wins in AMAX and AMIN. */
enum fl_reduce_op {
  FL_REDUCE_SUM = 0,                    /* of integers and bool as int64, which wraps; y is int64 */
  FL_REDUCE_MEAN = 1,                   /* floats */
  FL_REDUCE_PROD = 2,                   /* as FL_REDUCE_SUM */
  FL_REDUCE_AMAX = 3, FL_REDUCE_AMIN = 4,
  FL_REDUCE_ANY = 5, FL_REDUCE_ALL = 6, /* of x != 0, every dtype; y is bool */
  FL_REDUCE_LOGSUMEXP = 7               /* floats; right for +-inf: all -inf gives -inf */
};
/** Extremes with an index. */
enum fl_index_reduce_op { FL_INDEX_MAX = 0, FL_INDEX_MIN = 1 };

/** Pointwise losses of (input x, target t). BCE clamps its logarithms at -100. */
enum fl_loss_op { FL_LOSS_MSE = 0, FL_LOSS_L1 = 1, FL_LOSS_BCE = 2, FL_LOSS_BCE_LOGITS = 3 };
/** What a loss does with its elements. */
enum fl_reduction { FL_NONE = 0, FL_MEAN = 1, FL_SUM = 2 };

/** Random fills; docs/random-numbers.md has the rules. p and q are the bits of doubles, or integers for INTEGERS. */
enum fl_random_kind {
  FL_UNIFORM = 0,        /* floats in [p, q) */
  FL_NORMAL = 1,         /* floats, mean p, standard deviation q */
  FL_NORMAL_SERIAL = 2,  /* the same one at a time, as for tensors that are not contiguous */
  FL_BERNOULLI = 3,      /* 1 with probability p; any dtype; one double uniform each */
  FL_BERNOULLI_EACH = 4, /* probabilities x, floats as y; one float (float64: double) uniform each */
  FL_INTEGERS = 5,       /* p + u % q, q unsigned (2^63 is the bits 1 << 63); every dtype but bool */
  FL_PERMUTATION = 6     /* a permutation of 0..n-1, int64 */
};
/** Size of a generator's state: `uint32 word[624], int32 position, int32 has_normal, double normal`. */
#define FL_RANDOM_STATE_BYTES 2512

/* ------------------------------------------------------------------------------------------------ library */
/**
 * A hash, taken at build time, of the headers that the library implements: of this one, and for a GPU of
 * flambeau_cuda.h too. The Java side compares it with its own.
 */
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
/**
 * 0: live bytes (asked for and not freed), 1: cached bytes (kept for reuse), 2: bytes held from the system, 3: of those
 * cached, the bytes that are too many.
 */
FL_API int64_t fl_memory(int32_t what);
/** Returns cached memory to the system: fl_detach and fl_give_back at once. */
FL_API void fl_trim(void);
/**
 * The CPU returns memory in two steps, as other threads may be in calls with addresses of blocks that were freed
 * meanwhile. This sets aside the regions that are cached whole, and answers a ticket for fl_give_back, or 0: there are
 * none. They may be handed out again until then. all: 0: only if too much is cached. On a GPU
 * fl_trim is all there is, and blocks are freed when no call uses them.
 */
FL_API int64_t fl_detach(int32_t all);
/** Returns what was set aside under this ticket and those before: no call may use it any more. */
FL_API void fl_give_back(int64_t ticket);
/** Makes all threads of the process pass a full fence; make: 0: only asks. 0: the system has no means to. */
FL_API int32_t fl_barrier(int32_t make);
/** Host to device and back; on the CPU a memcpy. */
FL_API int32_t fl_upload(fl_address target, const void* source, int64_t bytes);
FL_API int32_t fl_download(void* target, fl_address source, int64_t bytes);
/** One element, as a double or as an integer (bool: 0 or 1). */
FL_API double fl_read_double(int32_t dtype, fl_address x);
FL_API int64_t fl_read_long(int32_t dtype, fl_address x);

/* ------------------------------------------------------------------------------------------------ pointwise */
/** y = value. value: the bits of a double for floating dtypes, else the integer. */
FL_OP int32_t fl_fill(int32_t dtype, int64_t n, fl_out y, int64_t value);
/**
 * y = a sequence of n numbers, each computed from its index alone. float32, float64 and integers. start and by (the step
 * of ARANGE, the last number of LINSPACE) are encoded as in fl_fill.
 */
FL_OP int32_t fl_sequence(int32_t kind, int32_t dtype, int64_t n, fl_out y, int64_t start, int64_t by);
/** y = op(x); p and q are the op's parameters. */
FL_OP int32_t fl_unary(int32_t op, int32_t dtype, int64_t n, fl_address x, fl_out y, double p, double q);
/** gx = g * op'(x), given input x and output y. x, y: 0: the formula does not need it (UnaryOp.java says). */
FL_OP int32_t fl_unary_grad(int32_t op, int32_t dtype, int64_t n, fl_address g, fl_maybe x, fl_maybe y, fl_out gx,
                            double p, double q);
/** y = op(a, b). */
FL_OP int32_t fl_binary(int32_t op, int32_t dtype, int64_t n, fl_address a, fl_address b, fl_out y);
/** y = op(a, scalar), or op(scalar, a) when reversed. scalar: encoded as in fl_fill. */
FL_OP int32_t fl_binary_scalar(int32_t op, int32_t dtype, int64_t n, fl_address a, fl_out y, int64_t scalar,
                               int32_t reversed);
/** y = op(a, b) with strides. Geometry of y, a, b. */
FL_OP int32_t fl_binary_strided(int32_t op, int32_t dtype, fl_table geometry, fl_address a, fl_address b, fl_out y);
/** y = condition ? a : b. Geometry of y, condition (bool), a, b. */
FL_OP int32_t fl_where(int32_t dtype, fl_table geometry, fl_address condition, fl_address a, fl_address b, fl_out y);
/**
 * y = x converted, dense. To bool: x != 0. Float to integer truncates; what int64 or int32 cannot hold, and NaN, become
 * its least number. To int16 and int8: the low bits of what int32 would hold (300 is 44, 3e9 is 0); to uint8: those of
 * what int64 would (-1 is 255, NaN is 0). As PyTorch on x86.
 */
FL_OP int32_t fl_convert(int32_t from, int32_t to, int64_t n, fl_address x, fl_out y);
/** The same with strides. Geometry of y, x. Java has made sure that no element of y is written twice. */
FL_OP int32_t fl_copy(int32_t from, int32_t to, fl_table geometry, fl_address x, fl_out y);

/* ------------------------------------------------------------------------------------------------ along an axis */
/** x (outer, len, inner) to y (outer, inner). */
FL_OP int32_t fl_reduce(int32_t op, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x, fl_out y);
/** Extremes and the (int64) index of the first of them; NaN wins, the first one. values: 0: not wanted. */
FL_OP int32_t fl_reduce_index(int32_t op, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x,
                              fl_maybe_out values, fl_out indices);
/** Mean and variance, the sum of squared distances divided by max(0, len - correction). mean: 0: not wanted. */
FL_OP int32_t fl_moments(int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x, fl_maybe_out mean,
                         fl_out variance, double correction);
/** log 0: y = softmax(x) along the middle of (outer, len, inner); log 1: its logarithm. */
FL_OP int32_t fl_softmax(int32_t log, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x, fl_out y);
/** log 0: gx = y * (g - sum(g * y)); log 1: gx = g - exp(y) * sum(g). */
FL_OP int32_t fl_softmax_grad(int32_t log, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address g,
                              fl_address y, fl_out gx);
/** y = (x - mean) * rstd * weight + bias per row; mean and rstd (rows) are kept. weight, bias: 0: none. */
FL_OP int32_t fl_layer_norm(int32_t dtype, int64_t rows, int64_t columns, fl_address x, fl_maybe weight, fl_maybe bias,
                            fl_out y, fl_out mean, fl_out rstd, double eps);
/** weight: 0: ones; gx, gweight, gbias: 0: not wanted. */
FL_OP int32_t fl_layer_norm_grad(int32_t dtype, int64_t rows, int64_t columns, fl_address g, fl_address x,
                                 fl_address mean, fl_address rstd, fl_maybe weight, fl_maybe_out gx,
                                 fl_maybe_out gweight, fl_maybe_out gbias);

/* ------------------------------------------------------------------------------------------------ losses */
/**
 * NONE: y has n elements; MEAN, SUM: one. Where memory is not the host's, LOSS_BCE answers an x outside [0, 1] with
 * UNSUPPORTED, sooner or later; elsewhere the caller has checked.
 */
FL_OP int32_t fl_loss(int32_t op, int32_t reduction, int32_t dtype, int64_t n, fl_address x, fl_address target,
                      fl_out y);
/** g has n elements for NONE, else one. */
FL_OP int32_t fl_loss_grad(int32_t op, int32_t reduction, int32_t dtype, int64_t n, fl_address g, fl_address x,
                           fl_address target, fl_out gx);
/**
 * Negative log likelihood of log probabilities (outer, classes, inner) at int64 targets (outer, inner). A target equal
 * to ignore_index counts nothing. weight (classes): 0: ones. NONE: y (outer, inner); MEAN: the weighted mean (NaN when
 * all is ignored); SUM: the sum. total_weight: one element, always written.
 */
FL_OP int32_t fl_nll_loss(int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                          fl_address log_probabilities, fl_address target, fl_maybe weight, fl_out y,
                          fl_out total_weight, int64_t ignore_index);
/** Writes all of gx (outer, classes, inner): zero except at the targets. g: NONE: (outer, inner), else one element. */
FL_OP int32_t fl_nll_loss_grad(int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                               fl_address g, fl_address target, fl_maybe weight, fl_address total_weight, fl_out gx,
                               int64_t ignore_index);
/**
 * Cross entropy of scores x (outer, classes, inner) at int64 targets (outer, inner), with s = smoothing:
 *
 *   loss = -(1 - s) weight_t ln p_t - s / classes * sum_c weight_c ln p_c
 *   ln p_c = (x_c - top) - log_sum
 *
 * where top is the greatest x_c and log_sum = ln sum_c e^(x_c - top). Reductions, weight, total_weight and what is
 * ignored: as for fl_nll_loss. With s = 0 the second term is left out, whatever it would be. log_sums: (outer, inner)
 * pairs of top and log_sum for the gradient, of x's type, or float32 for 16-bit types, aligned to a pair. 0: not
 * wanted.
 */
FL_OP int32_t fl_cross_entropy(int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                               fl_address x, fl_address target, fl_maybe weight, fl_out y, fl_maybe_out log_sums,
                               fl_out total_weight, int64_t ignore_index, double smoothing);
/**
 * With f the gradient g of the position, over total_weight for MEAN:
 *
 *   gx_c = f ((1 - s) weight_t (p_c - [c = t]) + s / classes * (p_c sum_k weight_k - weight_c))
 *
 * and p_c * 0 where the target is ignored. g: NONE: (outer, inner), else one element.
 */
FL_OP int32_t fl_cross_entropy_grad(int32_t reduction, int32_t dtype, int64_t outer, int64_t classes, int64_t inner,
                                    fl_address g, fl_address x, fl_address log_sums, fl_address target, fl_maybe weight,
                                    fl_address total_weight, fl_out gx, int64_t ignore_index, double smoothing);

/* ------------------------------------------------------------------------------------------------ matrices */
/**
 * y[b] = a[b] @ c[b] (+ bias, n elements, to every row; 0: none) for each of batch. a is m x k, c is k x n, y is m x n
 * with columns next to each other. Strides in elements; a batch stride of 0 repeats one matrix. Every dtype but bool.
 * activation: FL_RELU or FL_GELU_TANH, applied to the sums of a floating dtype before they are stored; 0: none.
 */
FL_BLAS_OP int32_t fl_matmul(int32_t dtype, int32_t activation, int64_t batch, int64_t m, int64_t n, int64_t k,
                             fl_address a, int64_t a_batch, int64_t a_row, int64_t a_column, fl_address c,
                             int64_t c_batch, int64_t c_row, int64_t c_column, fl_maybe bias, fl_out y, int64_t y_batch,
                             int64_t y_row);

/* ------------------------------------------------------------------------------------------------ indices */
/** y (outer, count, inner) = x (outer, length, inner) at index (outer, count, inner) along the middle; any dtype. */
FL_OP int32_t fl_gather(int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner, fl_address x,
                        fl_address index, fl_out y);
/** The reverse, into y (outer, length, inner), in order: add 0 sets (the last one stays), add 1 adds. */
FL_OP int32_t fl_scatter(int32_t add, int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner,
                         fl_address index, fl_address source, fl_out y);
/** As fl_gather, with one index (count) for all outer and inner. */
FL_OP int32_t fl_index_select(int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner, fl_address x,
                              fl_address index, fl_out y);
/** As fl_scatter with add 1, with one index (count) for all outer and inner. */
FL_OP int32_t fl_index_add(int32_t dtype, int64_t outer, int64_t length, int64_t count, int64_t inner, fl_address index,
                           fl_address source, fl_out y);

/* ------------------------------------------------------------------------------------------------ random numbers */
/** Begins a generator. state: FL_RANDOM_STATE_BYTES of host memory. */
FL_OP int32_t fl_random_seed(fl_table state, int64_t seed);
/** Fills y. x: 0, but for BERNOULLI_EACH the probabilities; outside [0, 1] they are answered as in fl_loss. */
FL_OP int32_t fl_random(int32_t kind, int32_t dtype, int64_t n, fl_table state, fl_maybe x, fl_out y, int64_t p,
                        int64_t q);

/* ------------------------------------------------------------------------------------------------ optimizers */
/** Optimizers. shared/optimizers.h has their formulas, and says what their states and numbers are. */
enum fl_optimizer { FL_SGD = 0, FL_ADAM = 1, FL_RMSPROP = 2 };
/** Flags of the optimizers that have such options. */
enum { FL_NESTEROV = 1, FL_MAXIMIZE = 2, FL_DECOUPLED = 4 };
/** What stands where in a row of fl_step: states are addresses, numbers the bits of doubles. */
enum {
  FL_ROW_N = 0, FL_ROW_PARAMETER = 1, FL_ROW_GRADIENT = 2,
  FL_ROW_STATES = 3,  /* up to 4; 0: a state that these options, or the optimizer, do without */
  FL_ROW_NUMBERS = 7, /* up to 6 */
  FL_ROW_LENGTH = 13
};
/**
 * One step of an optimizer for count parameters: they and their states are changed in place. table: count rows of
 * FL_ROW_LENGTH int64.
 */
FL_OP int32_t fl_step(int32_t kind, int32_t dtype, int32_t flags, int64_t count, fl_rows table);

#ifdef __cplusplus
}
#endif
#endif
