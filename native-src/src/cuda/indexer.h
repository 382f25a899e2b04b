/* Where an item of a geometry table lies in each operand, without slow divisions. */
#ifndef FLAMBEAU_CUDA_INDEXER_H
#define FLAMBEAU_CUDA_INDEXER_H
#include "../shared/strided.h"
#include "launch.h"

namespace flambeau {
namespace device {

/**
 * Division of 31-bit numbers by a constant: multiply, shift (T. Granlund, P. Montgomery, "Division by invariant integers
 * using multiplication", 1994).
 */
struct Divider {
  uint32_t by, factor, shift;

  FL_HD static Divider of(uint32_t by) {
    uint32_t shift = 0;
    while (shift < 31 && (uint32_t{1} << shift) < by) ++shift;
    const uint64_t factor = ((uint64_t{1} << 32) * ((uint64_t{1} << shift) - by)) / by + 1;
    return {by, static_cast<uint32_t>(factor), shift};
  }
  FL_HD uint32_t divide(uint32_t n) const {
    const uint32_t high = static_cast<uint32_t>((static_cast<uint64_t>(n) * factor) >> 32);
    return (high + n) >> shift;  // n < 2^31, so the sum stays below 2^32
  }
};

/** Division of numbers below a bound by a constant: a Divider's where 31 bits hold them. */
struct Quotient {
  int64_t by;
  Divider small;
  bool narrow;

  static Quotient of(int64_t by, int64_t bound) {
    const bool narrow = bound <= int64_t{1} << 31 && by < int64_t{1} << 31;
    return {by, Divider::of(narrow && by > 0 ? static_cast<uint32_t>(by) : 1u), narrow};  // by 0: nothing to divide
  }
  FL_HD int64_t divide(int64_t n) const {
    return narrow ? static_cast<int64_t>(small.divide(static_cast<uint32_t>(n))) : n / by;
  }
};

/** Items that an Indexer can number. */
constexpr int64_t kMostItems = (int64_t{1} << 31) - 1;

template <int K> int64_t items_of(const Geometry<K>& g) {
  int64_t items = 1;
  for (int i = 0; i < g.rank; ++i) items *= g.size[i];
  return items;
}

/** The same items with y's steps growing from the last dim to the first, and dims that follow each other as one. */
template <int K> Geometry<K> arranged(const Geometry<K>& g) {
  int order[kMostDims];
  for (int i = 0; i < g.rank; ++i) {
    const auto step = [&](int d) { return g.stride[0][d] < 0 ? -g.stride[0][d] : g.stride[0][d]; };
    int at = i;
    for (; at > 0 && step(order[at - 1]) < step(i); --at) order[at] = order[at - 1];
    order[at] = i;
  }
  Geometry<K> made = g;
  made.rank = 0;
  for (int i = 0; i < g.rank; ++i) {
    const int d = order[i];
    if (g.size[d] == 1) continue;
    bool merges = made.rank > 0;
    for (int k = 0; k < K && merges; ++k) merges = made.stride[k][made.rank - 1] == g.stride[k][d] * g.size[d];
    if (!merges) made.size[made.rank++] = 1;
    made.size[made.rank - 1] *= g.size[d];
    for (int k = 0; k < K; ++k) made.stride[k][made.rank - 1] = g.stride[k][d];
  }
  if (made.rank == 0) {  // one item
    made.rank = 1;
    made.size[0] = 1;
    for (int k = 0; k < K; ++k) made.stride[k][0] = 1;
  }
  return made;
}

/** f(geometry, where each operand begins) for pieces of at most `most` items, one after another while they go well. */
template <int K, class F>
__attribute__((noinline)) int32_t for_pieces(const Geometry<K>& g, const F& f, int64_t most = kMostItems,
                                             const int64_t* from = nullptr) {
  int64_t begin[K] = {};
  for (int k = 0; k < K && from != nullptr; ++k) begin[k] = from[k];
  if (items_of(g) <= most) return f(g, begin);
  int widest = 0;
  while (g.size[widest] == 1) ++widest;
  Geometry<K> part = g;
  part.size[widest] = g.size[widest] / 2;
  const int32_t status = for_pieces(part, f, most, begin);
  if (status != 0) return status;
  for (int k = 0; k < K; ++k) begin[k] += g.stride[k][widest] * part.size[widest];
  part.size[widest] = g.size[widest] - part.size[widest];
  return for_pieces(part, f, most, begin);
}

/** A geometry of at most kMostItems items with its dividers; operand 0 is the output. */
template <int K> struct Indexer {
  int64_t stride[K][kMostDims];
  Divider divider[kMostDims];
  int rank;
  uint32_t items;

  __attribute__((noinline)) explicit Indexer(const Geometry<K>& g)
      : rank(g.rank), items(static_cast<uint32_t>(items_of(g))) {
    for (int i = 0; i < kMostDims; ++i) {
      divider[i] = Divider::of(i < rank ? static_cast<uint32_t>(g.size[i]) : 1u);
      for (int k = 0; k < K; ++k) stride[k][i] = i < rank ? g.stride[k][i] : 0;
    }
  }

  FL_HD void offsets(uint32_t item, int64_t (&out)[K]) const {
    for (int k = 0; k < K; ++k) out[k] = 0;
#pragma unroll
    for (int i = kMostDims - 1; i >= 0; --i) {
      if (i >= rank) continue;
      const uint32_t rest = i == 0 ? 0 : divider[i].divide(item), at = item - rest * divider[i].by;
      item = rest;
      for (int k = 0; k < K; ++k) out[k] += static_cast<int64_t>(at) * stride[k][i];
    }
  }
};

}  // namespace device
}  // namespace flambeau
#endif
