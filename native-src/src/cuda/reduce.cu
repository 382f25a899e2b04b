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
  FL_HD static Lane step(Lane lane, T x) {
    if (x == lane.top) return {x, lane.sum + T(1)};  // infinite ones too, whose difference would be NaN
    const T d = x - lane.top, e = exp_(d > T(0) ? -d : d);
    return d > T(0) || d != d ? Lane{x, lane.sum * e + T(1)} : Lane{lane.top, lane.sum + e};
  }
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
  /** Elements come to a lane in order: the first of equals is there already. */
  FL_HD static Lane step(Lane lane, Lane x) {
    const bool wins = x.value != x.value || (kGreatest ? x.value > lane.value : x.value < lane.value);
    return lane.index < 0 || (wins && lane.value == lane.value) ? x : lane;
  }
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
  using Element = T;
  const T* x;
  __device__ typename R::Lane value(T element, int64_t, int64_t k) const { return {to_compute(element), k}; }
};
template <class R, class T> struct StoreWithIndex {
  T* values;
  int64_t* indices;
  __device__ void operator()(int64_t output, typename R::Total total) const {
    if (values != nullptr) values[output] = from_compute<T>(total.value);
    indices[output] = total.index;
  }
};

/**
 * Count, mean and the sum of squared distances from it, in one pass. A lane adds up distances from its first element:
 * that one is among the elements, so a run of n loses at most a factor n to cancellation, however far all lie from 0.
 * Runs are merged as T. Chan, G. Golub and R. LeVeque do ("Algorithms for computing the sample variance", 1983), the
 * mean in two parts, so that nothing but distances is ever rounded.
 */
template <class T> struct MomentsOf {
  struct Lane {
    T pivot, sum, squares;
    int count;
  };
  struct Total {
    T pivot, shift, squares, count;  // the mean is pivot + shift
  };
  FL_HD static Lane lane() { return {T(0), T(0), T(0), 0}; }
  FL_HD static Lane step(Lane lane, T x) {
    const T pivot = lane.count == 0 ? x : lane.pivot, d = x - pivot;
    return {pivot, lane.sum + d, lane.squares + d * d, lane.count + 1};
  }
  FL_HD static Total widen(Lane lane) {
    if (lane.count == 0) return {T(0), T(0), T(0), T(0)};
    const T shift = lane.sum / T(lane.count);
    return {lane.pivot, shift, lane.squares - lane.sum * shift, T(lane.count)};
  }
  FL_HD static Total merge(Total a, Total b) {
    if (b.count == T(0)) return a;
    if (a.count == T(0)) return b;
    const T count = a.count + b.count, part = b.count / count;
    const T apart = (b.pivot - a.pivot) + (b.shift - a.shift);
    return {a.pivot, a.shift + apart * part, a.squares + b.squares + apart * apart * (a.count * part), count};
  }
};
template <class T> struct StoreMoments {
  T *mean, *variance;
  double divisor;
  __device__ void operator()(int64_t output, typename MomentsOf<Compute<T>>::Total all) const {
    if (mean != nullptr) mean[output] = from_compute<T>(all.pivot + all.shift);
    variance[output] = from_compute<T>(all.squares / static_cast<Compute<T>>(divisor));
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
  return reduce_by<R>(d, "reduce_index", outer, len, inner, LoadWithIndex<R, T>{x},
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
    const double left = static_cast<double>(len) - correction;
    return reduce_by<MomentsOf<Compute<T>>>(
        d, "moments", outer, len, inner, LoadFrom<T>{pointer<const T>(x)},
        StoreMoments<T>{pointer<T>(mean), pointer<T>(variance), left > 0 ? left : 0});
  });
}

}  // namespace device
}  // namespace flambeau
