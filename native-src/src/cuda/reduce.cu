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

/** Is any element not 0? Or, inverted on both ways, are all? */
template <class T> struct LoadTruth {
  using Element = T;
  const T* x;
  bool inverted;
  __device__ uint8_t value(T element, int64_t, int64_t) const {
    return (to_compute(element) != Compute<T>(0)) != inverted;
  }
};
struct StoreTruth {
  uint8_t* y;
  bool inverted;
  __device__ void operator()(int64_t output, uint8_t total) const { y[output] = (total != 0) != inverted; }
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

/** Ts to Ys. count: how many elements a mean is of. */
template <class R, class T, class Y = T>
int32_t reduce_to(Device& d, int64_t outer, int64_t len, int64_t inner, const T* x, fl_address y, int64_t count) {
  return reduce_by<R>(d, "reduce", outer, len, inner, LoadFrom<T>{x}, StoreTo<R, Y>{pointer<Y>(y), count});
}

template <class T>
int32_t truth(Device& d, bool all, int64_t outer, int64_t len, int64_t inner, const T* x, fl_address y) {
  return reduce_by<AnyOf<uint8_t>>(d, "reduce", outer, len, inner, LoadTruth<T>{x, all},
                                   StoreTruth{pointer<uint8_t>(y), all});
}

}  // namespace

int32_t reduce(Device& d, int32_t op, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x,
               fl_address y) {
  if (op == FL_REDUCE_AMAX || op == FL_REDUCE_AMIN) {
    return reduce_extreme(d, op == FL_REDUCE_AMAX, dtype, outer, len, inner, x, y);
  }
  return visit<kComputed>("reduce", dtype, [&](auto tag) -> int32_t {
    using T = Signless<Byte<decltype(tag.value)>>;
    using C = Compute<T>;
    const T* from = pointer<const T>(x);
    switch (op) {
      case FL_REDUCE_ANY: return truth(d, false, outer, len, inner, from, y);
      case FL_REDUCE_ALL: return truth(d, true, outer, len, inner, from, y);
      default: break;
    }
    if constexpr (IsFloating<C>::value) {
      // A sum is the mean of one element each.
      if (op == FL_REDUCE_SUM) return reduce_to<MeanOf<C>, T>(d, outer, len, inner, from, y, 1);
      if (op == FL_REDUCE_PROD) return reduce_to<ProductOf<C>, T>(d, outer, len, inner, from, y, len);
      if (op == FL_REDUCE_MEAN) return reduce_to<MeanOf<C>, T>(d, outer, len, inner, from, y, len);
      if (op == FL_REDUCE_LOGSUMEXP) return reduce_to<LogSumExp<C>, T>(d, outer, len, inner, from, y, len);
    } else {
      using N = typename Addend<Byte<decltype(tag.value)>>::type;
      const N* numbers = pointer<const N>(x);
      if (op == FL_REDUCE_SUM) return reduce_to<SumOf<N>, N, int64_t>(d, outer, len, inner, numbers, y, len);
      if (op == FL_REDUCE_PROD) return reduce_to<ProductOf<N>, N, int64_t>(d, outer, len, inner, numbers, y, len);
    }
    return kNoOp;
  });
}

int32_t moments(Device& d, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x, fl_address mean,
                fl_address variance, double correction) {
  return visit<kFloats>("moments", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    const double left = static_cast<double>(len) - correction;
    return reduce_by<MomentsOf<Compute<T>>>(
        d, "moments", outer, len, inner, LoadFrom<T>{pointer<const T>(x)},
        StoreMoments<T>{pointer<T>(mean), pointer<T>(variance), left > 0 ? left : 0});
  });
}

}  // namespace device
}  // namespace flambeau
