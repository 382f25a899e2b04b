/* Reductions of (outer, len, inner) along the middle, extremes with their index, and moments. */
#ifndef FLAMBEAU_KERNELS_REDUCE_INL
#define FLAMBEAU_KERNELS_REDUCE_INL
#include "reduce_lines.h"

namespace flambeau {
namespace FL_ISA {
namespace reductions {

template <class R, class T> int32_t reduce_by(int64_t outer, int64_t len, int64_t inner, const T* x, fl_address y) {
  typename R::Result* to = pointer<typename R::Result>(y);
  return reduce_all<R>(
      "reduce", outer, len, inner, x, [](int64_t) { return Itself(); },
      [&](int64_t i, typename R::Total total) { to[i] = R::finish(total, len); });
}

/** ln(sum(e^x)) = m + ln(sum(e^(x - m))), m the maximum; m itself where it is infinite or NaN. */
template <class T> int32_t log_sum_exp(int64_t outer, int64_t len, int64_t inner, const T* x, T* y) {
  using Top = ExtremeOf<T, true>;
  const auto same = [](int64_t) { return Itself(); };
  int32_t status = reduce_all<Top>("logsumexp", outer, len, inner, x, same, [&](int64_t i, T top) { y[i] = top; });
  if (status != FL_OK) return status;
  return reduce_all<SumOf<T>>(
      "logsumexp", outer, len, inner, x,
      [&](int64_t i) { return ExpBelow<T>{abs_(y[i]) < T(__builtin_inf()) ? y[i] : T(0)}; },
      [&](int64_t i, typename SumOf<T>::Total sum) {
        if (abs_(y[i]) < T(__builtin_inf())) y[i] += log_(T(sum));
      });
}

/** The first extreme of a line, by two passes: its value, then its place. */
template <class T, bool kGreatest> FL_HD int64_t index_of_extreme(int64_t len, const T* x, T* extreme) {
  using R = ExtremeOf<T, kGreatest>;
  T best = R::lane();
  for (int64_t i = 0; i < len; i += kLineBlock) {
    best = R::merge(best, block_total<R>(min_of(kLineBlock, len - i), x + i, Itself()));
  }
  *extreme = best;
  constexpr int64_t kChunk = 64;
  int64_t i = 0;
  for (; i + kChunk <= len; i += kChunk) {
    int32_t found = 0;
    for (int64_t j = 0; j < kChunk; ++j) found |= (x[i + j] == best) | ((x[i + j] != x[i + j]) & (best != best));
    if (found != 0) break;
  }
  while (i < len - 1 && !(x[i] == best || (x[i] != x[i] && best != best))) ++i;
  return i;
}

template <class T, bool kGreatest>
int32_t reduce_index_by(int64_t outer, int64_t len, int64_t inner, const T* x, T* values, int64_t* indices) {
  if (inner == 1) {
    parallel_for(outer, 0.05 * sizeof(T) * static_cast<double>(len) + 10, [&](int64_t begin, int64_t end) {
      for (int64_t line = begin; line < end; ++line) {
        T best;
        indices[line] = index_of_extreme<T, kGreatest>(len, x + line * len, &best);
        if (values != nullptr) values[line] = best;
      }
    });
    return FL_OK;
  }
  const int64_t strips = (inner + kStrip - 1) / kStrip;
  const double cost = 0.5 * static_cast<double>(len * min_of(inner, kStrip));
  parallel_for(outer * strips, cost, [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; ++task) {
      const int64_t o = task / strips, column = task % strips * kStrip;
      const int64_t width = min_of(kStrip, inner - column);
      const T* from = x + o * len * inner + column;
      alignas(64) T best[kStrip];
      alignas(64) int64_t place[kStrip];
      for (int64_t c = 0; c < width; ++c) {
        best[c] = from[c];
        place[c] = 0;
      }
      for (int64_t r = 1; r < len; ++r) {
        const T* row = from + r * inner;
        FL_INDEPENDENT for (int64_t c = 0; c < width; ++c) {
          const T v = row[c], b = best[c];
          const bool better = ((kGreatest ? v > b : v < b) | (v != v)) & (b == b);
          best[c] = better ? v : b;
          place[c] = better ? r : place[c];
        }
      }
      for (int64_t c = 0; c < width; ++c) {
        if (values != nullptr) values[o * inner + column + c] = best[c];
        indices[o * inner + column + c] = place[c];
      }
    }
  });
  return FL_OK;
}

}  // namespace reductions

FL_KERNEL int32_t reduce(int32_t op, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x,
                         fl_address y) {
  using namespace reductions;
  return visit<kComputed>("reduce", dtype, [&](auto tag) -> int32_t {
    using T = Byte<decltype(tag.value)>;
    using S = Signless<T>;
    using N = typename Addend<T>::type;
    const T* from = pointer<const T>(x);
    const S* bits = pointer<const S>(x);
    switch (op) {
      case FL_REDUCE_SUM: return reduce_by<SumOf<N>>(outer, len, inner, pointer<const N>(x), y);
      case FL_REDUCE_PROD: return reduce_by<ProductOf<N>>(outer, len, inner, pointer<const N>(x), y);
      case FL_REDUCE_AMAX: return reduce_by<ExtremeOf<T, true>>(outer, len, inner, from, y);
      case FL_REDUCE_AMIN: return reduce_by<ExtremeOf<T, false>>(outer, len, inner, from, y);
      case FL_REDUCE_ANY: return reduce_by<AnyOf<S>>(outer, len, inner, bits, y);
      case FL_REDUCE_ALL: return reduce_by<AllOf<S>>(outer, len, inner, bits, y);
      default: break;
    }
    if constexpr (IsFloating<T>::value) {
      if (op == FL_REDUCE_MEAN) return reduce_by<MeanOf<T>>(outer, len, inner, from, y);
      if (op == FL_REDUCE_LOGSUMEXP) return log_sum_exp(outer, len, inner, from, pointer<T>(y));
    }
    return kNoOp;
  });
}

FL_KERNEL int32_t reduce_index(int32_t op, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x,
                               fl_address values, fl_address indices) {
  return visit<kComputed>("reduce_index", dtype, [&](auto tag) -> int32_t {
    using T = Byte<decltype(tag.value)>;
    const auto find = op == FL_INDEX_MAX ? reductions::reduce_index_by<T, true> : reductions::reduce_index_by<T, false>;
    return find(outer, len, inner, pointer<const T>(x), pointer<T>(values), pointer<int64_t>(indices));
  });
}

FL_KERNEL int32_t moments(int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x, fl_address mean,
                          fl_address variance, double correction) {
  using namespace reductions;
  return visit<kFloats>("moments", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    using Total = typename SumOf<T>::Total;
    const T* from = pointer<const T>(x);
    T* to_mean = pointer<T>(mean);
    T* to_variance = pointer<T>(variance);
    const Scratch<Total> means(outer * inner);
    if (!means) return out_of_memory("moments");
    const int32_t first = reduce_all<SumOf<T>>(
        "moments", outer, len, inner, from, [](int64_t) { return Itself(); },
        [&](int64_t i, Total sum) {
          means[i] = sum / static_cast<Total>(len);
          if (to_mean != nullptr) to_mean[i] = T(means[i]);
        });
    if (first != FL_OK) return first;
    const double left = static_cast<double>(len) - correction;
    const double divisor = left > 0 ? left : 0;
    return reduce_all<SumOf<T>>(
        "moments", outer, len, inner, from, [&](int64_t i) { return SquaredDistance<T>{T(means[i])}; },
        [&](int64_t i, Total sum) {
          const Total off = means[i] - static_cast<Total>(T(means[i]));  // the center was rounded to T
          to_variance[i] = T((sum - static_cast<Total>(len) * off * off) / static_cast<Total>(divisor));
        });
  });
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
