/* Where indices point: (outer, length, inner) on the side that is indexed, (outer, count, inner) on the other. */
#ifndef FLAMBEAU_CUDA_PLACES_H
#define FLAMBEAU_CUDA_PLACES_H
#include "indexer.h"

namespace flambeau {
namespace device {

struct Places {
  int64_t outer, length, count, inner;
  const int64_t* index;
  bool shared;  // one index of `count` for all outer and inner
  Reporter reporter;
  Quotient by_inner, by_count;

  static Places of(int64_t outer, int64_t length, int64_t count, int64_t inner, fl_address index, bool shared,
                   const Reporter& reporter) {
    const int64_t items = outer * count * inner;
    return {outer,
            length,
            count,
            inner,
            pointer<const int64_t>(index),
            shared,
            reporter,
            Quotient::of(inner, items),
            Quotient::of(count, items)};
  }

  FL_HD int64_t items() const { return outer * count * inner; }
  FL_HD int64_t targets() const { return outer * length * inner; }

  /** What stands at (o, c, j) of the index. */
  FL_HD int64_t index_at(int64_t o, int64_t c, int64_t j) const {
    return index[shared ? c : (o * count + c) * inner + j];
  }
  /** The same; -1: out of range, and reported. */
  __device__ int64_t checked(int64_t o, int64_t c, int64_t j) const {
    const int64_t at = index_at(o, c, j);
    if (static_cast<uint64_t>(at) < static_cast<uint64_t>(length)) return at;
    reporter.report(FL_BAD_INDEX, at, length);
    return -1;
  }
  /** Where item (o, c, j) is on the indexed side; -1: nowhere. */
  __device__ int64_t place(int64_t o, int64_t c, int64_t j) const {
    const int64_t at = checked(o, c, j);
    return at < 0 ? -1 : (o * length + at) * inner + j;
  }
  /** Item i as (o, c, j). */
  __device__ void split(int64_t i, int64_t& o, int64_t& c, int64_t& j) const {
    const int64_t line = by_inner.divide(i);
    j = i - line * inner;
    o = by_count.divide(line);
    c = line - o * count;
  }
  __device__ int64_t place(int64_t i) const {
    int64_t o, c, j;
    split(i, o, c, j);
    return place(o, c, j);
  }
};

/** With FL_CUDA_SYNC indices are checked first, so that nothing is written when one is wrong. */
int32_t check_first(Device& d, const Places& places);
/** y[place] += source, in an order that no thread chooses, or as FL_CUDA_FAST_SCATTER wants it. */
int32_t add_at(Device& d, int32_t dtype, const Places& places, fl_address source, fl_address y);

}  // namespace device
}  // namespace flambeau
#endif
