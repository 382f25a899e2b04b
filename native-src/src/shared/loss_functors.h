/* Pointwise losses of an input x and a target t, each beside its slope by x. */
#ifndef FLAMBEAU_SHARED_LOSS_FUNCTORS_H
#define FLAMBEAU_SHARED_LOSS_FUNCTORS_H
#include "functors.h"

namespace flambeau {
namespace FL_ISA {

/** (x - t)^2. */
struct SquaredError {
  template <class T> FL_HD T value(T x, T t) const { return (x - t) * (x - t); }
  template <class T> FL_HD T grad(T g, T x, T t) const { return lit<T>(2) * (x - t) * g; }
};
/** |x - t|; slope 0 where they meet. */
struct AbsoluteError {
  template <class T> FL_HD T value(T x, T t) const { return abs_(x - t); }
  template <class T> FL_HD T grad(T g, T x, T t) const {
    return select(x == t, lit<T>(0), select(x > t, g, select(x < t, -g, x - t)));
  }
};
/** -(t ln x + (1 - t) ln(1 - x)), logarithms not below -100; the slope's denominator not below 1e-12. */
struct CrossEntropyOfProbability {
  template <class T> FL_HD T value(T x, T t) const {
    const T least = lit<T>(-100);
    T yes = log_(x), no = log1p_(-x);
    yes = select(yes < least, least, yes);
    no = select(no < least, least, no);
    return (t - lit<T>(1)) * no - t * yes;
  }
  template <class T> FL_HD T grad(T g, T x, T t) const {
    const T product = (lit<T>(1) - x) * x;
    return g * (x - t) / select(product < lit<T>(1e-12), lit<T>(1e-12), product);
  }
};
/** The same of sigmoid(x), without forming it: (1 - t) x + max(-x, 0) + ln(1 + e^-|x|). */
struct CrossEntropyOfLogit {
  template <class T> FL_HD T value(T x, T t) const {
    const T below = select(x < lit<T>(0), -x, lit<T>(0));
    return (lit<T>(1) - t) * x + below + log1p_exp_below(abs_(x));
  }
  template <class T> FL_HD T grad(T g, T x, T t) const { return (sigmoid_(x) - t) * g; }
};

}  // namespace FL_ISA
}  // namespace flambeau
#endif
