/* Geometry tables: up to 6 dimensions with strides, for several operands walked together. */
#ifndef FLAMBEAU_SHARED_STRIDED_H
#define FLAMBEAU_SHARED_STRIDED_H
#include "dtype.h"

namespace flambeau {
namespace FL_ISA {

constexpr int kMostDims = 6;

/** The sizes and strides of K operands; operand 0 is the output. Rows run along the last dimension. */
template <int K> struct Geometry {
  int rank;
  int64_t size[kMostDims] = {};
  int64_t stride[K][kMostDims] = {};

  FL_HD explicit Geometry(const int64_t* table) : rank(static_cast<int>(table[0])) {
    for (int d = 0; d < rank; ++d) size[d] = table[1 + d];
    for (int k = 0; k < K; ++k) {
      for (int d = 0; d < rank; ++d) stride[k][d] = table[1 + rank * (1 + k) + d];
    }
  }

  FL_HD int64_t row_length() const { return size[rank - 1]; }
  FL_HD int64_t row_stride(int operand) const { return stride[operand][rank - 1]; }
  FL_HD int64_t rows() const {
    int64_t count = 1;
    for (int d = 0; d < rank - 1; ++d) count *= size[d];
    return count;
  }

  /** Where a row begins in each operand, in elements. */
  FL_HD void row_offsets(int64_t row, int64_t* offsets) const {
    for (int k = 0; k < K; ++k) offsets[k] = 0;
    for (int d = rank - 2; d >= 0; --d) {
      const int64_t at = row % size[d];
      row /= size[d];
      for (int k = 0; k < K; ++k) offsets[k] += at * stride[k][d];
    }
  }
};

/** Walks row after row without dividing: a counter for each dimension but the last. */
template <int K> struct RowWalk {
  const Geometry<K>& geometry;
  int64_t at[kMostDims];
  int64_t offset[K];

  FL_HD RowWalk(const Geometry<K>& g, int64_t row) : geometry(g) {
    g.row_offsets(row, offset);
    for (int d = g.rank - 2; d >= 0; --d) {
      at[d] = row % g.size[d];
      row /= g.size[d];
    }
  }

  FL_HD void next() {
    for (int d = geometry.rank - 2; d >= 0; --d) {
      for (int k = 0; k < K; ++k) offset[k] += geometry.stride[k][d];
      if (++at[d] < geometry.size[d]) return;
      for (int k = 0; k < K; ++k) offset[k] -= geometry.stride[k][d] * geometry.size[d];
      at[d] = 0;
    }
  }
};

/**
 * A dim, not the last, along which operand k is dense while it is not along the last: y's rows run across it. -1: none.
 */
template <int K> FL_HD int transposed_dim(const Geometry<K>& g, int k) {
  if (g.row_stride(0) != 1 || g.row_stride(k) <= 1 || g.row_length() < 4) return -1;
  for (int d = 0; d < g.rank - 1; ++d) {
    if (g.stride[k][d] == 1 && g.size[d] >= 4) return d;
  }
  return -1;
}

/** What is left when dim d and the last are taken out; the last place stays free: row_offsets leaves it out. */
template <int K> FL_HD Geometry<K> without(const Geometry<K>& g, int d) {
  Geometry<K> rest = g;
  rest.rank = 1;
  for (int i = 0; i < g.rank - 1 && i < kMostDims; ++i) {
    if (i == d) continue;
    rest.size[rest.rank - 1] = g.size[i];
    for (int k = 0; k < K; ++k) rest.stride[k][rest.rank - 1] = g.stride[k][i];
    ++rest.rank;
  }
  return rest;
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
