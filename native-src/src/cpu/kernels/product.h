/* A matrix product as its kernels see it. */
#ifndef FLAMBEAU_KERNELS_PRODUCT_H
#define FLAMBEAU_KERNELS_PRODUCT_H
#include "matmul_tile.h"
#include "unary_range.h"

namespace flambeau {
namespace FL_ISA {
namespace matrices {

/** One product; strides in elements. */
template <class T> struct Product {
  int64_t m, n, k;
  const T* a;
  int64_t a_row, a_column;
  const T* c;
  int64_t c_row, c_column;
  const T* bias;
  T* y;
  int64_t y_row;
  int32_t activation = 0;
};

/** The product's activation on a part of y that has just been summed, and is still in a cache. */
template <class T> void activate(const Product<T>& g, int64_t i, int64_t rows, int64_t j, int64_t columns) {
  if constexpr (Block<T>::floating) {
    if (g.activation == 0) return;
    if (columns == g.y_row) {  // rows follow each other without a gap
      columns *= rows;
      rows = 1;
    }
    const auto all = [&](const auto& op) {
      for (T* y = g.y + i * g.y_row + j; rows > 0; --rows, y += g.y_row) unary_ops::value_range(op, y, y, columns);
    };
    g.activation == FL_RELU ? all(Relu()) : all(GeluTanh());
  }
}

FL_HD int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

/** What it costs to multiply and add once, in nanoseconds: the pool's yardstick. */
template <class T> constexpr double kPairNs = Block<T>::floating ? 0.3 / Block<T>::lanes : 0.25;

/**
 * The general product. It is large: matmul_blocks.inl compiles it for float, double and the unsigned integers of 8 to
 * 64 bits, once per instruction set, and every kernel that multiplies calls that.
 */
template <class T> int32_t product_blocks(const Product<T>& g);

}  // namespace matrices
}  // namespace FL_ISA
}  // namespace flambeau
#endif
