/*
 * Philox 4x32-10, a random number generator without a state: the numbers of a counter are a function of it and of a key
 * (J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011). So any launch shape draws the same.
 */
#ifndef FLAMBEAU_SHARED_PHILOX_H
#define FLAMBEAU_SHARED_PHILOX_H
#include "scalar_math.h"

namespace flambeau {
namespace FL_ISA {

struct Philox4 {
  uint32_t word[4];
};

/** The four words of counter (low, high) under a key. */
FL_HD Philox4 philox(uint64_t key, uint64_t low, uint64_t high) {
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  uint32_t c0 = static_cast<uint32_t>(low), c1 = static_cast<uint32_t>(low >> 32);
  uint32_t c2 = static_cast<uint32_t>(high), c3 = static_cast<uint32_t>(high >> 32);
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = static_cast<uint64_t>(c0) * 0xD2511F53u, p1 = static_cast<uint64_t>(c2) * 0xCD9E8D57u;
    c0 = static_cast<uint32_t>(p1 >> 32) ^ c1 ^ k0;
    c1 = static_cast<uint32_t>(p1);
    c2 = static_cast<uint32_t>(p0 >> 32) ^ c3 ^ k1;
    c3 = static_cast<uint32_t>(p0);
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {{c0, c1, c2, c3}};
}

/** 24 random bits in [0, 1). */
FL_HD float unit_float(uint32_t word) { return static_cast<float>(word >> 8) * 5.9604644775390625e-8f; }
/** 53 random bits in [0, 1). */
FL_HD double unit_double(uint32_t high, uint32_t low) {
  const uint64_t bits = (static_cast<uint64_t>(high) << 32 | low) >> 11;
  return static_cast<double>(bits) * 1.1102230246251565e-16;
}

/** Cosine and sine of `turn` turns of the circle, 0 <= turn < 1: the quarter turns are taken off without rounding. */
FL_HD void circle(float turn, float& cosine, float& sine) {
  const float quarters = turn * 4, whole = round_(quarters);
  const float a = (quarters - whole) * 1.57079632679489662f, z = a * a;
  float s = -1.9515295891e-4f;
  s = s * z + 8.3321608736e-3f;
  s = s * z - 1.6666654611e-1f;
  s = s * z * a + a;
  float c = 2.443315711809948e-5f;
  c = c * z - 1.388731625493765e-3f;
  c = c * z + 4.166664568298827e-2f;
  c = c * z * z - 0.5f * z + 1.0f;
  const int quarter = static_cast<int>(whole);
  const bool swaps = (quarter & 1) != 0;
  cosine = swaps ? s : c;
  sine = swaps ? c : s;
  cosine = ((quarter + 1) & 2) != 0 ? -cosine : cosine;
  sine = (quarter & 2) != 0 ? -sine : sine;
}
FL_HD void circle(double turn, double& cosine, double& sine) {
  cosine = cos_(6.283185307179586476925 * turn);
  sine = sin_(6.283185307179586476925 * turn);
}

/** Two numbers of the normal distribution from two of [0, 1) (G. Box, M. Muller, 1958). */
template <class T> FL_HD void normal_pair(T u, T v, T& a, T& b) {
  const T radius = sqrt_(T(-2) * log_(T(1) - u));  // 1 - u is never 0
  T cosine, sine;
  circle(v, cosine, sine);
  a = radius * cosine;
  b = radius * sine;
}

/** How many of 2^32 words lie below probability p as fractions of 1. */
FL_HD uint64_t words_below(double p) {
  if (!(p > 0)) return 0;
  return p < 1 ? static_cast<uint64_t>(ceil_(p * 4294967296.0)) : uint64_t{1} << 32;
}
/** The same of floats, whose products with a power of two are exact as well. */
FL_HD uint64_t words_below(float p) {
  if (!(p > 0)) return 0;
  return p < 1 ? static_cast<uint64_t>(ceil_(p * 4294967296.0f)) : uint64_t{1} << 32;
}

/** What a generator on the GPU keeps, at the beginning of the memory of its state. */
struct PhiloxState {
  uint64_t seed;
  uint64_t offset;  // counters used so far
};

}  // namespace FL_ISA
}  // namespace flambeau
#endif
