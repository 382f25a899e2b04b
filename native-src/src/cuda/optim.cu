/*
 * One step of SGD, Adam and AdamW for all parameters of a group, in one launch (for each 400 parameters). The formulas
 * and their roundings are the CPU's where it fuses: see cpu/kernels/optim.inl.
 */
#include <math.h>

#include "../shared/functors.h"
#include "kernels.h"
#include "launch.h"
#include "rounding.h"

namespace flambeau {
namespace device {
namespace {

/* Rows of a table travel with the launch: few in 4 KB of arguments, many in the 32 KB that CUDA 12.1 and later take. */
constexpr int kFewRows = 48, kManyRows = 400;
constexpr int64_t kChunk = 4096;  // elements of one row that a block steps

template <int kColumns, int kMost> struct Rows {
  int64_t at[kMost][kColumns];
  int32_t first_chunk[kMost + 1];  // rows are cut into chunks, which are numbered through
  bool aligned[kMost];
  int32_t count;

  /** Which row a chunk belongs to. */
  __device__ int row_of(int32_t chunk) const {
    int row = 0;
    for (int beyond = count; beyond - row > 1;) {
      const int middle = (row + beyond) / 2;
      (first_chunk[middle] <= chunk ? row : beyond) = middle;
    }
    return row;
  }
};

/** f(i, as a tag whether the elements i... are a Pack) for this thread's elements of a chunk that begins at begin. */
template <bool kIs> struct Whole { static constexpr bool value = kIs; };
template <class T, class F> __device__ void each_of_chunk(bool aligned, int64_t begin, int64_t n, const F& f) {
  if (aligned && begin + kChunk <= n) {
    for (int i = static_cast<int>(threadIdx.x) * kPack<T>; i < kChunk; i += kThreads * kPack<T>) {
      f(begin + i, Whole<true>());
    }
  } else {
    for (int64_t i = begin + threadIdx.x; i < least(n, begin + kChunk); i += kThreads) f(i, Whole<false>());
  }
}
/** One element, or a Pack of them, from or to memory. */
template <int N, class T> __device__ void take(const T* from, Compute<T> (&to)[N]) {
  Pack<T, N> pack;
  if constexpr (N == 1) {
    pack.at[0] = *from;
  } else {
    pack = *reinterpret_cast<const Pack<T, N>*>(from);
  }
#pragma unroll
  for (int j = 0; j < N; ++j) to[j] = to_compute(pack.at[j]);
}
template <int N, class T> __device__ void put(T* to, const Compute<T> (&from)[N]) {
  Pack<T, N> pack;
#pragma unroll
  for (int j = 0; j < N; ++j) pack.at[j] = from_compute<T>(from[j]);
  if constexpr (N == 1) {
    *to = pack.at[0];
  } else {
    *reinterpret_cast<Pack<T, N>*>(to) = pack;
  }
}

template <class C> struct SgdStep {
  C lr, momentum, undamped, weight_decay;
  bool decays, nesterov, maximize;
};

/** Block i steps chunk i. */
template <class T, int kMost>
__global__ void __launch_bounds__(kThreads, 4) sgd_kernel(Rows<5, kMost> rows, SgdStep<Compute<T>> s) {
  using C = Compute<T>;
  const int r = rows.row_of(static_cast<int32_t>(blockIdx.x));
  const int64_t* row = rows.at[r];
  T* parameter = pointer<T>(row[1]);
  const T* gradient = pointer<const T>(row[2]);
  T* buffer = pointer<T>(row[3]);
  const bool first = row[4] != 0;
  const int64_t begin = (static_cast<int64_t>(blockIdx.x) - rows.first_chunk[r]) * kChunk;
  each_of_chunk<T>(rows.aligned[r], begin, row[0], [&](int64_t i, auto whole) {
    constexpr int N = decltype(whole)::value ? kPack<T> : 1;
    C p[N], g[N], b[N] = {};
    take(parameter + i, p);
    take(gradient + i, g);
    if (buffer != nullptr && !first) take(buffer + i, b);
#pragma unroll
    for (int j = 0; j < N; ++j) {
      if (s.maximize) g[j] = -g[j];
      if (s.decays) g[j] = plus_product(g[j], s.weight_decay, p[j]);
      if (buffer != nullptr) {
        b[j] = first ? g[j] : plus_product(s.momentum * b[j], s.undamped, g[j]);
        g[j] = s.nesterov ? plus_product(g[j], s.momentum, b[j]) : b[j];
      }
      p[j] = plus_product(p[j], -s.lr, g[j]);
    }
    if (buffer != nullptr) put(buffer + i, b);
    put(parameter + i, p);
  });
}

template <class C, int kMost> struct AdamStep {
  C beta1, fresh1, beta2, fresh2, eps, weight_decay, kept;
  bool decays, decoupled, maximize, amsgrad;
  C step_size[kMost], root_correction2[kMost];
};

template <class T, int kMost>
__global__ void __launch_bounds__(kThreads, 4) adam_kernel(Rows<7, kMost> rows, AdamStep<Compute<T>, kMost> s) {
  using C = Compute<T>;
  const int r = rows.row_of(static_cast<int32_t>(blockIdx.x));
  const int64_t* row = rows.at[r];
  T* parameter = pointer<T>(row[1]);
  const T* gradient = pointer<const T>(row[2]);
  T *first = pointer<T>(row[3]), *second = pointer<T>(row[4]), *greatest = pointer<T>(row[5]);
  const C step_size = s.step_size[r], root_correction2 = s.root_correction2[r];
  const int64_t begin = (static_cast<int64_t>(blockIdx.x) - rows.first_chunk[r]) * kChunk;
  each_of_chunk<T>(rows.aligned[r], begin, row[0], [&](int64_t i, auto whole) {
    constexpr int N = decltype(whole)::value ? kPack<T> : 1;
    C p[N], g[N], m[N], v[N], top[N] = {};
    take(parameter + i, p);
    take(gradient + i, g);
    take(first + i, m);
    take(second + i, v);
    if (s.amsgrad) take(greatest + i, top);
#pragma unroll
    for (int j = 0; j < N; ++j) {
      if (s.maximize) g[j] = -g[j];
      if (s.decays && s.decoupled) p[j] = product(p[j], s.kept);
      if (s.decays && !s.decoupled) g[j] = plus_product(g[j], s.weight_decay, p[j]);
      m[j] = plus_product(s.beta1 * m[j], s.fresh1, g[j]);
      v[j] = plus_product(s.beta2 * v[j], s.fresh2 * g[j], g[j]);
      if (s.amsgrad) top[j] = top[j] > v[j] || top[j] != top[j] ? top[j] : v[j];  // a NaN stays, as in maximum
      const C size = s.amsgrad ? top[j] : v[j];
      p[j] = p[j] - step_size * m[j] / (sqrt_(size) / root_correction2 + s.eps);
    }
    put(first + i, m);
    put(second + i, v);
    if (s.amsgrad) put(greatest + i, top);
    put(parameter + i, p);
  });
}

/** f(rows, the grid) for pieces of a table, whose columns 1 to kPointers are addresses. */
template <int kColumns, int kPointers, int kMost, class F>
int32_t in_pieces(int64_t count, fl_address table, const F& f) {
  const int64_t* all = pointer<const int64_t>(table);
  for (int64_t done = 0; done < count;) {
    Rows<kColumns, kMost> rows = {};
    int64_t chunks = 0;
    for (; rows.count < kMost && done < count; ++done) {
      const int64_t* row = all + done * kColumns;
      const int64_t more = ceil_div(row[0], kChunk);
      if (more == 0) continue;  // a parameter without elements
      if (chunks + more > INT32_MAX) break;
      bool aligned = true;
      for (int c = 0; c < kColumns; ++c) {
        rows.at[rows.count][c] = row[c];
        aligned = aligned && (c < 1 || c > kPointers || row[c] % 16 == 0);
      }
      rows.aligned[rows.count] = aligned;
      rows.first_chunk[rows.count++] = static_cast<int32_t>(chunks);
      chunks += more;
    }
    if (rows.count == 0) return FL_OK;
    const int32_t status = f(rows, Grid{dim3(static_cast<unsigned>(chunks))});
    if (status != FL_OK) return status;
  }
  return FL_OK;
}

template <class T, int kMost>
int32_t sgd_pieces(Device& d, int64_t count, fl_address table, const SgdStep<Compute<T>>& step) {
  return in_pieces<5, 3, kMost>(count, table, [&](const Rows<5, kMost>& rows, const Grid& grid) {
    return launch(d, "sgd", sgd_kernel<T, kMost>, grid, rows, step);
  });
}

template <class T, int kMost>
int32_t adam_pieces(Device& d, int32_t flags, int64_t count, fl_address table, double lr, double beta1, double beta2,
                    double eps, double weight_decay) {
  using C = Compute<T>;
  static_assert(sizeof(Rows<7, kMost>) + sizeof(AdamStep<C, kMost>) <= (kMost == kFewRows ? 4096 : 32764), "arguments");
  AdamStep<C, kMost> step = {};
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
  return in_pieces<7, 5, kMost>(count, table, [&](const Rows<7, kMost>& rows, const Grid& grid) {
    for (int r = 0; r < rows.count; ++r) {
      if (r > 0 && rows.at[r][6] == rows.at[r - 1][6]) {  // as a rule all have made as many steps
        step.step_size[r] = step.step_size[r - 1];
        step.root_correction2[r] = step.root_correction2[r - 1];
        continue;
      }
      const double t = static_cast<double>(rows.at[r][6]);
      step.step_size[r] = static_cast<C>(lr / (1 - pow(beta1, t)));
      step.root_correction2[r] = static_cast<C>(sqrt(1 - pow(beta2, t)));
    }
    return launch(d, "adam", adam_kernel<T, kMost>, grid, rows, step);
  });
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
    return count <= kFewRows ? sgd_pieces<T, kFewRows>(d, count, table, step)
                             : sgd_pieces<T, kManyRows>(d, count, table, step);
  });
}

int32_t adam(Device& d, int32_t dtype, int32_t flags, int64_t count, fl_address table, double lr, double beta1,
             double beta2, double eps, double weight_decay) {
  return visit_float("adam", dtype, [&](auto tag) -> int32_t {
    using T = decltype(tag.value);
    const auto pieces = count <= kFewRows ? adam_pieces<T, kFewRows> : adam_pieces<T, kManyRows>;
    return pieces(d, flags, count, table, lr, beta1, beta2, eps, weight_decay);
  });
}

}  // namespace device
}  // namespace flambeau
