/* Pointwise formulas of two inputs; their gradients are composed of other ops. */
#ifndef FLAMBEAU_SHARED_BINARY_FUNCTORS_H
#define FLAMBEAU_SHARED_BINARY_FUNCTORS_H
#include "functors.h"

namespace flambeau {
namespace FL_ISA {

struct Add {
  template <class T> FL_HD T value(T a, T b) const { return T(Wrap<T>(a) + Wrap<T>(b)); }
};
struct Sub {
  template <class T> FL_HD T value(T a, T b) const { return T(Wrap<T>(a) - Wrap<T>(b)); }
};
struct Mul {
  template <class T> FL_HD T value(T a, T b) const { return T(Wrap<T>(a) * Wrap<T>(b)); }
};
struct Div {
  template <class T> FL_HD T value(T a, T b) const { return a / b; }
};

/** a to the power b. Of integers by squaring; a negative exponent leaves 0, but for bases 1 and -1. */
struct BinaryPow {
  template <class T> FL_HD T value(T a, T b) const {
    if constexpr (IsFloating<T>::value) {
      return pow_(a, b);
    } else {
      if (b < T(0)) return a == T(1) ? T(1) : a == T(-1) && T(-1) < T(0) ? ((b & 1) != 0 ? T(-1) : T(1)) : T(0);
      Wrap<T> result = 1, factor = Wrap<T>(a);
      for (auto left = Wrap<T>(b); left != 0; left >>= 1) {
        if ((left & 1) != 0) result *= factor;
        factor *= factor;
      }
      return T(result);
    }
  }
};

/**
 * The remainder with the divisor's sign. Kernels refuse integer divisors of 0; one that another thread writes after that
 * gives 0, not the processor's exception.
 */
struct Remainder {
  template <class T> FL_HD T value(T a, T b) const {
    if constexpr (IsFloating<T>::value) {
      const T r = fmod_(a, b);
      return r != T(0) && (b < T(0)) != (r < T(0)) ? r + b : r;
    } else {
      if (b == T(0) || (b == T(-1) && T(-1) < T(0))) return T(0);  // the least integer by -1 overflows
      const T r = T(a % b);
      return r != T(0) && (b < T(0)) != (r < T(0)) ? T(r + b) : r;
    }
  }
};

/** Is it an op that divides integers? */
template <class Op, class T> constexpr bool kDivides = IsSame<Op, Remainder>::value && !IsFloating<T>::value;

/* NaN wins in both. */
struct Minimum {
  template <class T> FL_HD T value(T a, T b) const { return (a < b) | (a != a) ? a : b; }
};
struct Maximum {
  template <class T> FL_HD T value(T a, T b) const { return (a > b) | (a != a) ? a : b; }
};

/* Bool's sum and product, of bytes that are 0 or 1. */
struct BitOr {
  template <class T> FL_HD T value(T a, T b) const { return T(a | b); }
};
struct BitAnd {
  template <class T> FL_HD T value(T a, T b) const { return T(a & b); }
};

struct Equal {
  template <class T> FL_HD uint8_t value(T a, T b) const { return a == b; }
};
struct NotEqual {
  template <class T> FL_HD uint8_t value(T a, T b) const { return a != b; }
};
struct Less {
  template <class T> FL_HD uint8_t value(T a, T b) const { return a < b; }
};
struct LessEqual {
  template <class T> FL_HD uint8_t value(T a, T b) const { return a <= b; }
};
struct Greater {
  template <class T> FL_HD uint8_t value(T a, T b) const { return a > b; }
};
struct GreaterEqual {
  template <class T> FL_HD uint8_t value(T a, T b) const { return a >= b; }
};
struct LogicalAnd {
  template <class T> FL_HD uint8_t value(T a, T b) const { return (a != T(0)) & (b != T(0)); }
};
struct LogicalOr {
  template <class T> FL_HD uint8_t value(T a, T b) const { return (a != T(0)) | (b != T(0)); }
};
struct LogicalXor {
  template <class T> FL_HD uint8_t value(T a, T b) const { return (a != T(0)) != (b != T(0)); }
};

}  // namespace FL_ISA
}  // namespace flambeau
#endif
