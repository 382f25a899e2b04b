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

/** A geometry with its dividers: rank 0 is the output. */
template <int K> struct Indexer {
  Geometry<K> g;
  Divider divider[kMostDims];
  int64_t items;
  bool narrow;  // item numbers fit 31 bits

  explicit Indexer(fl_address table) : Indexer(Geometry<K>(pointer<const int64_t>(table))) {}
  explicit Indexer(const Geometry<K>& geometry) : g(geometry), items(1) {
    for (int i = 0; i < g.rank; ++i) items *= g.size[i];
    narrow = items < int64_t{1} << 31;
    for (int i = 0; i < g.rank; ++i) divider[i] = Divider::of(narrow ? static_cast<uint32_t>(g.size[i]) : 1u);
  }

  FL_HD void offsets(int64_t item, int64_t (&out)[K]) const {
    for (int k = 0; k < K; ++k) out[k] = 0;
    uint32_t left = static_cast<uint32_t>(item);
    int64_t wide = item;
#pragma unroll
    for (int i = kMostDims - 1; i >= 0; --i) {
      if (i >= g.rank) continue;
      int64_t at;
      if (narrow) {
        const uint32_t rest = i == 0 ? 0 : divider[i].divide(left);
        at = left - rest * divider[i].by;
        left = rest;
      } else {
        const int64_t rest = i == 0 ? 0 : wide / g.size[i];
        at = wide - rest * g.size[i];
        wide = rest;
      }
      for (int k = 0; k < K; ++k) out[k] += at * g.stride[k][i];
    }
  }
};

}  // namespace device
}  // namespace flambeau
#endif
