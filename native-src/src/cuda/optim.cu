/*
 * One step of an optimizer (shared/optimizers.h) for all parameters of a group, in one launch (for each 400 parameters).
 */
#include <string.h>

#include "../shared/optimizers.h"
#include "kernels.h"
#include "launch.h"

namespace flambeau {
namespace device {
namespace {

/* Rows of a table travel with the launch: few in 4 KB of arguments, many in the 32 KB that CUDA 12.1 and later take. */
constexpr int kFewRows = 48, kManyRows = 400;
constexpr int kSteps = 8;         // sets of numbers in a launch: as a rule all rows share one
constexpr int64_t kChunk = 4096;  // elements of one row that a block steps

/** How many states an optimizer can have. */
template <class Step> constexpr int kStates = 32 - __builtin_clz((Step::needs | Step::may_have) & 15);

template <class Step, int kMost> struct Rows {
  int64_t at[kMost][FL_ROW_STATES + kStates<Step>];
  int32_t first_chunk[kMost + 1];  // rows are cut into chunks, which are numbered through
  uint8_t step_of[kMost];
  bool aligned[kMost];
  int32_t count;
  Step steps[kSteps];

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

/** Block i steps chunk i. */
template <class T, class Step, int kMost>
__global__ void __launch_bounds__(kThreads, 4) step_kernel(Rows<Step, kMost> rows) {
  using C = Compute<T>;
  constexpr int kKept = kStates<Step>;
  const int r = rows.row_of(static_cast<int32_t>(blockIdx.x));
  const int64_t* row = rows.at[r];
  const Step step = rows.steps[rows.step_of[r]];
  T* parameter = pointer<T>(row[FL_ROW_PARAMETER]);
  const T* gradient = pointer<const T>(row[FL_ROW_GRADIENT]);
  T* state[kKept];
  int has = step.options;
#pragma unroll
  for (int k = 0; k < kKept; ++k) {
    state[k] = pointer<T>(row[FL_ROW_STATES + k]);
    has |= state[k] != nullptr ? 1 << k : 0;
  }
  const int64_t begin = (static_cast<int64_t>(blockIdx.x) - rows.first_chunk[r]) * kChunk;
  each_of_chunk<T>(rows.aligned[r], begin, row[FL_ROW_N], [&](int64_t i, auto whole) {
    constexpr int N = decltype(whole)::value ? kPack<T> : 1;
    C p[N], g[N], s[kKept][N] = {};
    take(parameter + i, p);
    take(gradient + i, g);
#pragma unroll
    for (int k = 0; k < kKept; ++k) {
      if (has >> k & 1) take(state[k] + i, s[k]);
    }
#pragma unroll
    for (int j = 0; j < N; ++j) {
      C one[kKept];
#pragma unroll
      for (int k = 0; k < kKept; ++k) one[k] = s[k][j];
      step.step(p[j], g[j], one, has);
#pragma unroll
      for (int k = 0; k < kKept; ++k) s[k][j] = one[k];
    }
#pragma unroll
    for (int k = 0; k < kKept; ++k) {
      if (has >> k & 1) put(state[k] + i, s[k]);
    }
    put(parameter + i, p);
  });
}

/** Launches for pieces of a table. */
template <class T, class Step, int kMost> int32_t step_pieces(Device& d, int32_t flags, int64_t count, fl_rows table) {
  static_assert(sizeof(Rows<Step, kMost>) <= (kMost == kFewRows ? 4096 : kMostArgumentBytes), "arguments");
  const int64_t* row = pointer<const int64_t>(table);
  const int64_t* const end = row + count * FL_ROW_LENGTH;
  while (row != end) {
    Rows<Step, kMost> rows = {};
    const int64_t* numbers[kSteps] = {};
    int steps = 0;
    int64_t chunks = 0;
    for (; row != end && rows.count < kMost; row += FL_ROW_LENGTH) {
      const int64_t more = ceil_div(row[FL_ROW_N], kChunk);
      if (more == 0) continue;  // a parameter without elements
      if (chunks + more > INT32_MAX) break;
      const int64_t* own = row + FL_ROW_NUMBERS;
      int step = 0;
      while (step < steps && memcmp(numbers[step], own, 8 * (FL_ROW_LENGTH - FL_ROW_NUMBERS)) != 0) ++step;
      if (step == kSteps) break;
      if (step == steps) {
        numbers[steps++] = own;
        rows.steps[step] = Step(flags, {own});
      }
      const int r = rows.count++;
      bool aligned = true;
      for (int c = 0; c < FL_ROW_STATES + kStates<Step>; ++c) {
        rows.at[r][c] = row[c];
        aligned = aligned && (c == FL_ROW_N || row[c] % 16 == 0);
      }
      rows.aligned[r] = aligned;
      rows.step_of[r] = static_cast<uint8_t>(step);
      rows.first_chunk[r] = static_cast<int32_t>(chunks);
      chunks += more;
    }
    if (rows.count == 0) return FL_OK;
    const Grid grid = {dim3(static_cast<unsigned>(chunks))};
    const int32_t status = launch(d, Step::name, step_kernel<T, Step, kMost>, grid, rows);
    if (status != FL_OK) return status;
  }
  return FL_OK;
}

}  // namespace

int32_t step(Device& d, int32_t kind, int32_t dtype, int32_t flags, int64_t count, fl_rows table) {
  return visit_optimizer(kind, [&](auto optimizer) {
    using Optimizer = decltype(optimizer);
    return visit<kFloats>(Optimizer::template Of<float>::name, dtype, [&](auto tag) -> int32_t {
      using T = decltype(tag.value);
      using Step = typename Optimizer::template Of<Compute<T>>;
      return count <= kFewRows ? step_pieces<T, Step, kFewRows>(d, flags, count, table)
                               : step_pieces<T, Step, kManyRows>(d, flags, count, table);
    });
  });
}

}  // namespace device
}  // namespace flambeau
