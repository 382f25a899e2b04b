/*
 * One step of SGD, Adam and AdamW for all parameters of a group, in one launch (for each 48 parameters). The formulas
 * and the order of their operations are the CPU's: see cpu/kernels/optim.inl.
 */
#include <math.h>

#include "../shared/functors.h"
#include "kernels.h"
#include "launch.h"

namespace flambeau {
namespace device {
namespace {

constexpr int kMostRows = 48;  // with Adam's scalars in double they fill the 4 KB of a kernel's arguments

/** Some rows of a table: they travel with the launch. */
template <int kColumns> struct Rows { int64_t at[kMostRows][kColumns]; };

/** c + a * b, rounded once. */
template <class C> FL_HD C plus_product(C c, C a, C b) {
  if constexpr (IsSame<C, float>::value) return __builtin_fmaf(a, b, c);
  return static_cast<C>(__builtin_fma(a, b, c));
}

template <class C> struct SgdStep {
  C lr, momentum, undamped, weight_decay;
  bool decays, nesterov, maximize;
};

/** Row y of the grid is row y of the table. */
template <class T> __global__ void sgd_kernel(Rows<5> rows, SgdStep<Compute<T>> s) {
  using C = Compute<T>;
  const int64_t* row = rows.at[blockIdx.y];
  T* parameter = pointer<T>(row[1]);
  const T* gradient = pointer<const T>(row[2]);
  T* buffer = pointer<T>(row[3]);
  const bool first = row[4] != 0;
  for (int64_t i = first_item(); i < row[0]; i += item_step()) {
    const C p = to_compute(parameter[i]);
    C g = s.maximize ? -to_compute(gradient[i]) : to_compute(gradient[i]);
    g = s.decays ? plus_product(g, s.weight_decay, p) : g;
    if (buffer != nullptr) {
      const C b = first ? g : plus_product(s.momentum * to_compute(buffer[i]), s.undamped, g);
      buffer[i] = from_compute<T>(b);
      g = s.nesterov ? plus_product(g, s.momentum, b) : b;
    }
    parameter[i] = from_compute<T>(plus_product(p, -s.lr, g));
  }
}

template <class C> struct AdamStep {
  C beta1, fresh1, beta2, fresh2, eps, weight_decay, kept;
  bool decays, decoupled, maximize, amsgrad;
  C step_size[kMostRows], root_correction2[kMostRows];
};

template <class T> __global__ void adam_kernel(Rows<7> rows, AdamStep<Compute<T>> s) {
  using C = Compute<T>;
  const int64_t* row = rows.at[blockIdx.y];
  T* parameter = pointer<T>(row[1]);
  const T* gradient = pointer<const T>(row[2]);
  T *first = pointer<T>(row[3]), *second = pointer<T>(row[4]), *greatest = pointer<T>(row[5]);
  const C step_size = s.step_size[blockIdx.y], root_correction2 = s.root_correction2[blockIdx.y];
  for (int64_t i = first_item(); i < row[0]; i += item_step()) {
    C p = to_compute(parameter[i]), g = s.maximize ? -to_compute(gradient[i]) : to_compute(gradient[i]);
    if (s.decays && s.decoupled) p = p * s.kept;
    if (s.decays && !s.decoupled) g = plus_product(g, s.weight_decay, p);
    const C m = plus_product(s.beta1 * to_compute(first[i]), s.fresh1, g);
    C v = plus_product(s.beta2 * to_compute(second[i]), s.fresh2 * g, g);
    first[i] = from_compute<T>(m);
    second[i] = from_compute<T>(v);
    if (s.amsgrad) {
      const C top = to_compute(greatest[i]);
      v = top > v || top != top ? top : v;  // a NaN stays, as in maximum
      greatest[i] = from_compute<T>(v);
    }
    parameter[i] = from_compute<T>(p - step_size * m / (sqrt_(v) / root_correction2 + s.eps));
  }
}

/** f(rows, how many, the grid) for pieces of a table. */
template <int kColumns, class F> int32_t in_pieces(Device& d, int64_t count, fl_address table, const F& f) {
  const int64_t* all = pointer<const int64_t>(table);
  for (int64_t done = 0; done < count; done += kMostRows) {
    Rows<kColumns> rows = {};
    const int64_t some = least<int64_t>(kMostRows, count - done);
    int64_t longest = 1;
    for (int64_t r = 0; r < some; ++r) {
      for (int c = 0; c < kColumns; ++c) rows.at[r][c] = all[(done + r) * kColumns + c];
      longest = most(longest, rows.at[r][0]);
    }
    Grid grid = grid_for(d, longest);
    grid.blocks.y = static_cast<unsigned>(some);
    const int32_t status = f(rows, some, grid);
    if (status != FL_OK) return status;
  }
  return FL_OK;
}

}  // namespace

int32_t sgd(Device& d, int32_t dtype, int32_t flags, int64_t count, fl_address table, double lr, double momentum,
            double dampening, double weight_decay) {
  return visit_float("sgd", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    using C = Compute<T>;
    const SgdStep<C> step = {static_cast<C>(lr),           static_cast<C>(momentum), static_cast<C>(1 - dampening),
                             static_cast<C>(weight_decay), weight_decay != 0,        (flags & FL_NESTEROV) != 0,
                             (flags & FL_MAXIMIZE) != 0};
    return in_pieces<5>(d, count, table, [&](const Rows<5>& rows, int64_t, const Grid& grid) {
      return launch(d, "sgd", sgd_kernel<T>, grid, rows, step);
    });
  });
}

int32_t adam(Device& d, int32_t dtype, int32_t flags, int64_t count, fl_address table, double lr, double beta1,
             double beta2, double eps, double weight_decay) {
  return visit_float("adam", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    using C = Compute<T>;
    AdamStep<C> step = {};
    step.beta1 = static_cast<C>(beta1);
    step.fresh1 = static_cast<C>(1 - beta1);
    step.beta2 = static_cast<C>(beta2);
    step.fresh2 = static_cast<C>(1 - beta2);
    step.eps = static_cast<C>(eps);
    step.weight_decay = static_cast<C>(weight_decay);
    step.kept = static_cast<C>(1 - lr * weight_decay);
    step.decays = weight_decay != 0;
    step.decoupled = (flags & FL_DECOUPLED) != 0;
    step.maximize = (flags & FL_MAXIMIZE) != 0;
    step.amsgrad = (flags & FL_AMSGRAD) != 0;
    return in_pieces<7>(d, count, table, [&](const Rows<7>& rows, int64_t some, const Grid& grid) {
      for (int64_t r = 0; r < some; ++r) {
        const double t = static_cast<double>(rows.at[r][6]);
        step.step_size[r] = static_cast<C>(lr / (1 - pow(beta1, t)));
        step.root_correction2[r] = static_cast<C>(sqrt(1 - pow(beta2, t)));
      }
      return launch(d, "adam", adam_kernel<T>, grid, rows, step);
    });
  });
}

}  // namespace device
}  // namespace flambeau
