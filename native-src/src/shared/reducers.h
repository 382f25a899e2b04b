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

/** What blocks of a sum are merged in: double for float. */
template <class T> struct Wider { using type = T; };
template <> struct Wider<float> { using type = double; };

/** Sum. Float lanes are short (a block has many), and merged in double. */
template <class T> struct SumOf {
  using Lane = T;
  using Total = typename Wider<T>::type;
  using Result = T;
  static constexpr bool registers = true;
  FL_HD static Lane lane() { return 0; }
  template <class V> FL_HD static V step(V lane, V x) {
    if constexpr (Lanes<V>::count == 1) {
      return Add().value(lane, x);
    } else {
      return lane + x;
    }
  }
  FL_HD static Total widen(Lane lane) { return Total(lane); }
  FL_HD static Total merge(Total a, Total b) { return Add().value(a, b); }
  FL_HD static Result finish(Total total, int64_t) { return T(total); }
};

template <class T> struct MeanOf : SumOf<T> {
  FL_HD static T finish(typename SumOf<T>::Total total, int64_t len) {
    return T(total / static_cast<typename SumOf<T>::Total>(len));
  }
};

/** Product; of floats in double, since lanes see other partial products than a loop would. */
template <class T> struct ProductOf {
  using Lane = typename Wider<T>::type;
  using Total = Lane;
  using Result = T;
  static constexpr bool registers = false;
  FL_HD static Lane lane() { return 1; }
  FL_HD static Lane step(Lane lane, T x) { return Mul().value(lane, Lane(x)); }
  FL_HD static Total widen(Lane lane) { return lane; }
  FL_HD static Total merge(Total a, Total b) { return Mul().value(a, b); }
  FL_HD static Result finish(Total total, int64_t) { return T(total); }
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
