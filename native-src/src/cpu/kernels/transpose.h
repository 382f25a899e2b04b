/* Transposing a region of a matrix, for copies and for ops with strides. */
#ifndef FLAMBEAU_KERNELS_TRANSPOSE_H
#define FLAMBEAU_KERNELS_TRANSPOSE_H
#include "matmul_tile.h"

namespace flambeau {
namespace FL_ISA {
namespace copy_ops {

/**
 * y[line sy + column] = x[column sx + line]: squares that fill the vector registers, the edges one by one. streams:
 * by non-temporal stores, for which y's squares lie on cache lines.
 */
template <class T>
void transpose_region(const T* x, int64_t sx, T* y, int64_t sy, int64_t columns, int64_t lines, bool streams) {
  int64_t line = 0;
  if constexpr (sizeof(T) >= 4) {
    using Vector = typename matrices::Block<T>::Vector;
    constexpr int kSide = matrices::Block<T>::lanes;
    for (; line + kSide <= lines; line += kSide) {
      int64_t column = 0;
      for (; column + kSide <= columns; column += kSide) {
        Vector square[kSide];
#pragma GCC unroll 16
        for (int i = 0; i < kSide; ++i) square[i] = matrices::load_vector(x + (column + i) * sx + line);
        matrices::transpose_square<T>(square);
        T* to = y + line * sy + column;
#pragma GCC unroll 16
        for (int j = 0; j < kSide; ++j) {
          if (streams) {
            store_streaming<Vec<T>>(to + j * sy, (Vec<T>)square[j]);
          } else {
            matrices::store_vector(to + j * sy, square[j]);
          }
        }
      }
      for (; column < columns; ++column) {
        for (int j = 0; j < kSide; ++j) y[(line + j) * sy + column] = x[column * sx + line + j];
      }
    }
  }
  constexpr int64_t kTile = 16;
  for (; line < lines; line += kTile) {
    const int64_t height = min_of(kTile, lines - line);
    for (int64_t column = 0; column < columns; column += kTile) {
      const int64_t width = min_of(kTile, columns - column);
      for (int64_t j = line; j < line + height; ++j) {
        for (int64_t i = column; i < column + width; ++i) y[j * sy + i] = x[i * sx + j];
      }
    }
  }
}

}  // namespace copy_ops
}  // namespace FL_ISA
}  // namespace flambeau
#endif
