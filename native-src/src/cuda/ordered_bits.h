/* Integers as bits whose unsigned order is theirs: minimum and maximum, signed and unsigned, share a kernel. */
#ifndef FLAMBEAU_CUDA_ORDERED_BITS_H
#define FLAMBEAU_CUDA_ORDERED_BITS_H
#include "launch.h"

namespace flambeau {
namespace device {

/**
 * Maps an integer to bits of which the greatest unsigned value is the wanted extreme, and back: the sign bit of signed
 * integers is flipped, and for a minimum all bits are.
 */
template <class T> struct OrderedBits {
  T bits;
  FL_HD T operator()(T x) const { return T(x ^ bits); }
};
template <class T> OrderedBits<Signless<T>> ordered_bits(bool greatest) {
  using S = Signless<T>;
  const S sign = T(-1) < T(0) ? static_cast<S>(S(1) << (8 * sizeof(T) - 1)) : S(0);
  return {greatest ? sign : static_cast<S>(~sign)};
}

}  // namespace device
}  // namespace flambeau
#endif
