/*
 * Pointwise formulas, each beside its derivative: written once for every instruction set and for the GPU.
 *
 * value(x) is the formula, grad(g, x, y) = g * f'(x) given the input x and the output y = f(x); `needs` says which of
 * the two it reads. `vectors` marks those worth running on whole registers (Vec<float>): polynomials with selections.
 * The rest are plain expressions that compilers vectorise on their own.
 */
#ifndef FLAMBEAU_SHARED_FUNCTORS_H
#define FLAMBEAU_SHARED_FUNCTORS_H
#include "flambeau.h"
#include "scalar_math.h"

namespace flambeau {
namespace FL_ISA {

/** What a gradient reads. */
enum Needs { kNothing, kInput, kOutput, kBoth };

/** No gradient: its slope is 0 wherever it has one. */
struct Flat {
  static constexpr bool vectors = false;
  static constexpr Needs needs = kNothing;
  template <class T> FL_HD T grad(T, T, T) const { return lit<T>(0); }
};

/* Unsigned arithmetic wraps where signed arithmetic would be undefined. */
template <class T, bool = IsWhole<T>::value> struct WrapOf { using type = T; };
template <class T> struct WrapOf<T, true> { using type = typename UnsignedOf<sizeof(T) == 8 ? 8 : 4>::type; };
template <class T> using Wrap = typename WrapOf<T>::type;

/** -x. */
struct Neg {
  static constexpr bool vectors = false;
  static constexpr Needs needs = kNothing;
  template <class T> FL_HD T value(T x) const { return T(-Wrap<T>(x)); }
  template <class T> FL_HD T grad(T g, T, T) const { return -g; }
};

/** |x|; slope 0 at 0. */
struct Abs {
  static constexpr bool vectors = false;
  static constexpr Needs needs = kInput;
  template <class T> FL_HD T value(T x) const {
    if constexpr (IsFloating<T>::value) {
      return abs_(x);
    } else {
      return x < T(0) ? T(Wrap<T>(0) - Wrap<T>(x)) : x;
    }
  }
  template <class T> FL_HD T grad(T g, T x, T) const { return g * T((x > T(0)) - (x < T(0))); }
};

/** -1, 0 or 1. */
struct Sign : Flat {
  template <class T> FL_HD T value(T x) const { return T((x > T(0)) - (x < T(0))); }
};

struct Exp {
  static constexpr bool vectors = true;
  static constexpr Needs needs = kOutput;
  template <class T> FL_HD T value(T x) const { return exp_(x); }
  template <class T> FL_HD T grad(T g, T, T y) const { return g * y; }
};

struct Log {
  static constexpr bool vectors = true;
  static constexpr Needs needs = kInput;
  template <class T> FL_HD T value(T x) const { return log_(x); }
  template <class T> FL_HD T grad(T g, T x, T) const { return g / x; }
};

/** ln(1 + x). */
struct Log1p {
  static constexpr bool vectors = true;
  static constexpr Needs needs = kInput;
  template <class T> FL_HD T value(T x) const { return log1p_(x); }
  template <class T> FL_HD T grad(T g, T x, T) const { return g / (x + lit<T>(1)); }
};

struct Sqrt {
  static constexpr bool vectors = false;
  static constexpr Needs needs = kOutput;
  template <class T> FL_HD T value(T x) const { return sqrt_(x); }
  template <class T> FL_HD T grad(T g, T, T y) const { return g / (T(2) * y); }
};

/** 1 / sqrt(x). */
struct Rsqrt {
  static constexpr bool vectors = false;
  static constexpr Needs needs = kOutput;
  template <class T> FL_HD T value(T x) const { return T(1) / sqrt_(x); }
  template <class T> FL_HD T grad(T g, T, T y) const { return T(-0.5) * g * (y * y * y); }
};

struct Reciprocal {
  static constexpr bool vectors = false;
  static constexpr Needs needs = kOutput;
  template <class T> FL_HD T value(T x) const { return T(1) / x; }
  template <class T> FL_HD T grad(T g, T, T y) const { return -g * (y * y); }
};

struct Square {
  static constexpr bool vectors = false;
  static constexpr Needs needs = kInput;
  template <class T> FL_HD T value(T x) const { return T(Wrap<T>(x) * Wrap<T>(x)); }
  template <class T> FL_HD T grad(T g, T x, T) const { return g * (x + x); }
};

struct Sin {
  static constexpr bool vectors = true;
  static constexpr Needs needs = kInput;
  template <class T> FL_HD T value(T x) const { return sin_(x); }
  template <class T> FL_HD T grad(T g, T x, T) const { return g * cos_(x); }
};

struct Cos {
  static constexpr bool vectors = true;
  static constexpr Needs needs = kInput;
  template <class T> FL_HD T value(T x) const { return cos_(x); }
  template <class T> FL_HD T grad(T g, T x, T) const { return -g * sin_(x); }
};

struct Tanh {
  static constexpr bool vectors = true;
  static constexpr Needs needs = kOutput;
  template <class T> FL_HD T value(T x) const { return tanh_(x); }
  template <class T> FL_HD T grad(T g, T, T y) const { return g * (lit<T>(1) - y * y); }
};

/** 1 / (1 + e^-x). Its slope is y (1 - y): the gradient needs only the output. */
struct Sigmoid {
  static constexpr bool vectors = true;
  static constexpr Needs needs = kOutput;
  template <class T> FL_HD T value(T x) const { return sigmoid_(x); }
  template <class T> FL_HD T grad(T g, T, T y) const { return g * (lit<T>(1) - y) * y; }
};

/** The error function; slope 2 / sqrt(pi) e^(-x^2). */
struct Erf {
  static constexpr bool vectors = true;
  static constexpr Needs needs = kInput;
  template <class T> FL_HD T value(T x) const { return erf_(x); }
  template <class T> FL_HD T grad(T g, T x, T) const { return g * (lit<T>(1.12837916709551257) * exp_(-(x * x))); }
};

struct Floor : Flat {
  template <class T> FL_HD T value(T x) const { return floor_(x); }
};
struct Ceil : Flat {
  template <class T> FL_HD T value(T x) const { return ceil_(x); }
};
struct Round : Flat {
  template <class T> FL_HD T value(T x) const { return round_(x); }
};

/** To [low, high]; NaN stays. The gradient passes inside the interval, its ends included. */
struct Clamp {
  static constexpr bool vectors = false;
  static constexpr Needs needs = kInput;
  double low, high;
  template <class T> FL_HD T value(T x) const {
    const T raised = x < T(low) ? T(low) : x;
    return raised > T(high) ? T(high) : raised;
  }
  template <class T> FL_HD T grad(T g, T x, T) const { return (x < T(low)) | (x > T(high)) | (x != x) ? T(0) : g; }
};

/** max(x, 0); NaN stays, relu(-0) = 0. The output tells as much as the input. */
struct Relu {
  static constexpr bool vectors = false;
  static constexpr Needs needs = kOutput;
  template <class T> FL_HD T value(T x) const { return x <= T(0) ? T(0) : x; }
  template <class T> FL_HD T grad(T g, T, T y) const { return y <= T(0) ? T(0) : g; }
};

struct LeakyRelu {
  static constexpr bool vectors = false;
  static constexpr Needs needs = kInput;
  double slope;
  template <class T> FL_HD T value(T x) const { return x > T(0) ? x : x * T(slope); }
  template <class T> FL_HD T grad(T g, T x, T) const { return x > T(0) ? g : g * T(slope); }
};

/** x above 0, alpha (e^x - 1) below. */
struct Elu {
  static constexpr bool vectors = true;
  static constexpr Needs needs = kInput;
  double alpha;
  template <class T> FL_HD T value(T x) const { return select(x > lit<T>(0), x, lit<T>(alpha) * expm1_(x)); }
  template <class T> FL_HD T grad(T g, T x, T) const { return select(x > lit<T>(0), g, g * (lit<T>(alpha) * exp_(x))); }
};

/** x Phi(x), Phi the normal distribution function; slope Phi(x) + x phi(x). */
struct Gelu {
  static constexpr bool vectors = true;
  static constexpr Needs needs = kInput;
  template <class T> FL_HD T value(T x) const { return gelu_(x); }
  template <class T> FL_HD T grad(T g, T x, T) const {
    const T density = lit<T>(0.39894228040143267794) * exp_(lit<T>(-0.5) * x * x);
    return g * (normal_cdf(x) + x * density);
  }
};

/** x / 2 (1 + tanh(u)), u = sqrt(2 / pi) (x + 0.044715 x^3). */
struct GeluTanh {
  static constexpr bool vectors = true;
  static constexpr Needs needs = kInput;
  template <class T> FL_HD T inner(T x) const {
    return lit<T>(0.79788456080286535588) * (x + lit<T>(0.044715) * (x * x * x));
  }
  template <class T> FL_HD T value(T x) const { return lit<T>(0.5) * x * (lit<T>(1) + tanh_(inner(x))); }
  template <class T> FL_HD T grad(T g, T x, T) const {
    const T t = tanh_(inner(x));
    const T slope = lit<T>(0.79788456080286535588) * (lit<T>(1) + lit<T>(3 * 0.044715) * (x * x));
    return g * (lit<T>(0.5) * (lit<T>(1) + t) + lit<T>(0.5) * x * (lit<T>(1) - t * t) * slope);
  }
};

/** x sigmoid(x). */
struct Silu {
  static constexpr bool vectors = true;
  static constexpr Needs needs = kInput;
  template <class T> FL_HD T value(T x) const { return x / (lit<T>(1) + exp_(-x)); }
  template <class T> FL_HD T grad(T g, T x, T) const {
    const T s = sigmoid_(x);
    return g * (s * (lit<T>(1) + x * (lit<T>(1) - s)));
  }
};

/** A sigmoid of straight lines: (x + 3 within [0, 6]) / 6; NaN stays. */
struct HardSigmoid {
  static constexpr bool vectors = false;
  static constexpr Needs needs = kInput;
  template <class T> FL_HD T value(T x) const { return Clamp{0, 6}.value(x + T(3)) / T(6); }
  template <class T> FL_HD T grad(T g, T x, T) const { return (x > T(-3)) & (x < T(3)) ? g * T(1.0 / 6) : T(0); }
};

/** x HardSigmoid(x), rounded as libtorch does it: the product comes before the quotient. */
struct HardSwish {
  static constexpr bool vectors = false;
  static constexpr Needs needs = kInput;
  template <class T> FL_HD T value(T x) const { return x * Clamp{0, 6}.value(x + T(3)) / T(6); }
  template <class T> FL_HD T grad(T g, T x, T) const {
    return x >= T(3) ? g : x <= T(-3) ? T(0) : g * (x / T(3) + T(0.5));
  }
};

/** 0 within [-lambd, lambd], its ends included, and x elsewhere. NaN, which is not within it, passes as x and as g. */
struct HardShrink {
  static constexpr bool vectors = false;
  static constexpr Needs needs = kInput;
  double lambd;
  template <class T> FL_HD T value(T x) const { return grad(x, x, x); }
  template <class T> FL_HD T grad(T g, T x, T) const { return (x >= T(-lambd)) & (x <= T(lambd)) ? T(0) : g; }
};

/** ln(1 + e^(beta x)) / beta; x itself where beta x passes the threshold. */
struct Softplus {
  static constexpr bool vectors = true;
  static constexpr Needs needs = kInput;
  double beta, threshold;
  template <class T> FL_HD T value(T x) const {
    const T z = x * lit<T>(beta);
    const T y = greater_of(z, lit<T>(0)) + log1p_exp_below(abs_(z));
    return select(z > lit<T>(threshold), x, beta == 1 ? y : y / lit<T>(beta));
  }
  template <class T> FL_HD T grad(T g, T x, T) const {
    const T z = x * lit<T>(beta);
    return select(z > lit<T>(threshold), g, g * sigmoid_(z));
  }
};

/** x to a fixed power; slope p x^(p - 1), and 0 for p = 0 even at x = 0. */
struct Pow {
  static constexpr bool vectors = false;
  static constexpr Needs needs = kInput;
  double p;
  template <class T> FL_HD T value(T x) const { return pow_(x, T(p)); }
  template <class T> FL_HD T grad(T g, T x, T) const { return p == 0 ? T(0) : g * (T(p) * pow_(x, T(p - 1))); }
};
/** Powers that need no logarithm. */
struct Cube {
  static constexpr bool vectors = false;
  static constexpr Needs needs = kInput;
  template <class T> FL_HD T value(T x) const { return x * x * x; }
  template <class T> FL_HD T grad(T g, T x, T) const { return g * (T(3) * (x * x)); }
};

/** e^x - 1. */
struct Expm1 {
  static constexpr bool vectors = true;
  static constexpr Needs needs = kOutput;
  template <class T> FL_HD T value(T x) const { return expm1_(x); }
  template <class T> FL_HD T grad(T g, T, T y) const { return g * (y + lit<T>(1)); }
};

/* Predicates: 0 or 1. */
struct IsNan {
  template <class T> FL_HD uint8_t value(T x) const { return x != x; }
};
struct IsInf {
  template <class T> FL_HD uint8_t value(T x) const {
    if constexpr (IsFloating<T>::value) return abs_(x) == T(__builtin_inf());
    return 0;
  }
};
struct IsFinite {
  template <class T> FL_HD uint8_t value(T x) const {
    if constexpr (IsFloating<T>::value) return abs_(x) < T(__builtin_inf());
    return 1;
  }
};
struct NotEqualZero {
  template <class T> FL_HD uint8_t value(T x) const { return x != T(0); }
};
struct LogicalNot {
  template <class T> FL_HD uint8_t value(T x) const { return x == T(0); }
};

/* ------------------------------------------------------------------------------------------------ from codes to structs */
/* f is called with the struct; kNoOp: the code is not one of these. */

/** Ops of floating numbers only. */
template <class F> int32_t visit_smooth(int32_t op, double p, double q, const F& f) {
  switch (op) {
    case FL_EXP: return f(Exp());
    case FL_LOG: return f(Log());
    case FL_LOG1P: return f(Log1p());
    case FL_SQRT: return f(Sqrt());
    case FL_RSQRT: return f(Rsqrt());
    case FL_RECIPROCAL: return f(Reciprocal());
    case FL_SIN: return f(Sin());
    case FL_COS: return f(Cos());
    case FL_TANH: return f(Tanh());
    case FL_SIGMOID: return f(Sigmoid());
    case FL_ERF: return f(Erf());
    case FL_FLOOR: return f(Floor());
    case FL_CEIL: return f(Ceil());
    case FL_ROUND: return f(Round());
    case FL_CLAMP: return f(Clamp{p, q});
    case FL_LEAKY_RELU: return f(LeakyRelu{p});
    case FL_ELU: return f(Elu{p});
    case FL_GELU: return f(Gelu());
    case FL_GELU_TANH: return f(GeluTanh());
    case FL_SILU: return f(Silu());
    case FL_HARDSIGMOID: return f(HardSigmoid());
    case FL_HARDSWISH: return f(HardSwish());
    case FL_HARDSHRINK: return f(HardShrink{p});
    case FL_SOFTPLUS: return f(Softplus{p, q});
    case FL_POW: return p == 2 ? f(Square()) : p == 3 ? f(Cube()) : f(Pow{p});
    case FL_EXPM1: return f(Expm1());
    default: return kNoOp;
  }
}
/** Ops of every number. */
template <class F> int32_t visit_plain(int32_t op, const F& f) {
  switch (op) {
    case FL_NEG: return f(Neg());
    case FL_ABS: return f(Abs());
    case FL_SIGN: return f(Sign());
    case FL_SQUARE: return f(Square());
    case FL_RELU: return f(Relu());
    default: return kNoOp;
  }
}
/** Predicates, whose result is a bool. */
template <class F> int32_t visit_predicate(int32_t op, const F& f) {
  switch (op) {
    case FL_IS_NAN: return f(IsNan());
    case FL_IS_INF: return f(IsInf());
    case FL_IS_FINITE: return f(IsFinite());
    case FL_LOGICAL_NOT: return f(LogicalNot());
    default: return kNoOp;
  }
}

/** The powers whose values (not slopes: those read the output) other ops have. */
inline int32_t simpler_power(int32_t op, double p) {
  if (op != FL_POW) return op;
  return p == 0.5 ? FL_SQRT : p == -0.5 ? FL_RSQRT : p == -1 ? FL_RECIPROCAL : op;
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
