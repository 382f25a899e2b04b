/* Layer normalisation of rows, and its gradients. */
#ifndef FLAMBEAU_KERNELS_NORM_INL
#define FLAMBEAU_KERNELS_NORM_INL
#include "reduce_lines.h"

namespace flambeau {
namespace FL_ISA {
namespace norm_ops {

using reductions::sum_registers;

constexpr int64_t kRows = 64;  // rows whose weight gradients one task sums

/** One row: mean; variance around it; scale and shift. weight, bias: null for none. */
template <class T>
FL_HD void forward_row(int64_t columns, const T* x, const T* weight, const T* bias, T* y, T* mean, T* rstd, double eps,
                       bool streams) {
  using V = Vec<T>;
  using Total = typename SumOf<T>::Total;
  const Total n = static_cast<Total>(columns);
  const Total exact = sum_registers<T>(columns, [&](int64_t i, int64_t c) { return take(x + i, c, T(0)); }) / n;
  const V center = splat<V>(T(exact));
  const Total squares = sum_registers<T>(columns, [&](int64_t i, int64_t c) {
    const V d = take(x + i, c, T(0)) - center;
    return d * d;
  });
  const Total off = exact - static_cast<Total>(T(exact));  // the center was rounded to T
  const T scale = T(1 / sqrt_(squares / n - off * off + static_cast<Total>(eps)));
  *mean = T(exact);
  *rstd = scale;
  const V scales = splat<V>(scale);
  each_register<T>(columns, [&](int64_t i, int64_t c) {
    V v = (take(x + i, c, T(0)) - center) * scales;
    if (weight != nullptr) v = v * take(weight + i, c, T(0));
    if (bias != nullptr) v = v + take(bias + i, c, T(0));
    put_or_stream(streams, y + i, v, c);
  });
}

/** gx = rstd (h - mean(h) - z mean(h z)), h = g weight, z = (x - mean) rstd. */
template <class T>
FL_HD void backward_row(int64_t columns, const T* g, const T* x, T mean, T rstd, const T* weight, T* gx) {
  using V = Vec<T>;
  using Total = typename SumOf<T>::Total;
  const V center = splat<V>(mean), scale = splat<V>(rstd);
  const auto h = [&](int64_t i, int64_t c) {
    const V v = take(g + i, c, T(0));
    return weight == nullptr ? v : v * take(weight + i, c, T(0));
  };
  const auto z = [&](int64_t i, int64_t c) { return (take(x + i, c, T(0)) - center) * scale; };
  const Total n = static_cast<Total>(columns);
  const V mean_h = splat<V>(T(sum_registers<T>(columns, h) / n));
  const V mean_hz = splat<V>(T(sum_registers<T>(columns, [&](int64_t i, int64_t c) { return h(i, c) * z(i, c); }) / n));
  each_register<T>(columns,
                   [&](int64_t i, int64_t c) { put(gx + i, scale * (h(i, c) - mean_h - z(i, c) * mean_hz), c); });
}

/** Adds a row's g z and g to the sums of its block; either may be null. */
template <class T>
FL_HD void add_row(int64_t columns, const T* g, const T* x, T mean, T rstd, T* weight_sums, T* bias_sums) {
  if (weight_sums != nullptr) {
    FL_INDEPENDENT for (int64_t c = 0; c < columns; ++c) weight_sums[c] += g[c] * ((x[c] - mean) * rstd);
  }
  if (bias_sums != nullptr) {
    FL_INDEPENDENT for (int64_t c = 0; c < columns; ++c) bias_sums[c] += g[c];
  }
}

/** y = the sum of the blocks, in order. */
template <class T> FL_HD void merge_blocks(int64_t blocks, int64_t columns, const T* sums, T* y) {
  parallel_for(columns, 1.5 * static_cast<double>(blocks), [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; ++c) {
      typename SumOf<T>::Total total = 0;
      for (int64_t b = 0; b < blocks; ++b) total += sums[b * columns + c];
      y[c] = T(total);
    }
  });
}

template <class T>
int32_t backward(int64_t rows, int64_t columns, const T* g, const T* x, const T* mean, const T* rstd, const T* weight,
                 T* gx, T* gweight, T* gbias) {
  const int64_t blocks = (rows + kRows - 1) / kRows, all = blocks * columns;
  const Scratch<T> weight_sums(gweight == nullptr ? 1 : all);
  const Scratch<T> bias_sums(gbias == nullptr ? 1 : all);
  if (!weight_sums || !bias_sums) return out_of_memory("layer_norm_grad");
  parallel_for(blocks, 0.5 * static_cast<double>(min_of(rows, kRows) * columns), [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) {
      T* of_weight = gweight == nullptr ? nullptr : weight_sums.get() + b * columns;
      T* of_bias = gbias == nullptr ? nullptr : bias_sums.get() + b * columns;
      for (int64_t c = 0; of_weight != nullptr && c < columns; ++c) of_weight[c] = 0;
      for (int64_t c = 0; of_bias != nullptr && c < columns; ++c) of_bias[c] = 0;
      for (int64_t r = b * kRows; r < min_of(rows, (b + 1) * kRows); ++r) {
        const T* row_g = g + r * columns;
        const T* row_x = x + r * columns;
        if (gx != nullptr) backward_row(columns, row_g, row_x, mean[r], rstd[r], weight, gx + r * columns);
        add_row(columns, row_g, row_x, mean[r], rstd[r], of_weight, of_bias);
      }
    }
  });
  if (gweight != nullptr) merge_blocks(blocks, columns, weight_sums.get(), gweight);
  if (gbias != nullptr) merge_blocks(blocks, columns, bias_sums.get(), gbias);
  return FL_OK;
}

}  // namespace norm_ops

FL_KERNEL int32_t layer_norm(int32_t dtype, int64_t rows, int64_t columns, fl_address x, fl_address weight,
                             fl_address bias, fl_address y, fl_address mean, fl_address rstd, double eps) {
  return visit<kFloats>("layer_norm", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    const bool streams = should_stream_lines(rows, columns, pointer<const T>(x), pointer<const T>(y));
    parallel_for(rows, 0.3 * static_cast<double>(columns) + 20, [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) {
        norm_ops::forward_row(columns, pointer<const T>(x) + r * columns, pointer<const T>(weight),
                              pointer<const T>(bias), pointer<T>(y) + r * columns, pointer<T>(mean) + r,
                              pointer<T>(rstd) + r, eps, streams);
      }
      if (streams) stream_fence();
    });
    return FL_OK;
  });
}

FL_KERNEL int32_t layer_norm_grad(int32_t dtype, int64_t rows, int64_t columns, fl_address g, fl_address x,
                                  fl_address mean, fl_address rstd, fl_address weight, fl_address gx,
                                  fl_address gweight, fl_address gbias) {
  return visit<kFloats>("layer_norm_grad", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    return norm_ops::backward(rows, columns, pointer<const T>(g), pointer<const T>(x), pointer<const T>(mean),
                              pointer<const T>(rstd), pointer<const T>(weight), pointer<T>(gx), pointer<T>(gweight),
                              pointer<T>(gbias));
  });
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
