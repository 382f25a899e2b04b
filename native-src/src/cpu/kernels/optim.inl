/*
 * One step of SGD, Adam and AdamW for all parameters of a group. The formulas and the order of their operations are
 * PyTorch's (https://docs.pytorch.org/docs/stable/optim.html): scalars are computed in double and rounded to the dtype.
 */
#ifndef FLAMBEAU_KERNELS_OPTIM_INL
#define FLAMBEAU_KERNELS_OPTIM_INL
#include "support.h"

namespace flambeau {
namespace FL_ISA {
namespace optimizers {

/**
 * f(row, begin, end) for ranges of elements of every row of a table (`columns` numbers each, the first is the row's
 * size), cut into even shares of the whole, however large or small the rows are.
 */
template <class F> FL_HD void for_rows(int64_t count, const int64_t* table, int64_t columns, double ns, const F& f) {
  int64_t total = 0;
  for (int64_t r = 0; r < count; ++r) total += table[r * columns];
  parallel_blocks(total, ns, [&](int64_t begin, int64_t end) {
    int64_t start = 0;  // where the row begins in the numbering of all elements
    for (int64_t r = 0; r < count && start < end; ++r) {
      const int64_t* row = table + r * columns;
      const int64_t from = max_of(begin - start, 0), to = min_of(end - start, row[0]);
      if (from < to) f(row, from, to);
      start += row[0];
    }
  });
}

/**
 * c + a * b, rounded once where the instruction set can: as PyTorch adds a multiple of one tensor to another. Said
 * aloud because the compiler, left to choose which of two products to fuse, may choose the other.
 */
template <class T> FL_HD T plus_product(T c, T a, T b) {
#if FL_VECTOR_BYTES >= 32 || defined(__aarch64__)
  if constexpr (IsSame<T, float>::value) return __builtin_fmaf(a, b, c);
  return static_cast<T>(__builtin_fma(a, b, c));
#else
  return c + a * b;
#endif
}

/** The scalars of an SGD step in the dtype. */
template <class T> struct SgdStep {
  T lr, momentum, undamped, weight_decay;
  bool decays, nesterov, maximize;
};

enum class Buffer { none, first, used };

/** buffer = first ? gradient : momentum * buffer + (1 - dampening) * gradient; parameter -= lr * direction. */
template <class T, Buffer B>
void sgd_range(const SgdStep<T>& step, int64_t begin, int64_t end, T* parameter, const T* gradient, T* buffer) {
  const SgdStep<T> s = step;
  FL_INDEPENDENT
  for (int64_t i = begin; i < end; ++i) {
    T p = parameter[i], g = s.maximize ? -gradient[i] : gradient[i];
    g = s.decays ? plus_product(g, s.weight_decay, p) : g;
    if constexpr (B != Buffer::none) {
      T b = g;
      if constexpr (B == Buffer::used) b = plus_product(s.momentum * buffer[i], s.undamped, g);
      buffer[i] = b;
      g = s.nesterov ? plus_product(g, s.momentum, b) : b;
    }
    parameter[i] = plus_product(p, -s.lr, g);
  }
}

/** The scalars of an Adam step in the dtype, for one parameter's count of steps. */
template <class T> struct AdamStep {
  T step_size, beta1, fresh1, beta2, fresh2, root_correction2, eps, weight_decay, kept;
  bool decays, decoupled, maximize;

  AdamStep(int32_t flags, int64_t step, double lr, double b1, double b2, double epsilon, double decay)
      : step_size(static_cast<T>(lr / (1 - power(b1, step)))),
        beta1(static_cast<T>(b1)),
        fresh1(static_cast<T>(1 - b1)),
        beta2(static_cast<T>(b2)),
        fresh2(static_cast<T>(1 - b2)),
        root_correction2(static_cast<T>(__builtin_sqrt(1 - power(b2, step)))),
        eps(static_cast<T>(epsilon)),
        weight_decay(static_cast<T>(decay)),
        kept(static_cast<T>(1 - lr * decay)),
        decays(decay != 0),
        decoupled((flags & FL_DECOUPLED) != 0),
        maximize((flags & FL_MAXIMIZE) != 0) {}

  static double power(double base, int64_t step) { return __builtin_pow(base, static_cast<double>(step)); }
};

/**
 * m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; parameter -= lr / (1 - beta1^t) * m / (sqrt(v) /
 * sqrt(1 - beta2^t) + eps). Amsgrad: the greatest v so far instead of v.
 */
template <class T, bool Amsgrad>
void adam_range(const AdamStep<T>& step, int64_t begin, int64_t end, T* parameter, const T* gradient, T* first,
                T* second, T* greatest) {
  const AdamStep<T> s = step;
  // In a loop of its own the decay is rounded, as in PyTorch; below, it could be fused into the step.
  if (s.decays && s.decoupled) {
    for (int64_t i = begin; i < end; ++i) parameter[i] *= s.kept;
  }
  const bool regularizes = s.decays && !s.decoupled;
  FL_INDEPENDENT
  for (int64_t i = begin; i < end; ++i) {
    T p = parameter[i], g = s.maximize ? -gradient[i] : gradient[i];
    g = regularizes ? plus_product(g, s.weight_decay, p) : g;
    T m = plus_product(s.beta1 * first[i], s.fresh1, g);
    T v = plus_product(s.beta2 * second[i], s.fresh2 * g, g);
    first[i] = m;
    second[i] = v;
    if constexpr (Amsgrad) {
      T top = greatest[i];
      v = top > v || top != top ? top : v;  // a NaN stays, as in maximum
      greatest[i] = v;
    }
    T root = IsSame<T, float>::value ? static_cast<T>(__builtin_sqrtf(static_cast<float>(v)))
                                     : static_cast<T>(__builtin_sqrt(static_cast<double>(v)));
    parameter[i] = p - s.step_size * m / (root / s.root_correction2 + s.eps);
  }
}

}  // namespace optimizers

FL_KERNEL int32_t sgd(int32_t dtype, int32_t flags, int64_t count, fl_address table, double lr, double momentum,
                      double dampening, double weight_decay) {
  using namespace optimizers;
  const int32_t no = FL_UNSUPPORTED;
  const int32_t status = visit_floating(dtype, no, [&](auto tag) {
    using T = decltype(tag.value);
    const SgdStep<T> step = {static_cast<T>(lr),           static_cast<T>(momentum), static_cast<T>(1 - dampening),
                             static_cast<T>(weight_decay), weight_decay != 0,        (flags & FL_NESTEROV) != 0,
                             (flags & FL_MAXIMIZE) != 0};
    for_rows(count, pointer<const int64_t>(table), 5, 0.4, [&](const int64_t* row, int64_t begin, int64_t end) {
      T* parameter = pointer<T>(row[1]);
      const T* gradient = pointer<const T>(row[2]);
      T* buffer = pointer<T>(row[3]);
      if (buffer == nullptr)
        sgd_range<T, Buffer::none>(step, begin, end, parameter, gradient, buffer);
      else if (row[4] != 0)
        sgd_range<T, Buffer::first>(step, begin, end, parameter, gradient, buffer);
      else
        sgd_range<T, Buffer::used>(step, begin, end, parameter, gradient, buffer);
    });
    return FL_OK;
  });
  return status == no ? unsupported("sgd", dtype) : status;
}

FL_KERNEL int32_t adam(int32_t dtype, int32_t flags, int64_t count, fl_address table, double lr, double beta1,
                       double beta2, double eps, double weight_decay) {
  using namespace optimizers;
  const int32_t no = FL_UNSUPPORTED;
  const int32_t status = visit_floating(dtype, no, [&](auto tag) {
    using T = decltype(tag.value);
    for_rows(count, pointer<const int64_t>(table), 7, 1.0, [&](const int64_t* row, int64_t begin, int64_t end) {
      const AdamStep<T> step(flags, row[6], lr, beta1, beta2, eps, weight_decay);
      T* parameter = pointer<T>(row[1]);
      const T* gradient = pointer<const T>(row[2]);
      T *first = pointer<T>(row[3]), *second = pointer<T>(row[4]), *greatest = pointer<T>(row[5]);
      if ((flags & FL_AMSGRAD) != 0)
        adam_range<T, true>(step, begin, end, parameter, gradient, first, second, greatest);
      else
        adam_range<T, false>(step, begin, end, parameter, gradient, first, second, greatest);
    });
    return FL_OK;
  });
  return status == no ? unsupported("adam", dtype) : status;
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
