/* The two 16-bit floating types: storage only. Arithmetic is done in float; a result is rounded to nearest, ties to even. */
#ifndef FLAMBEAU_SHARED_HALF_H
#define FLAMBEAU_SHARED_HALF_H
#include "dtype.h"
#if defined(__CUDACC__) && !defined(FL_CUDA_EMULATED)
#include <cuda_fp16.h>
#endif

namespace flambeau {
namespace FL_ISA {

FL_HD uint32_t float_bits(float x) {
  uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits;
}
FL_HD float float_of_bits(uint32_t bits) {
  float x;
  __builtin_memcpy(&x, &bits, sizeof x);
  return x;
}

FL_HD float widen(BFloat16 x) { return float_of_bits(static_cast<uint32_t>(x.bits) << 16); }
FL_HD float widen(Half x) {
#if defined(__CUDA_ARCH__)
  return __half2float(__ushort_as_half(x.bits));
#else
  const uint32_t sign = static_cast<uint32_t>(x.bits & 0x8000) << 16, rest = x.bits & 0x7fffu;
  if (rest >= 0x7c00) return float_of_bits(sign | 0x7f800000u | (rest & 0x3ffu) << 13);  // infinity, NaN
  // A power of two carries the exponent over and makes denormals normal, exactly.
  const float size = float_of_bits(rest << 13) * float_of_bits(0x77800000u);  // 2^112
  return float_of_bits(float_bits(size) | sign);
#endif
}

FL_HD void narrow(float x, BFloat16& to) {
  const uint32_t bits = float_bits(x);
  to.bits = x != x ? 0x7fc0 : static_cast<uint16_t>((bits + 0x7fffu + (bits >> 16 & 1)) >> 16);
}
FL_HD void narrow(float x, Half& to) {
#if defined(__CUDA_ARCH__)
  to.bits = __half_as_ushort(__float2half_rn(x));
#else
  const uint32_t bits = float_bits(x), sign = bits >> 16 & 0x8000u, size = bits & 0x7fffffffu;
  if (size > 0x7f800000u) {
    to.bits = static_cast<uint16_t>(sign | 0x7e00u);
  } else if (size >= 0x477ff000u) {  // 65520 and more round to infinity
    to.bits = static_cast<uint16_t>(sign | 0x7c00u);
  } else if (size < 0x38800000u) {  // denormal: adding 1/2 lines the fraction up, and rounds it
    const float lined = float_of_bits(size) + 0.5f;
    to.bits = static_cast<uint16_t>(sign | (float_bits(lined) - 0x3f000000u));
  } else {
    const uint32_t odd = size >> 13 & 1;
    to.bits = static_cast<uint16_t>(sign | (size - 0x38000000u + 0xfffu + odd) >> 13);
  }
#endif
}

/** What arithmetic on T is done in. */
template <class T> struct Arithmetic { using type = T; };
template <> struct Arithmetic<Half> { using type = float; };
template <> struct Arithmetic<BFloat16> { using type = float; };
template <class T> using Compute = typename Arithmetic<T>::type;

/** Between an element and what arithmetic is done in. */
template <class T> FL_HD Compute<T> to_compute(T x) {
  if constexpr (IsSame<T, Half>::value || IsSame<T, BFloat16>::value) {
    return widen(x);
  } else {
    return x;
  }
}
template <class T, class C> FL_HD T from_compute(C x) {
  static_assert(IsFloating<typename Arithmetic<T>::type>::value || !IsFloating<C>::value,
                "floats become whole numbers by conversion.h alone");
  if constexpr (IsSame<T, Half>::value || IsSame<T, BFloat16>::value) {
    T y;
    narrow(static_cast<float>(x), y);
    return y;
  } else {
    return static_cast<T>(x);
  }
}

template <class T> struct IsHalf {
  static constexpr bool value = IsSame<T, Half>::value || IsSame<T, BFloat16>::value;
};

}  // namespace FL_ISA
}  // namespace flambeau
#endif
