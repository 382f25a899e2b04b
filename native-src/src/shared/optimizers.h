/*
 * Optimizers, a struct each: written once for every instruction set and for the GPU. Formulas and the order of their
 * operations are PyTorch's (https://docs.pytorch.org/docs/stable/optim.html).
 *
 * A struct holds the scalars of a step, which Java computes in double, rounded to the type T that is computed in. `step`
 * changes one parameter p, given its gradient g and what is kept of it: s[0] to s[3] are the row's states. `has` says
 * what there is: bit k that of s[k], and from bit 4 on options of the optimizer's own. `needs` are the bits that are
 * always set, `may_have` those that may be: the CPU has a loop for each combination, in which they are constants.
 *
 * Roundings: PyTorch rounds after each op, and fuses where it adds a multiple of a tensor or of a product. Compilers
 * would choose themselves which product to fuse with a sum; so beside a sum stands no bare a * b, but
 *   plus_product(c, a, b)   c + a * b, rounded once; a product within c, a or b is rounded before
 *   product(a, b)           rounded before it is added to anything
 */
#ifndef FLAMBEAU_SHARED_OPTIMIZERS_H
#define FLAMBEAU_SHARED_OPTIMIZERS_H
#include "error.h"
#include "rounding.h"
#include "scalar_math.h"

namespace flambeau {
namespace FL_ISA {

/** The numbers of a row. */
struct RowNumbers {
  const int64_t* bits;
  FL_HD double operator[](int i) const { return from_bits<double>(bits[i]); }
};

/**
 * Stochastic gradient descent (Sutskever et al. 2013). State: the momentum buffer, with momentum. Numbers: lr, momentum,
 * dampening, weight decay, 1 where the buffer is not yet set and becomes the gradient.
 */
template <class T> struct Sgd {
  static constexpr const char* name = "sgd";
  static constexpr int kBuffer = 1, kFirst = 16, kDecays = 32, kNesterov = 64;
  static constexpr int needs = 0, may_have = kBuffer | kFirst | kDecays | kNesterov;
  static constexpr double ns = 0.4;  // for an element, on one core
  T sign, lr, momentum, undamped, weight_decay;
  int options;

  Sgd() = default;
  Sgd(int32_t flags, RowNumbers x)
      : sign(flags & FL_MAXIMIZE ? T(-1) : T(1)),
        lr(static_cast<T>(x[0])),
        momentum(static_cast<T>(x[1])),
        undamped(static_cast<T>(1 - x[2])),
        weight_decay(static_cast<T>(x[3])),
        options((x[4] != 0 ? kFirst : 0) | (x[3] != 0 ? kDecays : 0) | (flags & FL_NESTEROV ? kNesterov : 0)) {}

  /** b = first ? g : momentum * b + (1 - dampening) * g; p -= lr * (nesterov ? g + momentum * b : b). */
  FL_HD void step(T& p, T g, T* s, int has) const {
    T& b = s[0];
    g = sign * g;
    if (has & kDecays) g = plus_product(g, weight_decay, p);
    if (has & kBuffer) {
      b = has & kFirst ? g : plus_product(momentum * b, undamped, g);
      g = has & kNesterov ? plus_product(g, momentum, b) : b;
    }
    p = plus_product(p, -lr, g);
  }
};

/**
 * Adam (Kingma and Ba 2014), DECOUPLED AdamW (Loshchilov and Hutter 2017). States: the means of the gradient and of its
 * square, and with amsgrad the greatest mean square so far. Numbers, at step t: lr / (1 - beta1^t), beta1, beta2,
 * sqrt(1 - beta2^t), eps, and the weight decay or, DECOUPLED, 1 - lr * weight decay.
 */
template <class T> struct Adam {
  static constexpr const char* name = "adam";
  static constexpr int kMean = 1, kSquare = 2, kGreatest = 4, kPenalizes = 16, kShrinks = 32;
  static constexpr int needs = kMean | kSquare, may_have = kGreatest | kPenalizes | kShrinks;
  static constexpr double ns = 1;
  T sign, step_size, beta1, fresh1, beta2, fresh2, root_correction2, eps, decay;
  int options;

  Adam() = default;
  Adam(int32_t flags, RowNumbers x)
      : sign(flags & FL_MAXIMIZE ? T(-1) : T(1)),
        step_size(static_cast<T>(x[0])),
        beta1(static_cast<T>(x[1])),
        fresh1(static_cast<T>(1 - x[1])),
        beta2(static_cast<T>(x[2])),
        fresh2(static_cast<T>(1 - x[2])),
        root_correction2(static_cast<T>(x[3])),
        eps(static_cast<T>(x[4])),
        decay(static_cast<T>(x[5])),
        options(flags & FL_DECOUPLED ? kShrinks
                : x[5] != 0          ? kPenalizes
                                     : 0) {}

  /** m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; p -= step_size m / (sqrt(v) / root_correction2 + eps). */
  FL_HD void step(T& p, T g, T* s, int has) const {
    T &m = s[0], &v = s[1], &top = s[2];
    g = sign * g;
    if (has & kShrinks) p = product(p, decay);
    if (has & kPenalizes) g = plus_product(g, decay, p);
    m = plus_product(beta1 * m, fresh1, g);
    v = plus_product(beta2 * v, fresh2 * g, g);
    if (has & kGreatest) top = top > v || top != top ? top : v;  // a NaN stays, as in maximum
    const T size = has & kGreatest ? top : v;
    p = p - step_size * m / (sqrt_(size) / root_correction2 + eps);
  }
};

/**
 * RMSprop (Hinton 2012). States: the mean of the gradient's square, the momentum buffer, with momentum, and, centered,
 * the mean of the gradient (Graves 2013). Numbers: lr, alpha, eps, weight decay, momentum.
 */
template <class T> struct RmsProp {
  static constexpr const char* name = "rmsprop";
  static constexpr int kSquare = 1, kBuffer = 2, kMean = 4, kDecays = 16;
  static constexpr int needs = kSquare, may_have = kBuffer | kMean | kDecays;
  static constexpr double ns = 1;
  T sign, lr, alpha, fresh, eps, weight_decay, momentum;
  int options;

  RmsProp() = default;
  RmsProp(int32_t flags, RowNumbers x)
      : sign(flags & FL_MAXIMIZE ? T(-1) : T(1)),
        lr(static_cast<T>(x[0])),
        alpha(static_cast<T>(x[1])),
        fresh(static_cast<T>(1 - x[1])),
        eps(static_cast<T>(x[2])),
        weight_decay(static_cast<T>(x[3])),
        momentum(static_cast<T>(x[4])),
        options(x[3] != 0 ? kDecays : 0) {}

  /** v = alpha v + (1 - alpha) g^2; b = momentum b + g / (sqrt(v - mean^2) + eps); p -= lr b. */
  FL_HD void step(T& p, T g, T* s, int has) const {
    T &v = s[0], &b = s[1], &mean = s[2];
    g = sign * g;
    if (has & kDecays) g = plus_product(g, weight_decay, p);
    v = plus_product(alpha * v, fresh * g, g);
    T spread = v;
    if (has & kMean) {
      mean = plus_product(alpha * mean, fresh, g);
      spread = plus_product(v, -mean, mean);
    }
    const T size = sqrt_(spread) + eps;
    if (has & kBuffer) {
      b = product(momentum, b) + g / size;
      p = plus_product(p, -lr, b);
    } else {
      p = p - lr * g / size;
    }
  }
};

/** An optimizer, to choose a template by. */
template <template <class> class Optimizer> struct OptimizerTag { template <class T> using Of = Optimizer<T>; };

/** Calls f with the tag of a kind's struct. */
template <class F> int32_t visit_optimizer(int32_t kind, const F& f) {
  switch (static_cast<fl_optimizer>(kind)) {  // no default: what is forgotten is a warning
    case FL_SGD: return f(OptimizerTag<Sgd>());
    case FL_ADAM: return f(OptimizerTag<Adam>());
    case FL_RMSPROP: return f(OptimizerTag<RmsProp>());
  }
  return fail(FL_UNSUPPORTED, "step: there is no optimizer %d", kind);
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
