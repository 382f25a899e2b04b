/* One order for signed and unsigned numbers, and for both of its ends. */
#ifndef FLAMBEAU_CUDA_TURNED_H
#define FLAMBEAU_CUDA_TURNED_H
#include "launch.h"

namespace flambeau {
namespace device {

/**
 * The order of unsigned numbers, greatest last, for whole numbers of a width and for both extremes, so that one kernel
 * serves them all: a signed number's sign is turned over, and for the least all bits are.
 */
template <class T> struct Turned {
  T bits;
  FL_HD T operator()(T x) const { return T(x ^ bits); }
};
template <class T> Turned<Signless<T>> turned(bool greatest) {
  using S = Signless<T>;
  const S sign = T(-1) < T(0) ? static_cast<S>(S(1) << (8 * sizeof(T) - 1)) : S(0);
  return {greatest ? sign : static_cast<S>(~sign)};
}

}  // namespace device
}  // namespace flambeau
#endif
