/* An op of one input on elements next to each other: for the op itself, and for products that end with one. */
#ifndef FLAMBEAU_KERNELS_UNARY_RANGE_H
#define FLAMBEAU_KERNELS_UNARY_RANGE_H
#include "../../shared/functors.h"
#include "support.h"

namespace flambeau {
namespace FL_ISA {
namespace unary_ops {

template <class Op, class T> __attribute__((noinline)) void value_range(const Op& op, const T* x, T* y, int64_t n) {
  if constexpr (Op::vectors && IsSame<T, float>::value) {
    using V = Vec<T>;
    int64_t i = 0;
    for (; i + kLanes<T> <= n; i += kLanes<T>) store(y + i, op.value(load<V>(x + i)));
    if (i < n) store_some(y + i, op.value(load_some<V>(x + i, n - i, T(1))), n - i);
  } else {
    FL_INDEPENDENT for (int64_t i = 0; i < n; ++i) y[i] = op.value(x[i]);
  }
}

}  // namespace unary_ops
}  // namespace FL_ISA
}  // namespace flambeau
#endif
