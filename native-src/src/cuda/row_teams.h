/*
 * Rows of neighbours that are held in registers while something is found out about the whole row: who holds a row
 * (some lanes of a warp, or a block), and how many elements each thread has. For softmax and layer norm.
 *
 * A team's size and a thread's number of elements are constants of the kernel: elements have registers, and their
 * addresses are constants away from one. A kernel is bound to 64 registers, so that an SM has 1,024 threads or more.
 */
#ifndef FLAMBEAU_CUDA_ROW_TEAMS_H
#define FLAMBEAU_CUDA_ROW_TEAMS_H
#include "merging.h"

namespace flambeau {
namespace device {

/** kWidth threads for a row: 4, 8 or 32 lanes of a warp, or a block of 64 to 1,024. Each has kEach elements. */
template <int kWidth, int kEach> struct Team {
  static constexpr int width = kWidth, each = kEach;
  static constexpr int threads = kWidth <= 32 ? kThreads : kWidth;  // of a block
  static constexpr int blocks = 1024 / threads;                     // on an SM, at least

  __device__ static int thread() { return static_cast<int>(threadIdx.x) % kWidth; }
  __device__ static int64_t first_row() { return kWidth <= 32 ? first_item() / kWidth : blockIdx.x; }
  __device__ static int64_t row_step() { return kWidth <= 32 ? item_step() / kWidth : gridDim.x; }
  /** Does the team go another round? With its warp: lanes exchange what they hold, if only one has a row. */
  __device__ static bool goes_on(int64_t row, int64_t rows) {
    return row - (kWidth < 32 ? static_cast<int>(threadIdx.x) % 32 / kWidth : 0) < rows;
  }
  /** The team's totals, merged for all of its threads. shared: 32 totals in shared memory; not used by lanes. */
  template <class R, class Total> __device__ static Total all(Total total, Total* shared) {
    if constexpr (kWidth <= 32) return merge_warp<R, kWidth>(total);
    return merge_block<R>(total, shared);
  }
  /** f(j, offset) for each element j of this thread that a row of len elements has. */
  template <class F> __device__ static void for_each(int len, const F& f) {
    const int left = len - thread();
#pragma unroll
    for (int j = 0; j < kEach; ++j) {
      if (j * kWidth < left) f(j, j * kWidth);
    }
  }

  static Grid grid(const Device& d, int64_t rows) {
    if (kWidth <= 32) return grid_for(d, rows * kWidth);
    return {dim3(static_cast<unsigned>(least<int64_t>(rows, 1 << 20))), dim3(kWidth)};
  }
};

/** The registers of a thread that may hold elements: half of those it has. */
constexpr int kHeld = 32;

/**
 * f(team) for rows of that many elements, for each of which a thread holds `words` registers; otherwise(), where no block
 * holds such a row.
 */
template <int words, class F, class G> int32_t with_team(int64_t len, const F& f, const G& otherwise) {
  constexpr int most_each = kHeld / words;
  if (len <= 16) return f(Team<4, 4>());
  if (len <= 32) return f(Team<8, 4>());
  if (len <= 128) return f(Team<32, 4>());
  if constexpr (most_each >= 16) {
    if (len <= 256) return f(Team<32, 8>());
  }
  if constexpr (most_each >= 8) {
    if (len <= 1024) return f(Team<128, 8>());
    if (len <= 4096) return f(Team<512, 8>());
  } else {
    if (len <= 1024) return f(Team<256, 4>());
    if (len <= 4096) return f(Team<1024, 4>());
  }
  if constexpr (most_each >= 16) {
    if (len <= 8192) return f(Team<512, 16>());
    if (len <= 16384) return f(Team<1024, 16>());
  } else if constexpr (most_each >= 8) {
    if (len <= 8192) return f(Team<1024, 8>());
  }
  if constexpr (most_each >= 32) {
    if (len <= 32768) return f(Team<1024, 32>());
  }
  return otherwise();
}

}  // namespace device
}  // namespace flambeau
#endif
