/* What our own kernels of matrix products share: the types of sums, the operands, and how a product ends. */
#ifndef FLAMBEAU_CUDA_PRODUCT_H
#define FLAMBEAU_CUDA_PRODUCT_H
#include "blas.h"
#include "indexer.h"

namespace flambeau {
namespace device {

/* What products are summed in: unsigned integers, which wrap. */
template <class T> struct Sum { using type = Compute<T>; };
template <> struct Sum<int64_t> { using type = uint64_t; };
template <> struct Sum<int32_t> { using type = uint32_t; };
template <> struct Sum<uint8_t> { using type = uint32_t; };
template <class T> using SumType = typename Sum<T>::type;

/** One of the two factors: its lines (rows of a, columns of c) and the depth that both share. */
template <class T> struct Factor {
  const T* at;
  int64_t batch, line, depth;  // steps to the next one
};
/** The result, and what happens to a sum on its way there. */
template <class T> struct Result {
  T* at;
  int64_t batch, row;
  const T* bias;
  int32_t activation;

  __device__ T finish(SumType<T> sum, int64_t column) const {
    if (bias != nullptr) sum += static_cast<SumType<T>>(to_compute(bias[column]));
    return from_compute<T>(activated(activation, static_cast<Compute<T>>(sum)));
  }
};

template <class T> Factor<T> left_of(const Product& p) {
  return {pointer<const T>(p.a), p.batch == 1 ? 0 : p.a_batch, p.a_row, p.a_column};
}
template <class T> Factor<T> right_of(const Product& p) {
  return {pointer<const T>(p.c), p.batch == 1 ? 0 : p.c_batch, p.c_column, p.c_row};
}
template <class T> Result<T> result_of(const Product& p) {
  return {pointer<T>(p.y), p.batch == 1 ? 0 : p.y_batch, p.y_row, pointer<const T>(p.bias), p.activation};
}

/** How a long depth is shared out: `count` parts of `depth`, whose sums are added up in order afterwards. */
struct Parts {
  int64_t count, depth;
  /** Up to `wanted` parts of a multiple of `step`, none shallower than `least_depth`. */
  static Parts of(int64_t k, int64_t wanted, int64_t least_depth, int64_t step) {
    const int64_t most_parts = most<int64_t>(1, least(wanted, k / least_depth));
    const int64_t depth = ceil_div(ceil_div(k, most_parts), step) * step;
    return {ceil_div(k, depth), depth};
  }
};

/** y from the sums of all parts: (part, batch, m, n). */
template <class T>
__global__ void join_kernel(int64_t parts, int64_t items, const SumType<T>* sums, Quotient by_n, Quotient by_m,
                            Result<T> y) {
  for (int64_t i = first_item(); i < items; i += item_step()) {
    SumType<T> sum = sums[i];
    for (int64_t part = 1; part < parts; ++part) sum += sums[part * items + i];
    const int64_t line = by_n.divide(i), column = i - line * by_n.by;
    const int64_t b = by_m.divide(line), row = line - b * by_m.by;
    y.at[b * y.batch + row * y.row + column] = y.finish(sum, column);
  }
}
template <class T> int32_t join_parts(Device& d, const Product& p, int64_t parts, const SumType<T>* sums) {
  const int64_t items = p.batch * p.m * p.n;
  return launch(d, "matmul", join_kernel<T>, grid_for(d, items), parts, items, sums, Quotient::of(p.n, items),
                Quotient::of(p.m, items), result_of<T>(p));
}

/** A product with one row or one column, of any strides. */
template <class T> int32_t multiply_vector(Device& d, const Product& p);

}  // namespace device
}  // namespace flambeau
#endif
