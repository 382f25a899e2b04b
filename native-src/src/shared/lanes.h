/* One number or a register of numbers under the same template: types, loads, stores, selection, bits. */
#ifndef FLAMBEAU_SHARED_LANES_H
#define FLAMBEAU_SHARED_LANES_H
#include "dtype.h"

namespace flambeau {
namespace FL_ISA {

/** What one lane of T holds, and how many there are: one for a plain number. */
template <class T> struct Lanes {
  using Element = T;
  static constexpr int count = 1;
};
/** Signed integers of the same width, lane by lane. */
template <class T> struct BitsOf;
template <> struct BitsOf<float> { using type = int32_t; };
template <> struct BitsOf<double> { using type = int64_t; };

#if !defined(__CUDACC__)
typedef float VecFloat __attribute__((vector_size(FL_VECTOR_BYTES)));
typedef double VecDouble __attribute__((vector_size(FL_VECTOR_BYTES)));
typedef int64_t VecInt64 __attribute__((vector_size(FL_VECTOR_BYTES)));
typedef int32_t VecInt32 __attribute__((vector_size(FL_VECTOR_BYTES)));
typedef uint8_t VecUint8 __attribute__((vector_size(FL_VECTOR_BYTES)));
typedef float HalfFloat __attribute__((vector_size(FL_VECTOR_BYTES / 2)));

template <class T> struct VecOf;
template <> struct VecOf<float> { using type = VecFloat; };
template <> struct VecOf<double> { using type = VecDouble; };
template <> struct VecOf<int64_t> { using type = VecInt64; };
template <> struct VecOf<int32_t> { using type = VecInt32; };
template <> struct VecOf<uint8_t> { using type = VecUint8; };
/** One register of Ts. */
template <class T> using Vec = typename VecOf<T>::type;
template <class T> constexpr int kLanes = FL_VECTOR_BYTES / static_cast<int>(sizeof(T));

template <> struct Lanes<VecFloat> {
  using Element = float;
  static constexpr int count = kLanes<float>;
};
template <> struct Lanes<VecDouble> {
  using Element = double;
  static constexpr int count = kLanes<double>;
};
template <> struct Lanes<VecInt64> {
  using Element = int64_t;
  static constexpr int count = kLanes<int64_t>;
};
template <> struct Lanes<VecInt32> {
  using Element = int32_t;
  static constexpr int count = kLanes<int32_t>;
};
template <> struct Lanes<VecUint8> {
  using Element = uint8_t;
  static constexpr int count = kLanes<uint8_t>;
};
template <> struct BitsOf<VecFloat> { using type = VecInt32; };
template <> struct BitsOf<VecDouble> { using type = VecInt64; };

/** Lanes.count elements from p, of any alignment. */
template <class V> FL_HD V load(const typename Lanes<V>::Element* p) {
  V v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
template <class V> FL_HD void store(typename Lanes<V>::Element* p, V v) { __builtin_memcpy(p, &v, sizeof v); }
/** The first count elements; the other lanes hold fill. */
template <class V>
FL_HD V load_some(const typename Lanes<V>::Element* p, int64_t count, typename Lanes<V>::Element fill) {
  typename Lanes<V>::Element all[Lanes<V>::count];
  for (int i = 0; i < Lanes<V>::count; ++i) all[i] = fill;
  for (int64_t i = 0; i < count; ++i) all[i] = p[i];
  return load<V>(all);
}
template <class V> FL_HD void store_some(typename Lanes<V>::Element* p, V v, int64_t count) {
  typename Lanes<V>::Element all[Lanes<V>::count];
  store(all, v);
  for (int64_t i = 0; i < count; ++i) p[i] = all[i];
}
#endif

/** The same number in every lane. */
template <class T> FL_HD T splat(typename Lanes<T>::Element c) {
  if constexpr (Lanes<T>::count == 1) {
    return c;
  } else {
    return c - T{};  // not c + 0: that would lose the sign of -0
  }
}
/** A constant. */
template <class T> FL_HD T lit(double c) { return splat<T>(static_cast<typename Lanes<T>::Element>(c)); }

/** mask ? a : b, lane by lane. */
template <class M, class T> FL_HD T select(M mask, T a, T b) { return mask ? a : b; }

template <class T> FL_HD typename BitsOf<T>::type bits_of(T x) {
  typename BitsOf<T>::type bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits;
}
template <class T> FL_HD T from_bits(typename BitsOf<T>::type bits) {
  T x;
  __builtin_memcpy(&x, &bits, sizeof x);
  return x;
}

template <class T> constexpr bool kIsSingle = IsSame<typename Lanes<T>::Element, float>::value;

}  // namespace FL_ISA
}  // namespace flambeau
#endif
