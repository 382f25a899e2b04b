/* Sequences of numbers: every element follows from its index alone. */
#ifndef FLAMBEAU_SHARED_SEQUENCES_H
#define FLAMBEAU_SHARED_SEQUENCES_H
#include "functors.h"
#include "rounding.h"

namespace flambeau {
namespace FL_ISA {

/** start + i step: of floats computed in double by one rounding, then rounded to T; integers wrap. */
template <class T, bool = IsFloating<T>::value> struct Arange {
  double start, step;
  FL_HD Arange(int64_t start, int64_t step) : start(decode_scalar<double>(start)), step(decode_scalar<double>(step)) {}
  FL_HD T value(int64_t i) const { return static_cast<T>(fma_exact(static_cast<double>(i), step, start)); }
};
template <class T> struct Arange<T, false> {
  uint64_t start, step;
  FL_HD Arange(int64_t start, int64_t step) : start(static_cast<uint64_t>(start)), step(static_cast<uint64_t>(step)) {}
  FL_HD T value(int64_t i) const { return static_cast<T>(start + static_cast<uint64_t>(i) * step); }
};

/** n numbers from start to end, both among them, in T: the first half is counted from start, the rest from end. */
template <class T> struct Linspace {
  T start, end, step;
  int64_t n;
  FL_HD Linspace(int64_t n, int64_t start, int64_t end)
      : start(decode_scalar<T>(start)), end(n > 1 ? decode_scalar<T>(end) : this->start), n(n) {
    step = n > 1 ? (this->end - this->start) / static_cast<T>(n - 1) : T(0);
  }
  FL_HD T value(int64_t i) const {
    const bool first = i < n / 2;
    return fma_exact(first ? step : -step, static_cast<T>(first ? i : n - 1 - i), first ? start : end);
  }
};

}  // namespace FL_ISA
}  // namespace flambeau
#endif
