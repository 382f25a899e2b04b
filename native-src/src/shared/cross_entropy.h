/* Cross entropy of one position: its logarithms of probabilities, its loss, and the slopes by its scores. */
#ifndef FLAMBEAU_SHARED_CROSS_ENTROPY_H
#define FLAMBEAU_SHARED_CROSS_ENTROPY_H
#include "scalar_math.h"

namespace flambeau {
namespace FL_ISA {

/**
 * A line of scores brought down to what its probabilities take: the greatest, and ln sum e^(x - top). As two numbers,
 * since their sum would round away small logarithms beside large scores. A pair of log_sums in memory.
 */
template <class C> struct alignas(2 * sizeof(C)) LogSum {
  C top, log_sum;
  template <class V> FL_HD V log_p(V x) const { return (x - splat<V>(top)) - splat<V>(log_sum); }
};

/** How much of a loss is the target's, and how much is spread evenly over the classes. */
template <class C> struct Smoothing {
  C sharp, even;
  bool on;  // else nothing is multiplied by even: 0 times infinity

  FL_HD Smoothing(double s, int64_t classes)
      : sharp(static_cast<C>(1 - s)), even(static_cast<C>(s / static_cast<double>(classes))), on(s != 0) {}
  /** w, log_p: the target's weight and logarithm; all: the sum of weight times logarithm over the classes. */
  FL_HD C loss(C w, C log_p, C all) const {
    const C loss = -w * log_p;
    return on ? sharp * loss - even * all : loss;
  }
};

/** The slope by the score of class c: all p_c - even weight_c, and at the target less sharp. */
template <class C> struct Slopes {
  C all, even, sharp;

  /** Of a position that is ignored: 0, but NaN where the scores are. */
  FL_HD Slopes() : all(0), even(0), sharp(0) {}
  /** g: the loss's gradient; w: the target's weight; weights: the sum of all. */
  FL_HD Slopes(const Smoothing<C>& s, C g, C w, C weights) {
    sharp = s.on ? g * (s.sharp * w) : g * w;
    even = s.on ? g * s.even : C(0);
    all = s.on ? sharp + even * weights : sharp;
  }
};

}  // namespace FL_ISA
}  // namespace flambeau
#endif
