/* A single row times a matrix, and a matrix times a single column: bound by reading the matrix once. */
#ifndef FLAMBEAU_KERNELS_MATVEC_H
#define FLAMBEAU_KERNELS_MATVEC_H
#include "product.h"

namespace flambeau {
namespace FL_ISA {
namespace matrices {

/** The sum of x[p] * w[p]: four vectors of partial sums, added up in a fixed order. */
template <class T> FL_HD T dot(int64_t k, const T* x, const T* w) {
  using Vector = typename Block<T>::Vector;
  constexpr int lanes = Block<T>::lanes;
  Vector sum[4] = {};
  int64_t p = 0;
  for (; p + 4 * lanes <= k; p += 4 * lanes)
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) sum[v] += load_vector(x + p + v * lanes) * load_vector(w + p + v * lanes);
  for (; p + lanes <= k; p += lanes) sum[0] += load_vector(x + p) * load_vector(w + p);
  Vector all = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  T total = T(0);
  for (int i = 0; i < lanes; ++i) total += all[i];
  for (; p < k; ++p) total += x[p] * w[p];
  return total;
}

/** What it costs to read an element of a matrix that no nearer cache than the third level holds, in nanoseconds. */
template <class T> constexpr double kReadNs = 0.012 * sizeof(T);

/** One row of a (elements next to each other) times c, whose columns hold their elements next to each other. */
template <class T> void row_times_columns(const Product<T>& g, const T* x, T* y, int64_t y_step, int64_t bias_step) {
  parallel_for(g.n, double(g.k) * kReadNs<T> + 2, [&](int64_t begin, int64_t end) {
    for (int64_t j = begin; j < end; ++j) {
      T sum = dot(g.k, x, g.c + j * g.c_column);
      if (g.bias) sum += g.bias[j * bias_step];
      y[j * y_step] = sum;
    }
  });
}

/** One row of a times c, whose rows hold their elements next to each other: many columns at a time. */
template <class T> void row_times_rows(const Product<T>& g) {
  constexpr int64_t lanes = Block<T>::lanes, wide = 8 * lanes;
  parallel_for(ceil_div(g.n, wide), double(wide * g.k) * kReadNs<T>, [&](int64_t begin, int64_t end) {
    int64_t stop = min_of(end * wide, g.n), j = begin * wide;
    auto next = [&] { return g.bias ? g.bias + j : nullptr; };
    for (; j + wide <= stop; j += wide)
      tile<T, 1, 8, false>(g.k, g.a, 0, g.a_column, g.c + j, g.c_row, g.y + j, 0, wide, next(), false);
    for (; j + lanes <= stop; j += lanes)
      tile<T, 1, 1, false>(g.k, g.a, 0, g.a_column, g.c + j, g.c_row, g.y + j, 0, lanes, next(), false);
    for (; j < stop; ++j) {
      T sum = T(0);
      for (int64_t p = 0; p < g.k; ++p) sum += g.a[p * g.a_column] * g.c[p * g.c_row + j];
      g.y[j] = g.bias ? sum + g.bias[j] : sum;
    }
  });
}

}  // namespace matrices
}  // namespace FL_ISA
}  // namespace flambeau
#endif
