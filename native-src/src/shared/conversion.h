/* One element as another type's, the same on every device. */
#ifndef FLAMBEAU_SHARED_CONVERSION_H
#define FLAMBEAU_SHARED_CONVERSION_H
#include "half.h"

namespace flambeau {
namespace FL_ISA {

/** x without its fraction; what I cannot hold, and NaN, are I's least number: x86's answer, and so PyTorch's. */
template <class I, class F> FL_HD I truncated(F x) {
  static_assert(sizeof(I) == 8 || sizeof(I) == 4, "int64_t or int32_t");
#if FL_X86 && !defined(__CUDACC__)
  return static_cast<I>(x);  // the instruction does so by itself; comparisons would take the loop twice as long
#else
  constexpr F limit = sizeof(I) == 8 ? F(9223372036854775808.0) : F(2147483648.0);
  return x > -limit - F(1) && x < limit ? static_cast<I>(x) : static_cast<I>(sizeof(I) == 8 ? INT64_MIN : INT32_MIN);
#endif
}

/** The low 8 bits of x without its fraction: -1 becomes 255, as for integers. Of what is not finite 0. */
FL_HD uint8_t low_byte(float x) {
  return static_cast<uint8_t>(truncated<int32_t>(x));  // what that cannot hold is a multiple of 256
}
FL_HD uint8_t low_byte(double x) {
  const double rest = x - 256 * __builtin_trunc(x / 256);  // exact, and of x's sign
  return static_cast<uint8_t>(truncated<int32_t>(rest));
}

template <class From, class To> FL_HD To convert_one(From x) {
  const auto value = to_compute(x);
  constexpr bool fraction = IsFloating<Compute<From>>::value && !IsFloating<Compute<To>>::value;
  if constexpr (IsSame<From, To>::value) {
    return x;
  } else if constexpr (IsSame<To, Bool>::value) {
    return value != Compute<From>(0) ? Bool::yes : Bool::no;
  } else if constexpr (IsSame<From, Bool>::value) {
    return from_compute<To>(static_cast<Compute<To>>(value == Bool::yes));
  } else if constexpr (fraction && IsSame<To, uint8_t>::value) {
    return low_byte(value);
  } else if constexpr (fraction && sizeof(To) < 4) {
    return static_cast<To>(truncated<int32_t>(value));
  } else if constexpr (fraction) {
    return truncated<To>(value);
  } else {
    return from_compute<To>(static_cast<Compute<To>>(value));
  }
}

/** To, or a type to which From converts with the same bits: int8 and uint8 differ only in what int32 cannot hold. */
template <class From, class To> struct LikeOf { using type = To; };
template <class From> struct LikeOf<From, int8_t> { using type = uint8_t; };
template <> struct LikeOf<double, int8_t> { using type = int8_t; };
template <class From, class To> using Like = typename LikeOf<From, To>::type;

/**
 * Calls f with tags of both types, or with the same one twice, an unsigned integer, where elements are moved as they
 * are: whole numbers of one width have the same bits.
 */
template <class F> FL_CALL int32_t visit_pair(const char* op, int32_t from, int32_t to, const F& f) {
  if (from == to) return visit_size(op, from, [&](auto tag) { return f(tag, tag); });
  return visit<kStored>(op, from, [&](auto source) -> int32_t {
    using From = decltype(source.value);
    return visit<kStored>(op, to, [&](auto target) -> int32_t {
      using To = decltype(target.value);
      if constexpr (IsWhole<From>::value && IsWhole<To>::value && sizeof(From) == sizeof(To)) {
        return f(Tag<Signless<From>>(), Tag<Signless<To>>());
      } else {
        return f(source, Tag<Like<From, To>>());
      }
    });
  });
}

/** A scalar argument as the bits of an element, in an unsigned integer of its width. */
template <class U> FL_CALL U element_bits(int32_t dtype, int64_t scalar) {
  U bits = 0;
  visit<kStored>(dtype, 0, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    if constexpr (sizeof(T) == sizeof(U)) {
      const T element = from_compute<T>(decode_scalar<Compute<T>>(scalar));
      __builtin_memcpy(&bits, &element, sizeof bits);
    }
    return 0;
  });
  return bits;
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
