/* Reductions along an axis. */
#include "../shared/functors.h"
#include "kernels.h"
#include "reduce_by.h"

namespace flambeau {
namespace device {
namespace {

/** ln of a sum of exponentials: the greatest element, and the sum of e^(x - greatest). */
template <class T> struct LogSumExp {
  struct Lane {
    T top, sum;
  };
  using Total = Lane;
  FL_HD static Lane lane() { return {-T(__builtin_inf()), T(0)}; }
  FL_HD static Lane step(Lane lane, T x) { return merge(lane, {x, T(1)}); }
  FL_HD static Total widen(Lane lane) { return lane; }
  FL_HD static Total merge(Total a, Total b) {
    const T top = b.top > a.top || b.top != b.top ? b.top : a.top;
    // Equal tops need no exponential, and infinite ones would give NaN.
    const T left = a.top == top ? a.sum : a.sum == T(0) ? T(0) : a.sum * exp_(a.top - top);
    const T right = b.top == top ? b.sum : b.sum == T(0) ? T(0) : b.sum * exp_(b.top - top);
    return {top, left + right};
  }
  FL_HD static T finish(Total total, int64_t) { return total.top + log_(total.sum); }
};

/** The greatest (or least) element and where it is first; NaN wins, the first one. */
template <class T, bool kGreatest> struct ExtremeAt {
  struct Lane {
    T value;
    int64_t index;
  };
  using Total = Lane;
  FL_HD static Lane lane() { return {T(0), -1}; }
  FL_HD static Lane step(Lane lane, Lane x) { return merge(lane, x); }
  FL_HD static Total widen(Lane lane) { return lane; }
  FL_HD static Total merge(Total a, Total b) {
    if (a.index < 0) return b;
    if (b.index < 0) return a;
    const bool a_nan = a.value != a.value, b_nan = b.value != b.value;
    const bool b_wins = b_nan ? !a_nan : !a_nan && (kGreatest ? b.value > a.value : b.value < a.value);
    const bool tie = (a_nan && b_nan) || a.value == b.value;
    return b_wins || (tie && b.index < a.index) ? b : a;
  }
};
template <class R, class T> struct LoadWithIndex {
  const T* x;
  Lines lines;
  __device__ typename R::Lane operator()(int64_t at, int64_t output) const {
    return {to_compute(x[at]), (at - lines.at(output, 0)) / lines.inner};
  }
};
template <class R, class T> struct StoreWithIndex {
  T* values;
  int64_t* indices;
  __device__ void operator()(int64_t output, typename R::Total total) const {
    if (values != nullptr) values[output] = from_compute<T>(total.value);
    indices[output] = total.index;
  }
};

/* Mean and variance: two passes, the second of squared distances from the first's mean. */
template <class T> using WideOf = typename SumOf<Compute<T>>::Total;
template <class T> struct StoreMean {
  WideOf<T>* means;
  T* mean;
  int64_t len;
  __device__ void operator()(int64_t output, WideOf<T> sum) const {
    means[output] = sum / static_cast<WideOf<T>>(len);
    if (mean != nullptr) mean[output] = from_compute<T>(means[output]);
  }
};
template <class T> struct LoadDistance {
  const T* x;
  const WideOf<T>* means;
  __device__ Compute<T> operator()(int64_t at, int64_t output) const {
    const Compute<T> off = to_compute(x[at]) - static_cast<Compute<T>>(means[output]);
    return off * off;
  }
};
template <class T> struct StoreVariance {
  const WideOf<T>* means;
  T* variance;
  int64_t len;
  double divisor;
  __device__ void operator()(int64_t output, WideOf<T> sum) const {
    const WideOf<T> off = means[output] - static_cast<WideOf<T>>(static_cast<Compute<T>>(means[output]));
    const WideOf<T> exact = sum - static_cast<WideOf<T>>(len) * off * off;  // the center was rounded
    variance[output] = from_compute<T>(exact / static_cast<WideOf<T>>(divisor));
  }
};

template <class R, class T, class Y>
int32_t reduce_to(Device& d, int64_t outer, int64_t len, int64_t inner, const T* x, fl_address y) {
  return reduce_by<R>(d, "reduce", outer, len, inner, LoadFrom<T>{x}, StoreTo<R, Y>{pointer<Y>(y), len});
}

/** Bools are bytes here: their order and their zero are those of uint8. */
int32_t bytes_of(int32_t dtype) { return dtype == FL_BOOL ? int32_t{FL_UINT8} : dtype; }

template <bool kGreatest, class T>
int32_t find_extreme(Device& d, int64_t outer, int64_t len, int64_t inner, const T* x, T* values, int64_t* indices) {
  using R = ExtremeAt<Compute<T>, kGreatest>;
  return reduce_by<R>(d, "reduce_index", outer, len, inner, LoadWithIndex<R, T>{x, {outer, len, inner}},
                      StoreWithIndex<R, T>{values, indices});
}

}  // namespace

int32_t reduce(Device& d, int32_t op, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x,
               fl_address y) {
  if (dtype == FL_BOOL && (op == FL_REDUCE_SUM || op == FL_REDUCE_PROD)) return unsupported("reduce", dtype);
  return visit_numbers("reduce", bytes_of(dtype), [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    using C = Compute<T>;
    const T* from = pointer<const T>(x);
    switch (op) {
      case FL_REDUCE_SUM: return reduce_to<SumOf<C>, T, T>(d, outer, len, inner, from, y);
      case FL_REDUCE_PROD: return reduce_to<ProductOf<C>, T, T>(d, outer, len, inner, from, y);
      case FL_REDUCE_AMAX: return reduce_to<ExtremeOf<C, true>, T, T>(d, outer, len, inner, from, y);
      case FL_REDUCE_AMIN: return reduce_to<ExtremeOf<C, false>, T, T>(d, outer, len, inner, from, y);
      case FL_REDUCE_ANY: return reduce_to<AnyOf<C>, T, uint8_t>(d, outer, len, inner, from, y);
      case FL_REDUCE_ALL: return reduce_to<AllOf<C>, T, uint8_t>(d, outer, len, inner, from, y);
      default: break;
    }
    if constexpr (IsFloating<C>::value) {
      if (op == FL_REDUCE_MEAN) return reduce_to<MeanOf<C>, T, T>(d, outer, len, inner, from, y);
      if (op == FL_REDUCE_LOGSUMEXP) return reduce_to<LogSumExp<C>, T, T>(d, outer, len, inner, from, y);
    }
    return unsupported("reduce", dtype);
  });
}

int32_t reduce_index(Device& d, int32_t op, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x,
                     fl_address values, fl_address indices) {
  return visit_numbers("reduce_index", bytes_of(dtype), [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    const T* from = pointer<const T>(x);
    T* to = pointer<T>(values);
    int64_t* places = pointer<int64_t>(indices);
    return op == FL_INDEX_MAX ? find_extreme<true>(d, outer, len, inner, from, to, places)
                              : find_extreme<false>(d, outer, len, inner, from, to, places);
  });
}

int32_t moments(Device& d, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x, fl_address mean,
                fl_address variance, double correction) {
  return visit_float("moments", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    using R = SumOf<Compute<T>>;
    const Scratch<WideOf<T>> means(d, outer * inner);
    if (!means) return out_of_memory("moments");
    const T* from = pointer<const T>(x);
    const int32_t status = reduce_by<R>(d, "moments", outer, len, inner, LoadFrom<T>{from},
                                        StoreMean<T>{means.get(), pointer<T>(mean), len});
    if (status != FL_OK) return status;
    const double left = static_cast<double>(len) - correction;
    return reduce_by<R>(d, "moments", outer, len, inner, LoadDistance<T>{from, means.get()},
                        StoreVariance<T>{means.get(), pointer<T>(variance), len, left > 0 ? left : 0});
  });
}

}  // namespace device
}  // namespace flambeau
