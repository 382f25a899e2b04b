/* One number or a register of numbers under the same template: types, loads, stores, selection, bits. */
#ifndef FLAMBEAU_SHARED_LANES_H
#define FLAMBEAU_SHARED_LANES_H
#include "dtype.h"

namespace flambeau {
namespace FL_ISA {

/* The type of a register's lanes; a plain number's own. Only declared. */
template <class T> struct Plain { using type = T; };
template <class T> struct Plain<T&> { using type = T; };
template <class T> auto lane_of(int) -> typename Plain<decltype(T{}[0])>::type;
template <class T> T lane_of(...);

/** What one lane of T holds, and how many there are: one for a plain number. */
template <class T> struct Lanes {
  using Element = decltype(lane_of<T>(0));
  static constexpr int count = sizeof(T) / sizeof(Element);
};
/** Signed integers of the same width, lane by lane. */
template <class T> struct BitsOf;
template <> struct BitsOf<float> { using type = int32_t; };
template <> struct BitsOf<double> { using type = int64_t; };

#if !defined(__CUDACC__)
template <class T> struct VecOf { typedef T type __attribute__((vector_size(FL_VECTOR_BYTES))); };
/** One register of Ts. */
template <class T> using Vec = typename VecOf<T>::type;
template <class T> constexpr int kLanes = FL_VECTOR_BYTES / static_cast<int>(sizeof(T));
using VecFloat = Vec<float>;
using VecDouble = Vec<double>;
using VecInt64 = Vec<int64_t>;
using VecInt32 = Vec<int32_t>;
typedef float HalfFloat __attribute__((vector_size(FL_VECTOR_BYTES / 2)));

template <> struct BitsOf<VecFloat> { using type = VecInt32; };
template <> struct BitsOf<VecDouble> { using type = VecInt64; };

/** Lanes.count elements from p, of any alignment. */
template <class V> FL_HD V load(const typename Lanes<V>::Element* p) {
  V v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
template <class V> FL_HD void store(typename Lanes<V>::Element* p, V v) { __builtin_memcpy(p, &v, sizeof v); }
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

/** a > b ? a : b, lane by lane: b where either is NaN. On registers one instruction, which compilers do not find. */
template <class T> FL_HD T greater_of(T a, T b) {
#if FL_X86 && !defined(__CUDACC__)
  if constexpr (IsSame<T, VecFloat>::value) {
#if FL_VECTOR_BYTES == 64
    return (T)_mm512_maskz_max_ps(0xffff, (__m512)a, (__m512)b);
#elif FL_VECTOR_BYTES == 32
    return (T)_mm256_max_ps((__m256)a, (__m256)b);
#else
    return (T)_mm_max_ps((__m128)a, (__m128)b);
#endif
  }
#endif
  return select(a > b, a, b);
}
/** a < b ? a : b, lane by lane: b where either is NaN. */
template <class T> FL_HD T less_of(T a, T b) {
#if FL_X86 && !defined(__CUDACC__)
  if constexpr (IsSame<T, VecFloat>::value) {
#if FL_VECTOR_BYTES == 64
    return (T)_mm512_maskz_min_ps(0xffff, (__m512)a, (__m512)b);
#elif FL_VECTOR_BYTES == 32
    return (T)_mm256_min_ps((__m256)a, (__m256)b);
#else
    return (T)_mm_min_ps((__m128)a, (__m128)b);
#endif
  }
#endif
  return select(a < b, a, b);
}

template <class T> constexpr bool kIsSingle = IsSame<typename Lanes<T>::Element, float>::value;

#if !defined(__CUDACC__)
/** The lanes' numbers, as integers of their width. */
template <class V> FL_HD typename BitsOf<V>::type lane_numbers() {
  typename BitsOf<V>::type index = {};
  using Bit = typename Lanes<typename BitsOf<V>::type>::Element;
  for (int i = 0; i < Lanes<V>::count; ++i) index[i] = static_cast<Bit>(i);
  return index;
}
/** True (all bits) in the first count lanes. */
template <class V> FL_HD typename BitsOf<V>::type first_lanes(int64_t count) {
  using Bits = typename BitsOf<V>::type;
  return lane_numbers<V>() < splat<Bits>(static_cast<typename Lanes<Bits>::Element>(count));
}
/** True in one lane. */
template <class V> FL_HD typename BitsOf<V>::type only_lane(int64_t lane) {
  using Bits = typename BitsOf<V>::type;
  return lane_numbers<V>() == splat<Bits>(static_cast<typename Lanes<Bits>::Element>(lane));
}

/** The first count elements, fewer than a register holds; the other lanes hold fill. Floats and doubles. */
template <class V>
FL_HD V load_some(const typename Lanes<V>::Element* p, int64_t count, typename Lanes<V>::Element fill) {
#if FL_X86 && FL_VECTOR_BYTES == 64
  const unsigned mask = (1u << count) - 1;
  if constexpr (sizeof(*p) == 4) {
    return (V)_mm512_mask_loadu_ps((__m512)splat<V>(fill), static_cast<__mmask16>(mask), p);
  } else {
    return (V)_mm512_mask_loadu_pd((__m512d)splat<V>(fill), static_cast<__mmask8>(mask), p);
  }
#elif FL_X86 && FL_VECTOR_BYTES == 32
  const auto mask = first_lanes<V>(count);
  if constexpr (sizeof(*p) == 4) {
    return select(mask, (V)_mm256_maskload_ps(p, (__m256i)mask), splat<V>(fill));
  } else {
    return select(mask, (V)_mm256_maskload_pd(p, (__m256i)mask), splat<V>(fill));
  }
#else
  V v = splat<V>(fill);
  for (int i = 0; i < Lanes<V>::count - 1; ++i) {
    if (i < count) v[i] = p[i];
  }
  return v;
#endif
}

/** Lane j changes places with lane j ^ kHalf. Floats and doubles. */
template <int kHalf, class V> FL_HD V swap_halves(V v) {
#if FL_X86
  constexpr int kBytes = kHalf * static_cast<int>(sizeof(typename Lanes<V>::Element));
#if FL_VECTOR_BYTES == 64
  constexpr __mmask8 kAll = 0xff;
  if constexpr (kBytes == 32) return (V)_mm512_maskz_shuffle_f64x2(kAll, (__m512d)v, (__m512d)v, 0x4e);
  if constexpr (kBytes == 16) return (V)_mm512_maskz_shuffle_f64x2(kAll, (__m512d)v, (__m512d)v, 0xb1);
  if constexpr (kBytes == 8) return (V)_mm512_maskz_permute_pd(kAll, (__m512d)v, 0x55);
  if constexpr (kBytes == 4) return (V)_mm512_maskz_permute_ps(0xffff, (__m512)v, 0xb1);
#elif FL_VECTOR_BYTES == 32
  if constexpr (kBytes == 16) return (V)_mm256_permute2f128_pd((__m256d)v, (__m256d)v, 1);
  if constexpr (kBytes == 8) return (V)_mm256_permute_pd((__m256d)v, 5);
  if constexpr (kBytes == 4) return (V)_mm256_permute_ps((__m256)v, 0xb1);
#else
  if constexpr (kBytes == 8) return (V)_mm_shuffle_pd((__m128d)v, (__m128d)v, 1);
  if constexpr (kBytes == 4) return (V)_mm_shuffle_ps((__m128)v, (__m128)v, 0xb1);
#endif
#else
  V swapped = v;
  for (int i = 0; i < Lanes<V>::count; ++i) swapped[i] = v[i ^ kHalf];
  return swapped;
#endif
}
/** The lanes brought to one by f in halves, lane j with lane j + half; every lane of the answer holds it. */
template <class V, class F, int kHalf = Lanes<V>::count / 2> FL_HD V fold(V v, const F& f) {
  if constexpr (kHalf == 0) {
    return v;
  } else {
    return fold<V, F, kHalf / 2>(f(v, swap_halves<kHalf>(v)), f);
  }
}

/** A non-temporal store, where the processor has one. p is aligned to the register's size. */
template <class V> FL_HD void store_streaming(typename Lanes<V>::Element* p, V v) {
#if FL_X86 && FL_VECTOR_BYTES == 64
  _mm512_stream_si512(reinterpret_cast<__m512i*>(p), (__m512i)v);
#elif FL_X86 && FL_VECTOR_BYTES == 32
  _mm256_stream_si256(reinterpret_cast<__m256i*>(p), (__m256i)v);
#elif FL_X86
  _mm_stream_si128(reinterpret_cast<__m128i*>(p), (__m128i)v);
#else
  store(p, v);
#endif
}
/** Orders non-temporal stores before whatever follows. */
FL_HD void stream_fence() {
#if FL_X86
  _mm_sfence();
#endif
}

/** The first count lanes to p. */
template <class V> FL_HD void store_some(typename Lanes<V>::Element* p, V v, int64_t count) {
#if FL_X86 && FL_VECTOR_BYTES == 64
  const unsigned mask = (1u << count) - 1;
  if constexpr (sizeof(*p) == 4) {
    _mm512_mask_storeu_ps(p, static_cast<__mmask16>(mask), (__m512)v);
  } else {
    _mm512_mask_storeu_pd(p, static_cast<__mmask8>(mask), (__m512d)v);
  }
#elif FL_X86 && FL_VECTOR_BYTES == 32
  if constexpr (sizeof(*p) == 4) {
    _mm256_maskstore_ps(p, (__m256i)first_lanes<V>(count), (__m256)v);
  } else {
    _mm256_maskstore_pd(p, (__m256i)first_lanes<V>(count), (__m256d)v);
  }
#else
  for (int i = 0; i < Lanes<V>::count - 1; ++i) {
    if (i < count) p[i] = v[i];
  }
#endif
}
#endif

}  // namespace FL_ISA
}  // namespace flambeau
#endif
