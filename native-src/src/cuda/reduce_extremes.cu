/* The greatest and the least along an axis, and where they are: apart from reduce.cu for the compiler's time. */
#include "kernels.h"
#include "reduce_by.h"
#include "ordered_bits.h"

namespace flambeau {
namespace device {
namespace {

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
/** Elements in their own order. */
template <class T> struct AsTheyAre {
  __device__ T operator()(T x) const { return x; }
};

template <class T> struct LoadOrdered {
  using Element = T;
  const T* x;
  OrderedBits<T> order;
  __device__ T value(T element, int64_t, int64_t) const { return order(element); }
};
template <class T> struct StoreOrdered {
  T* y;
  OrderedBits<T> order;
  __device__ void operator()(int64_t output, T total) const { y[output] = order(total); }
};
template <class R, class T, class Order> struct LoadWithIndex {
  using Element = T;
  const T* x;
  Order order;
  __device__ typename R::Lane value(T element, int64_t, int64_t k) const { return {to_compute(order(element)), k}; }
};
template <class R, class T, class Order> struct StoreWithIndex {
  T* values;
  int64_t* indices;
  Order order;
  __device__ void operator()(int64_t output, typename R::Total total) const {
    if (values != nullptr) values[output] = order(from_compute<T>(total.value));
    indices[output] = total.index;
  }
};

template <bool kGreatest, class T>
int32_t extreme_of(Device& d, int64_t outer, int64_t len, int64_t inner, const T* x, T* y) {
  using R = ExtremeOf<Compute<T>, kGreatest>;
  return reduce_by<R>(d, "reduce", outer, len, inner, LoadFrom<T>{x}, StoreTo<R, T>{y, len});
}
template <class T>
int32_t find_extreme(Device& d, bool greatest, int64_t outer, int64_t len, int64_t inner, const T* x, T* y) {
  if constexpr (IsWhole<T>::value) {
    using S = Signless<T>;
    return reduce_by<ExtremeOf<S, true>>(d, "reduce", outer, len, inner,
                                         LoadOrdered<S>{reinterpret_cast<const S*>(x), ordered_bits<T>(greatest)},
                                         StoreOrdered<S>{reinterpret_cast<S*>(y), ordered_bits<T>(greatest)});
  } else {
    return greatest ? extreme_of<true>(d, outer, len, inner, x, y) : extreme_of<false>(d, outer, len, inner, x, y);
  }
}

template <bool kGreatest, class T, class Order>
int32_t index_in_order(Device& d, int64_t outer, int64_t len, int64_t inner, const T* x, T* values, int64_t* indices,
                       const Order& order) {
  using R = ExtremeAt<Compute<T>, kGreatest>;
  return reduce_by<R>(d, "reduce_index", outer, len, inner, LoadWithIndex<R, T, Order>{x, order},
                      StoreWithIndex<R, T, Order>{values, indices, order});
}
template <class T>
int32_t index_of_extreme(Device& d, bool greatest, int64_t outer, int64_t len, int64_t inner, const T* x, T* values,
                         int64_t* indices) {
  if constexpr (IsWhole<T>::value) {
    using S = Signless<T>;
    return index_in_order<true>(d, outer, len, inner, reinterpret_cast<const S*>(x), reinterpret_cast<S*>(values),
                                indices, ordered_bits<T>(greatest));
  } else {
    return greatest ? index_in_order<true>(d, outer, len, inner, x, values, indices, AsTheyAre<T>())
                    : index_in_order<false>(d, outer, len, inner, x, values, indices, AsTheyAre<T>());
  }
}

}  // namespace

int32_t reduce_extreme(Device& d, bool greatest, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x,
                       fl_address y) {
  return visit<kComputed>("reduce", dtype, [&](auto tag) -> int32_t {
    using T = Byte<decltype(tag.value)>;
    return find_extreme(d, greatest, outer, len, inner, pointer<const T>(x), pointer<T>(y));
  });
}

int32_t reduce_index(Device& d, int32_t op, int32_t dtype, int64_t outer, int64_t len, int64_t inner, fl_address x,
                     fl_address values, fl_address indices) {
  return visit<kComputed>("reduce_index", dtype, [&](auto tag) -> int32_t {
    using T = Byte<decltype(tag.value)>;
    return index_of_extreme(d, op == FL_INDEX_MAX, outer, len, inner, pointer<const T>(x), pointer<T>(values),
                            pointer<int64_t>(indices));
  });
}

}  // namespace device
}  // namespace flambeau
