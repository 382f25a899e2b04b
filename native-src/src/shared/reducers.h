/*
 * Reductions as monoids. A lane takes elements one after another: step(lane, x). Lanes of one block (a few thousand
 * elements at most) are widened and merged; blocks are merged in order: merge(a, b); finish gives the result.
 * `registers`: step and lane work on Vec<T> too.
 */
#ifndef FLAMBEAU_SHARED_REDUCERS_H
#define FLAMBEAU_SHARED_REDUCERS_H
#include "binary_functors.h"

namespace flambeau {
namespace FL_ISA {

/** What blocks of a sum are merged in: double for float; integers as int64 has them, whose bits wrap. */
template <class T, bool = IsWhole<T>::value> struct Wider { using type = T; };
template <class T> struct Wider<T, true> { using type = uint64_t; };
template <> struct Wider<float> { using type = double; };

/** A lane of a sum: T, or for a narrow integer one that holds the sum of a block of it. */
template <class T, bool = IsWhole<T>::value> struct SumLane { using type = T; };
template <class T> struct SumLane<T, true> { using type = uint64_t; };
template <> struct SumLane<uint8_t> { using type = uint32_t; };
template <> struct SumLane<int8_t> { using type = int32_t; };
template <> struct SumLane<int16_t> { using type = int32_t; };

/** What stands for T in sums and products: the sign matters to what is widened, and to nothing else. */
template <class T> struct Addend { using type = T; };
template <> struct Addend<int64_t> { using type = uint64_t; };

/** What a sum or a product of Ts is: int64 of integers. */
template <class T, bool = IsWhole<T>::value> struct SumResult { using type = T; };
template <class T> struct SumResult<T, true> { using type = int64_t; };

/** Sum. Float lanes are short (a block has many), and merged in double. */
template <class T> struct SumOf {
  using Lane = typename SumLane<T>::type;
  using Total = typename Wider<T>::type;
  using Result = typename SumResult<T>::type;
  static constexpr bool registers = IsSame<Lane, T>::value;
  FL_HD static Lane lane() { return 0; }
  template <class V, class X> FL_HD static V step(V lane, X x) {
    if constexpr (Lanes<V>::count == 1) {
      return Add().value(lane, static_cast<V>(x));
    } else {
      return lane + x;
    }
  }
  FL_HD static Total widen(Lane lane) { return static_cast<Total>(lane); }
  FL_HD static Total merge(Total a, Total b) { return Add().value(a, b); }
  FL_HD static Result finish(Total total, int64_t) { return static_cast<Result>(total); }
};

template <class T> struct MeanOf : SumOf<T> {
  FL_HD static T finish(typename SumOf<T>::Total total, int64_t len) {
    return T(total / static_cast<typename SumOf<T>::Total>(len));
  }
};

/** Product; of floats in double, since lanes see other partial products than a loop would; of integers in int64. */
template <class T> struct ProductOf {
  using Lane = typename Wider<T>::type;
  using Total = Lane;
  using Result = typename SumResult<T>::type;
  static constexpr bool registers = false;
  FL_HD static Lane lane() { return 1; }
  FL_HD static Lane step(Lane lane, T x) { return Mul().value(lane, static_cast<Lane>(x)); }
  FL_HD static Total widen(Lane lane) { return lane; }
  FL_HD static Total merge(Total a, Total b) { return Mul().value(a, b); }
  FL_HD static Result finish(Total total, int64_t) { return static_cast<Result>(total); }
};

/** The least value a maximum can start from, and the greatest a minimum can. */
template <class T> struct Least {
  static constexpr T value = T(-1) < T(0) ? T(uint64_t{1} << (8 * sizeof(T) - 1)) : T(0), other = T(~value);
};
template <> struct Least<float> { static constexpr float value = -__builtin_inff(), other = __builtin_inff(); };
template <> struct Least<double> { static constexpr double value = -__builtin_inf(), other = __builtin_inf(); };

/** The greatest element (kGreatest) or the least; NaN wins. */
template <class T, bool kGreatest> struct ExtremeOf {
  using Lane = T;
  using Total = T;
  using Result = T;
  static constexpr bool registers = true;
  FL_HD static Lane lane() { return kGreatest ? Least<T>::value : Least<T>::other; }
  template <class V> FL_HD static V step(V lane, V x) {
    if constexpr (kGreatest) {
      return select((x > lane) | (x != x), x, lane);
    } else {
      return select((x < lane) | (x != x), x, lane);
    }
  }
  FL_HD static Total widen(Lane lane) { return lane; }
  FL_HD static Total merge(Total a, Total b) { return step(a, b); }
  FL_HD static Result finish(Total total, int64_t) { return total; }
};

/** Is any element not 0? */
template <class T> struct AnyOf {
  using Lane = uint8_t;
  using Total = uint8_t;
  using Result = uint8_t;
  static constexpr bool registers = false;
  FL_HD static Lane lane() { return 0; }
  FL_HD static Lane step(Lane lane, T x) { return Lane(lane | (x != T(0))); }
  FL_HD static Total widen(Lane lane) { return lane; }
  FL_HD static Total merge(Total a, Total b) { return Total(a | b); }
  FL_HD static Result finish(Total total, int64_t) { return total; }
};

/** Are all elements not 0? */
template <class T> struct AllOf {
  using Lane = uint8_t;
  using Total = uint8_t;
  using Result = uint8_t;
  static constexpr bool registers = false;
  FL_HD static Lane lane() { return 1; }
  FL_HD static Lane step(Lane lane, T x) { return Lane(lane & (x != T(0))); }
  FL_HD static Total widen(Lane lane) { return lane; }
  FL_HD static Total merge(Total a, Total b) { return Total(a & b); }
  FL_HD static Result finish(Total total, int64_t) { return total; }
};

}  // namespace FL_ISA
}  // namespace flambeau
#endif
