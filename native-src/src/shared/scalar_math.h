/*
 * Mathematics on one number or on a register of numbers: every function is a template over T = float, double, or (on
 * the CPU) Vec<float>. The float versions are branch-free polynomials, fitted for this file at Chebyshev nodes, right
 * at NaN, infinities, -0, overflow and denormals, and within 1 to 2 units in the last place; the double versions are
 * libm's.
 *
 * How many units libm's may be off on a GPU (NVIDIA, CUDA C++ Programming Guide, "Mathematical Functions"; with nvcc's
 * own -prec-div, -prec-sqrt and -ftz=false):
 *
 *            sqrt, a / b, fma, fmod, rint, floor, ceil, trunc   exp, expm1, log, log1p, tanh   sin, cos   erf   pow
 *   float                                                  0                              -          2     -     4
 *   double                                                 0                              1          2     2     2
 *
 * What the tests allow (PointwiseContract) is that much, and what the oracle's own libm and rounding are off.
 */
#ifndef FLAMBEAU_SHARED_SCALAR_MATH_H
#define FLAMBEAU_SHARED_SCALAR_MATH_H
#include "lanes.h"

namespace flambeau {
namespace FL_ISA {

template <class T> FL_HD T abs_(T x) {
  if constexpr (kIsSingle<T>) {
    return from_bits<T>(bits_of(x) & 0x7fffffff);
  } else {
    return from_bits<T>(bits_of(x) & 0x7fffffffffffffff);
  }
}
/** The size of a with the sign of b. */
template <class T> FL_HD T copysign_(T a, T b) {
  if constexpr (kIsSingle<T>) {
    return from_bits<T>((bits_of(a) & 0x7fffffff) | (bits_of(b) & INT32_MIN));
  } else {
    return from_bits<T>((bits_of(a) & 0x7fffffffffffffff) | (bits_of(b) & INT64_MIN));
  }
}

/* Lane by lane through a scalar function. */
#define FL_EACH_LANE(T, x, expression)                                \
  T each_lane_result = x;                                             \
  for (int each_lane = 0; each_lane < Lanes<T>::count; ++each_lane) { \
    const typename Lanes<T>::Element lane = (x)[each_lane];           \
    each_lane_result[each_lane] = expression;                         \
  }                                                                   \
  return each_lane_result

template <class T> FL_HD T sqrt_(T x) {
  if constexpr (IsSame<T, float>::value) {
    return __builtin_sqrtf(x);
  } else if constexpr (IsSame<T, double>::value) {
    return __builtin_sqrt(x);
  } else {
    FL_EACH_LANE(T, x, sqrt_(lane));
  }
}
template <class T> FL_HD T floor_(T x) {
  if constexpr (kIsSingle<T>) {
    return __builtin_floorf(x);
  } else {
    return __builtin_floor(x);
  }
}
template <class T> FL_HD T ceil_(T x) {
  if constexpr (kIsSingle<T>) {
    return __builtin_ceilf(x);
  } else {
    return __builtin_ceil(x);
  }
}
/** To the nearest integer, halves to the even one. */
template <class T> FL_HD T round_(T x) {
  if constexpr (kIsSingle<T>) {
    return __builtin_rintf(x);
  } else {
    return __builtin_rint(x);
  }
}
template <class T> FL_HD T pow_(T x, T y) {
  if constexpr (kIsSingle<T>) {
    return __builtin_powf(x, y);
  } else {
    return __builtin_pow(x, y);
  }
}
template <class T> FL_HD T fmod_(T x, T y) {
  if constexpr (kIsSingle<T>) {
    return __builtin_fmodf(x, y);
  } else {
    return __builtin_fmod(x, y);
  }
}

/* ------------------------------------------------------------------------------------------------ exponentials */
/* x = n ln 2 + f, |f| <= ln 2 / 2. n comes as the integer and as the number; the product n * 0.693359375 is exact. */
template <class T> struct Reduced {
  typename BitsOf<T>::type n;
  T number;
  T f;
};
template <class T> FL_HD Reduced<T> reduce_by_ln2(T x) {
  const T magic = lit<T>(12582912.0);  // 1.5 * 2^23: adding it leaves the rounded integer in the low bits
  const T shifted = x * lit<T>(1.44269504088896341) + magic;
  const T number = shifted - magic;
  const T f = (x - number * lit<T>(0.693359375)) + number * lit<T>(2.12194440054690583e-4);
  return {bits_of(shifted) - 0x4b400000, number, f};
}
/** e^f - 1 - f for |f| <= ln 2 / 2. */
template <class T> FL_HD T exp_tail(T f) {
  T q = lit<T>(0.00139266083);
  q = q * f + lit<T>(0.00836351905);
  q = q * f + lit<T>(0.0416665521);
  q = q * f + lit<T>(0.166665749);
  q = q * f + lit<T>(0.5);
  return q * (f * f);
}
/** 2^n for -126 <= n <= 127. */
template <class T> FL_HD T power_of_two(typename BitsOf<T>::type n) {
  if constexpr (Lanes<T>::count == 1) {
    return from_bits<T>(static_cast<int32_t>(static_cast<uint32_t>(n + 127) << 23));  // defined for NaN's n too
  } else {
    return from_bits<T>((n + 127) << 23);
  }
}

/** x 2^n, rounded once. kNormal: 2^n and the result are normal numbers. */
template <bool kNormal, class T> FL_HD T scale_by_power(T x, const Reduced<T>& r) {
#if FL_X86 && !defined(__CUDACC__)
#if FL_VECTOR_BYTES == 64
  if constexpr (IsSame<T, VecFloat>::value) return (T)_mm512_maskz_scalef_ps(0xffff, (__m512)x, (__m512)r.number);
#endif
#endif
  if constexpr (kNormal) return x * power_of_two<T>(r.n);
  const auto half = r.n >> 1;  // two factors: the result may be denormal, or its scale beyond 2^127
  return x * power_of_two<T>(half) * power_of_two<T>(r.n - half);
}

template <class T> FL_HD T exp_(T x) {
  if constexpr (kIsSingle<T>) {
    const Reduced<T> r = reduce_by_ln2(greater_of(lit<T>(-104), less_of(lit<T>(89), x)));  // NaN passes both
    return scale_by_power<false>(exp_tail(r.f) + r.f + lit<T>(1), r);
  } else if constexpr (IsSame<T, double>::value) {
    return __builtin_exp(x);
  } else {
    FL_EACH_LANE(T, x, exp_(lane));
  }
}

/** The same for -87 <= x <= 88 and NaN only: floats' results there are normal, and one factor scales them. */
template <class T> FL_HD T exp_within(T x) {
  const Reduced<T> r = reduce_by_ln2(x);
  return scale_by_power<true>(exp_tail(r.f) + r.f + lit<T>(1), r);
}

/** 2^t / 2 for |t| up to 125 and NaN. Floats; t's own rounding is not made good. */
template <class T> FL_HD T half_power_of_two(T t) {
  const T magic = lit<T>(12582912.0);
  const T shifted = t + magic;
  const Reduced<T> r = {bits_of(shifted) - 0x4b400000, shifted - magic, t - (shifted - magic)};
  T p = lit<T>(7.67290621297434e-05);
  p = p * r.f + lit<T>(0.00066999654518440366);
  p = p * r.f + lit<T>(0.0048092445358633995);
  p = p * r.f + lit<T>(0.027751643210649490);
  p = p * r.f + lit<T>(0.12011323124170303);
  p = p * r.f + lit<T>(0.34657359123229980);
  p = p * r.f + lit<T>(0.5);
  return scale_by_power<true>(p, r);
}

template <class T> FL_HD T expm1_(T x) {
  if constexpr (kIsSingle<T>) {
    T c = select(x > lit<T>(89), lit<T>(89), x);
    c = select(c < lit<T>(-25), lit<T>(-25), c);
    const Reduced<T> r = reduce_by_ln2(c);
    const T half = power_of_two<T>(r.n - 1);
    const T y = ((exp_tail(r.f) + r.f) * half + (half - lit<T>(0.5))) * lit<T>(2);
    return copysign_(select(abs_(x) < lit<T>(1e-6), x + lit<T>(0.5) * x * x, y), x);
  } else if constexpr (IsSame<T, double>::value) {
    return __builtin_expm1(x);
  } else {
    FL_EACH_LANE(T, x, expm1_(lane));
  }
}

/** 1 / (1 + e^-x). */
template <class T> FL_HD T sigmoid_(T x) { return lit<T>(1) / (lit<T>(1) + exp_(-x)); }

template <class T> FL_HD T tanh_(T x) {
  if constexpr (kIsSingle<T>) {
    const T z = x * x;
    T p = lit<T>(0.0022925577);
    p = p * z + lit<T>(-0.00834378037);
    p = p * z + lit<T>(0.0217688682);
    p = p * z + lit<T>(-0.0539592534);
    p = p * z + lit<T>(0.133333035);
    p = p * z + lit<T>(-0.333333332);
    const T a = abs_(x);
    const T near = a + a * (z * p);
    // 1 - 2 / (e^2a + 1); from 15 on the quotient is lost in rounding
    const T half = half_power_of_two(less_of(lit<T>(43), a * lit<T>(2.88539008177792681)));
    const T far = lit<T>(1) - lit<T>(1) / (half + lit<T>(0.5));
    return copysign_(select(a < lit<T>(0.625), near, far), x);
  } else if constexpr (IsSame<T, double>::value) {
    return __builtin_tanh(x);
  } else {
    FL_EACH_LANE(T, x, tanh_(lane));
  }
}

template <class T> FL_HD T erf_(T x) {
  if constexpr (kIsSingle<T>) {
    const T z = x * x;
    T p = lit<T>(8.31687972e-05);
    p = p * z + lit<T>(-0.000813044467);
    p = p * z + lit<T>(0.00519998925);
    p = p * z + lit<T>(-0.0268589974);
    p = p * z + lit<T>(0.112836887);
    p = p * z + lit<T>(-0.376126333);
    p = p * z + lit<T>(0.128379167);
    const T near = x + x * p;
    const T a = less_of(lit<T>(4), abs_(x));
    T q = lit<T>(-1.64356965e-06);  // erfc(a) = e^-q(a)
    q = q * a + lit<T>(4.61779128e-05);
    q = q * a + lit<T>(-0.000597743472);
    q = q * a + lit<T>(0.00476357525);
    q = q * a + lit<T>(-0.0264310176);
    q = q * a + lit<T>(0.110094481);
    q = q * a + lit<T>(0.631814517);
    q = q * a + lit<T>(1.13023762);
    q = q * a + lit<T>(-0.000320441531);
    const T far = lit<T>(1) - exp_within(-q);
    return copysign_(select(abs_(x) < lit<T>(0.925), near, far), x);
  } else if constexpr (IsSame<T, double>::value) {
    return __builtin_erf(x);
  } else {
    FL_EACH_LANE(T, x, erf_(lane));
  }
}

/** What lies beyond a >= 0 under the normal density, 2^-(q(a) + 1), exact to 2e-8; a up to 9.5. Floats. */
template <class T> FL_HD T normal_tail(T a) {
  T q = lit<T>(-2.834912720572902e-06);
  q = q * a + lit<T>(3.9377689972752705e-05);
  q = q * a + lit<T>(-0.00018618024478200823);
  q = q * a + lit<T>(-0.00013693637447431684);
  q = q * a + lit<T>(0.00706342002376914);
  q = q * a + lit<T>(-0.052496179938316345);
  q = q * a + lit<T>(-0.4592081904411316);
  q = q * a + lit<T>(-1.1511051654815674);
  return half_power_of_two(q * a);  // nothing constant in q: half of everything lies on either side of 0
}
/** Beyond this the tail is 0 beside anything. */
template <class T> FL_HD T within_tail(T x) { return less_of(lit<T>(9.5), abs_(x)); }

/** The normal distribution function, (1 + erf(x / sqrt(2))) / 2; of floats exact to 5e-8, but not relative to itself. */
template <class T> FL_HD T normal_cdf(T x) {
  if constexpr (kIsSingle<T>) {
    const T tail = normal_tail(within_tail(x));
    return select(x < lit<T>(0), tail, lit<T>(1) - tail);
  } else {
    return lit<T>(0.5) * (lit<T>(1) + erf_(x * lit<T>(0.70710678118654752440)));
  }
}
/** x times that: max(x, 0) less what the tail takes away. */
template <class T> FL_HD T gelu_(T x) {
  if constexpr (kIsSingle<T>) {
    const T a = within_tail(x);
    const T y = greater_of(lit<T>(0), x) - a * normal_tail(a);                   // NaN passes
    return select(x == lit<T>(-__builtin_inf()), lit<T>(__builtin_nan("")), y);  // -inf times 0
  } else {
    return x * normal_cdf(x);
  }
}

/* -------------------------------------------------------------------------------------------------- logarithms */
/* ln(u) + c for normal positive u, where c is a small correction to add. u = 2^k m, m in [sqrt(1/2), sqrt(2)). */
template <class T> FL_HD T log_of_normal(T u, T c, T exponent) {
  const auto bits = select(u != u, bits_of(lit<T>(1)), bits_of(u));  // NaN's would overflow
  const auto shifted = bits + (0x3f800000 - 0x3f3504f3);
  const auto k = (shifted >> 23) - 127;
  const T m = from_bits<T>((shifted & 0x007fffff) + 0x3f3504f3);
  T number;
  if constexpr (Lanes<T>::count == 1) {
    number = static_cast<T>(k);
  } else {
    number = __builtin_convertvector(k, T);
  }
  number = number + exponent;
  const T f = m - lit<T>(1);
  const T s = f / (lit<T>(2) + f);
  const T z = s * s;
  T p = lit<T>(0.233309641);
  p = p * z + lit<T>(0.285508026);
  p = p * z + lit<T>(0.40000122);
  p = p * z + lit<T>(0.666666666);
  const T half_square = lit<T>(0.5) * f * f;
  // ln m = f - f^2 / 2 + s (f^2 / 2 + z p); ln 2 in two parts, the first short enough for exact products
  return ((s * (half_square + z * p) + (number * lit<T>(-2.12194440054690583e-4) + c)) - half_square + f) +
         number * lit<T>(0.693359375);
}

/* What a logarithm of u gives outside the positive finite numbers. */
template <class T> FL_HD T log_special(T u, T y) {
  const T infinity = lit<T>(__builtin_inf());
  y = select(u == lit<T>(0), -infinity, y);
  y = select(u < lit<T>(0), lit<T>(__builtin_nan("")), y);
  return select((u == infinity) | (u != u), u, y);
}

template <class T> FL_HD T log_(T x) {
  if constexpr (kIsSingle<T>) {
    const auto tiny = x < lit<T>(1.17549435e-38);
    const T u = select(tiny, x * lit<T>(8388608.0), x);
    return log_special(x, log_of_normal(u, lit<T>(0), select(tiny, lit<T>(-23), lit<T>(0))));
  } else if constexpr (IsSame<T, double>::value) {
    return __builtin_log(x);
  } else {
    FL_EACH_LANE(T, x, log_(lane));
  }
}

/** ln(1 + x), exact near 0: u = 1 + x is rounded, and what it lost comes back as a correction. */
template <class T> FL_HD T log1p_(T x) {
  if constexpr (kIsSingle<T>) {
    const T u = lit<T>(1) + x;
    const T lost = select(abs_(x) < lit<T>(1), x - (u - lit<T>(1)), lit<T>(1) - (u - x));
    const T y = log_of_normal(u, select(u < lit<T>(1.6e7), lost / u, lit<T>(0)), lit<T>(0));
    const T whole = log_special(u, y);
    return select(abs_(x) < lit<T>(1e-9), x, whole);  // keeps -0 and denormals
  } else if constexpr (IsSame<T, double>::value) {
    return __builtin_log1p(x);
  } else {
    FL_EACH_LANE(T, x, log1p_(lane));
  }
}

/** ln(1 + e^-a) for a >= 0: 2 artanh(s), s = e / (2 + e) at most 1/3. */
template <class T> FL_HD T log1p_exp_below(T a) {
  if constexpr (kIsSingle<T>) {
    const T e = exp_(-a);
    const T s = e / (lit<T>(2) + e);
    const T z = s * s;
    T p = lit<T>(0.280119925737381);
    p = p * z + lit<T>(0.28001803159713745);
    p = p * z + lit<T>(0.4002152681350708);
    p = p * z + lit<T>(0.666664183139801);
    return (s + s) + (s * z) * p;
  } else {
    return log1p_(exp_(-a));
  }
}

/* ----------------------------------------------------------------------------------------------- circular ones */
/* Sine (cosine 0) or cosine (cosine 1) of a double up to 2^30: the quarter turn nearest to x is taken off in two parts.
 */
template <class D> FL_HD D circular(D x, int cosine) {
  const D magic = lit<D>(6755399441055744.0);  // 1.5 * 2^52
  const D shifted = x * lit<D>(0.63661977236758134308) + magic;
  const D number = shifted - magic;
  const auto quarter = bits_of(shifted) + cosine;
  const D r = (x - number * lit<D>(1.5707963267341256)) - number * lit<D>(6.0771005065061922e-11);
  const D z = r * r;
  D s = lit<D>(-2.4805011207486557e-08);
  s = s * z + lit<D>(2.7555984173088083e-06);
  s = s * z + lit<D>(-0.00019841266894627223);
  s = s * z + lit<D>(0.0083333333310562033);
  s = s * z + lit<D>(-0.16666666666663851);
  const D sine = r + r * (z * s);
  D c = lit<D>(2.070015349613916e-09);
  c = c * z + lit<D>(-2.7556364863806998e-07);
  c = c * z + lit<D>(2.4801585195001366e-05);
  c = c * z + lit<D>(-0.0013888888887260882);
  c = c * z + lit<D>(0.041666666666664652);
  const D cosine_value = lit<D>(1) - lit<D>(0.5) * z + z * (z * c);
  const D y = select((quarter & 1) != 0, cosine_value, sine);
  return from_bits<D>(bits_of(y) ^ (-(quarter & 2) & INT64_MIN));
}

/* Beyond this the two parts of pi / 2 are too short, and libm takes over. */
constexpr double kCircularLimit = 1048576.0;

template <class T> FL_HD T circular_of(T x, int cosine) {
  if constexpr (IsSame<T, float>::value) {
    if (!(abs_(x) < static_cast<float>(kCircularLimit))) return cosine ? __builtin_cosf(x) : __builtin_sinf(x);
    const float y = static_cast<float>(circular(static_cast<double>(x), cosine));
    return cosine || x != 0 ? y : x;
  } else if constexpr (IsSame<T, double>::value) {
    return cosine ? __builtin_cos(x) : __builtin_sin(x);
#if !defined(__CUDACC__)
  } else {
    bool small = true;
    for (int i = 0; i < Lanes<T>::count; ++i) small &= abs_(x[i]) < static_cast<float>(kCircularLimit);
    if (!small) {
      FL_EACH_LANE(T, x, circular_of(lane, cosine));
    }
    HalfFloat parts[2];
    __builtin_memcpy(parts, &x, sizeof x);
    for (HalfFloat& part : parts) {
      const VecDouble y = circular(__builtin_convertvector(part, VecDouble), cosine);
      part = __builtin_convertvector(y, HalfFloat);
    }
    T y;
    __builtin_memcpy(&y, parts, sizeof y);
    return cosine ? y : select(x == lit<T>(0), x, y);
#endif
  }
}
template <class T> FL_HD T sin_(T x) { return circular_of(x, 0); }
template <class T> FL_HD T cos_(T x) { return circular_of(x, 1); }

}  // namespace FL_ISA
}  // namespace flambeau
#endif
