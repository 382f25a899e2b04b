/* What our own kernels of matrix products share: the types of sums, the operands, and how a product ends. */
#ifndef FLAMBEAU_CUDA_PRODUCT_H
#define FLAMBEAU_CUDA_PRODUCT_H
#include "blas.h"
#include "indexer.h"
#include "merging.h"

namespace flambeau {
namespace device {

/** What products are summed in: unsigned integers, which wrap. */
template <class T> using SumType = Wrap<Compute<T>>;

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

/** One element of y from the sums of all parts, in order. step: from part to part. */
template <class T>
__device__ T joined(const Result<T>& y, int64_t parts, const SumType<T>* sums, int64_t step, int64_t column) {
  SumType<T> sum = sums[0];
  for (int64_t part = 1; part < parts; ++part) sum += sums[part * step];
  return y.finish(sum, column);
}

/** A product with one row or one column, of any strides. */
template <class T> int32_t multiply_vector(Device& d, const Product& p);

}  // namespace device
}  // namespace flambeau
#endif
