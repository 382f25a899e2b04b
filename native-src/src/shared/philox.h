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

/** Two numbers of the normal distribution from two of [0, 1) (G. Box, M. Muller, 1958). */
template <class T> FL_HD void normal_pair(T u, T v, T& a, T& b) {
  const T radius = sqrt_(T(-2) * log_(T(1) - u));  // 1 - u is never 0
  const T angle = T(6.283185307179586476925) * v;
  a = radius * cos_(angle);
  b = radius * sin_(angle);
}

/** What a generator on the GPU keeps, at the beginning of the memory of its state. */
struct PhiloxState {
  uint64_t seed;
  uint64_t offset;  // counters used so far
};

}  // namespace FL_ISA
}  // namespace flambeau
#endif
