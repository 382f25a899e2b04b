/*
 * Functions that a GPU's mathematics library answers less precisely than the host's: the host's answers, moved by as many
 * units in the last place as NVIDIA documents (CUDA C++ Programming Guide, "Mathematical Functions"). In kernels only.
 */
#ifndef FLAMBEAU_TESTS_LIBM_H
#define FLAMBEAU_TESTS_LIBM_H
#include <math.h>
#include <stdint.h>
#include <string.h>

namespace emulator {
bool in_kernel();

/** By -ulps to ulps, always by the same for one argument. What is exact on a GPU too stays: 0, infinities, f(0), f(1). */
template <int ulps, class T> T imprecise(T exact, T argument) {
  if (!in_kernel() || exact == 0 || exact - exact != 0 || argument == 0 || argument == 1) return exact;
  uint64_t hash = 0, bits = 0;
  memcpy(&hash, &argument, sizeof argument);
  memcpy(&bits, &exact, sizeof exact);
  hash = (hash + 1) * 0x9E3779B97F4A7C15u;
  bits += (hash >> 40) % (2 * ulps + 1) - ulps;
  T moved;
  memcpy(&moved, &bits, sizeof moved);
  return moved - moved != 0 ? exact : moved;
}
/** The same for what is never above 1. */
template <int ulps, class T> T imprecise_to_1(T exact, T argument) {
  const T moved = imprecise<ulps>(exact, argument);
  return moved > 1 ? T(1) : moved < -1 ? T(-1) : moved;
}

inline float powf_(float x, float y) { return imprecise<4>(powf(x, y), y == 0 ? y : x); }
inline float sinf_(float x) { return imprecise_to_1<2>(sinf(x), x); }
inline float cosf_(float x) { return imprecise_to_1<2>(cosf(x), x); }
inline double pow_(double x, double y) { return imprecise<2>(pow(x, y), y == 0 ? y : x); }
inline double exp_(double x) { return imprecise<1>(exp(x), x); }
inline double expm1_(double x) { return imprecise<1>(expm1(x), x); }
inline double log_(double x) { return imprecise<1>(log(x), x); }
inline double log1p_(double x) { return imprecise<1>(log1p(x), x); }
inline double sin_(double x) { return imprecise_to_1<2>(sin(x), x); }
inline double cos_(double x) { return imprecise_to_1<2>(cos(x), x); }
inline double tanh_(double x) { return imprecise_to_1<1>(tanh(x), x); }
inline double erf_(double x) { return imprecise_to_1<2>(erf(x), x); }
}  // namespace emulator

/* What shared/scalar_math.h calls. */
#define __builtin_powf emulator::powf_
#define __builtin_sinf emulator::sinf_
#define __builtin_cosf emulator::cosf_
#define __builtin_pow emulator::pow_
#define __builtin_exp emulator::exp_
#define __builtin_expm1 emulator::expm1_
#define __builtin_log emulator::log_
#define __builtin_log1p emulator::log1p_
#define __builtin_sin emulator::sin_
#define __builtin_cos emulator::cos_
#define __builtin_tanh emulator::tanh_
#define __builtin_erf emulator::erf_
#endif
