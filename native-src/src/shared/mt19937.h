/*
 * MT19937, PyTorch's CPU generator (docs/random-numbers.md, rule 1), and the layout of a generator's state.
 *
 * The state changes word by word in one order only, so a fill draws its words first and transforms them afterwards.
 */
#ifndef FLAMBEAU_SHARED_MT19937_H
#define FLAMBEAU_SHARED_MT19937_H
#include <stdint.h>

#include "dtype.h"

namespace flambeau {
namespace FL_ISA {

/** What FL_RANDOM_STATE_BYTES holds: 624 words, the place of the next one, and the normal sample kept for later. */
struct RandomState {
  static constexpr int32_t kWords = 624;
  static constexpr int32_t kShift = 397;
  uint32_t word[kWords];
  int32_t position;
  int32_t has_normal;
  double normal;
};

/** Only the low 32 bits of the seed count; a kept normal sample is dropped. */
FL_HD void seed_state(RandomState& state, int64_t seed) {
  uint32_t w = static_cast<uint32_t>(seed);
  for (int32_t j = 0; j < RandomState::kWords; ++j) {
    if (j > 0) w = 1812433253u * (w ^ (w >> 30)) + static_cast<uint32_t>(j);
    state.word[j] = w;
  }
  state.position = RandomState::kWords;
  state.has_normal = 0;
  state.normal = 0;
}

/** Whether it is at one of its words, or behind them. */
FL_HD bool is_in_range(const RandomState& state) {
  return state.position >= 0 && state.position <= RandomState::kWords;
}

/** One step of the recurrence: the top bit of u, the rest of v. */
FL_HD uint32_t random_twist(uint32_t u, uint32_t v) {
  uint32_t mixed = (u & 0x80000000u) | (v & 0x7fffffffu);
  return (mixed >> 1) ^ (-(v & 1u) & 0x9908b0dfu);
}

FL_HD uint32_t random_temper(uint32_t y) {
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  return y ^ (y >> 18);
}

/** The next 624 words. Both loops only read words at least 227 places away from those they write: they vectorise. */
FL_HD void random_refill(RandomState& state) {
  constexpr int32_t n = RandomState::kWords, m = RandomState::kShift;
  uint32_t* w = state.word;
  for (int32_t j = 0; j < n - m; ++j) w[j] = w[j + m] ^ random_twist(w[j], w[j + 1]);
  for (int32_t j = n - m; j < n - 1; ++j) w[j] = w[j + m - n] ^ random_twist(w[j], w[j + 1]);
  w[n - 1] = w[m - 1] ^ random_twist(w[n - 1], w[0]);
  state.position = 0;
}

/** The next count outputs of the engine. */
FL_HD void random_words(RandomState& state, int64_t count, uint32_t* out) {
  while (count > 0) {
    // Whatever the state holds, no word is read beside it.
    if (static_cast<uint32_t>(state.position) >= uint32_t{RandomState::kWords}) random_refill(state);
    int64_t left = RandomState::kWords - state.position;
    int64_t take = count < left ? count : left;
    const uint32_t* from = state.word + state.position;
    for (int64_t j = 0; j < take; ++j) out[j] = random_temper(from[j]);
    state.position += static_cast<int32_t>(take);
    out += take;
    count -= take;
  }
}

/** One 64-bit number: the first output is its high half. */
FL_HD uint64_t random_join(const uint32_t* pair) { return static_cast<uint64_t>(pair[0]) << 32 | pair[1]; }

/** [0, 1) in steps of 2^-24. */
FL_HD float random_float(uint32_t word) { return static_cast<float>(word & 0xffffffu) * 0x1p-24f; }

/** [0, 1) in steps of 2^-53. */
FL_HD double random_double(uint64_t word) { return static_cast<double>(word & 0x1fffffffffffffu) * 0x1p-53; }

}  // namespace FL_ISA
}  // namespace flambeau
#endif
