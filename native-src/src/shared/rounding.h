/*
 * Products and sums whose roundings the result is promised for: compilers fuse a * b + c as they like, unless told.
 * Floats and doubles; where the processor has no fused operation, plus_product rounds twice.
 */
#ifndef FLAMBEAU_SHARED_ROUNDING_H
#define FLAMBEAU_SHARED_ROUNDING_H
#include "dtype.h"

#if defined(__CUDACC__) || defined(FL_CUDA_EMULATED) || defined(__aarch64__)
#define FL_FUSES 1
#elif defined(FL_VECTOR_BYTES)
#define FL_FUSES (FL_VECTOR_BYTES >= 32)
#else
#define FL_FUSES 0
#endif

namespace flambeau {
namespace FL_ISA {

/** a * b + c with one rounding. Where the instruction is missing this is libm's, slower and equally exact. */
FL_HD float fma_exact(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
FL_HD double fma_exact(double a, double b, double c) { return __builtin_fma(a, b, c); }

/** c + a * b, rounded once. */
template <class T> FL_HD T plus_product(T c, T a, T b) {
#if FL_FUSES
  if constexpr (IsSame<T, float>::value) return __builtin_fmaf(a, b, c);
  return static_cast<T>(__builtin_fma(a, b, c));
#else
  return c + a * b;
#endif
}

/** a * b, rounded before anything is added to it. */
template <class T> FL_HD T product(T a, T b) {
#if defined(__CUDA_ARCH__) || defined(FL_CUDA_EMULATED)
  if constexpr (IsSame<T, float>::value) return __fmul_rn(a, b);
  return static_cast<T>(__dmul_rn(a, b));
#else
  return plus_product(static_cast<T>(-0.0), a, b);  // no compiler fuses this once more, and -0 changes no sum
#endif
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
