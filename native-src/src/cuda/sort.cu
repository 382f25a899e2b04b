/*
 * Sorting by radix, eight bits a pass from the lowest on. A warp takes a stretch of neighbours: it counts their digits,
 * the counts of all warps are added up in the order (digit, warp), which gives where each warp's keys go. Equal
 * digits keep their order, so the result is the same whichever warp is first.
 */
#include "sort.h"

#include "launch.h"
#include "scratch.h"

namespace flambeau {
namespace device {
namespace {

constexpr int kDigits = 256, kWarps = kThreads / 32;
static_assert(kDigits == kThreads, "a thread of a block for each digit");

/** The warps' stretches of n keys, and the digit that a pass sorts by. */
struct Pass {
  int64_t n, stretch;
  int64_t warps;
  int shift;
  __device__ int64_t warp() const { return first_item() / 32; }
  __device__ int64_t begin() const { return least(n, warp() * stretch); }
  __device__ int64_t end() const { return least(n, (warp() + 1) * stretch); }
  __device__ uint32_t digit(uint32_t key) const { return key >> shift & (kDigits - 1); }
};

/** counts[digit][warp]. */
__global__ void __launch_bounds__(kThreads) count_kernel(Pass pass, const uint32_t* keys, uint32_t* counts) {
  FL_SHARED(uint32_t[kWarps][kDigits], count);
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
  for (int i = lane; i < kDigits; i += 32) count[warp][i] = 0;
  __syncwarp();
  for (int64_t i = pass.begin() + lane; i < pass.end(); i += 32) atomicAdd(&count[warp][pass.digit(keys[i])], 1u);
  __syncwarp();
  if (pass.warp() >= pass.warps) return;
  for (int i = lane; i < kDigits; i += 32) counts[i * pass.warps + pass.warp()] = count[warp][i];
}

/** Adds up a block's numbers; each thread gets the sum of those before its own, and all get the whole. */
__device__ uint32_t sum_before(uint32_t mine, uint32_t (&shared)[kWarps], uint32_t& whole) {
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
  uint32_t sum = mine;
#pragma unroll
  for (int by = 1; by < 32; by *= 2) {
    const uint32_t below = __shfl_up_sync(0xffffffffu, sum, by);
    if (lane >= by) sum += below;
  }
  if (lane == 31) shared[warp] = sum;
  __syncthreads();
  uint32_t before = sum - mine;
  whole = 0;
#pragma unroll
  for (int w = 0; w < kWarps; ++w) {
    if (w < warp) before += shared[w];
    whole += shared[w];
  }
  __syncthreads();  // shared memory may be written again
  return before;
}

/** A block for each digit: where each warp's keys begin among those of the digit, and how many there are. */
__global__ void __launch_bounds__(kThreads) place_kernel(int64_t warps, uint32_t* counts, uint32_t* totals) {
  FL_SHARED(uint32_t[kWarps], shared);
  uint32_t* row = counts + blockIdx.x * warps;
  uint32_t total = 0;
  for (int64_t first = 0; first < warps; first += kThreads) {
    const int64_t i = first + threadIdx.x;
    uint32_t whole;
    const uint32_t before = sum_before(i < warps ? row[i] : 0, shared, whole);
    if (i < warps) row[i] = total + before;
    total += whole;
  }
  if (threadIdx.x == 0) totals[blockIdx.x] = total;
}

__global__ void __launch_bounds__(kThreads)
    move_kernel(Pass pass, const uint32_t* counts, const uint32_t* totals, Keyed keyed) {
  FL_SHARED(uint32_t[kWarps][kDigits], next);
  FL_SHARED(uint32_t[kDigits], first_of);
  FL_SHARED(uint32_t[kWarps], shared);
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
  uint32_t whole;
  first_of[threadIdx.x] = sum_before(totals[threadIdx.x], shared, whole);
  __syncthreads();
  if (pass.warp() >= pass.warps) return;
  for (int i = lane; i < kDigits; i += 32) next[warp][i] = first_of[i] + counts[i * pass.warps + pass.warp()];
  __syncwarp();
  for (int64_t first = pass.begin(); first < pass.end(); first += 32) {
    const int64_t i = first + lane;
    const bool is = i < pass.end();
    const uint32_t key = is ? keyed.key[i] : 0, number = is ? keyed.number[i] : 0;
    const uint32_t digit = is ? pass.digit(key) : kDigits;
    const uint32_t same = __match_any_sync(0xffffffffu, digit), below = same & ((1u << lane) - 1);
    uint32_t at = 0;
    if (is) at = next[warp][digit] + static_cast<uint32_t>(__popc(below));
    __syncwarp();
    if (is && below == 0) next[warp][digit] += static_cast<uint32_t>(__popc(same));
    __syncwarp();
    if (is) {
      keyed.other_key[at] = key;
      keyed.other_number[at] = number;
    }
  }
}

template <class T> void swap(T& a, T& b) {
  const T kept = a;
  a = b;
  b = kept;
}

}  // namespace

int32_t sort(Device& d, const char* op, int64_t n, int bits, Keyed& keyed) {
  const int64_t most_warps = int64_t{d.processors} * 16;
  Pass pass = {n, ceil_div(most<int64_t>(512, ceil_div(n, most_warps)), 32) * 32, 0, 0};
  pass.warps = ceil_div(n, pass.stretch);
  const Scratch<uint32_t> counts(d, (pass.warps + 1) * kDigits);
  if (!counts) return out_of_memory(op);
  uint32_t* totals = counts.get() + pass.warps * kDigits;
  const Grid grid = {dim3(static_cast<unsigned>(ceil_div(pass.warps, kWarps)))};
  for (; pass.shift < bits; pass.shift += 8) {
    int32_t status = launch(d, op, count_kernel, grid, pass, keyed.key, counts.get());
    if (status == FL_OK) status = launch(d, op, place_kernel, Grid{dim3(kDigits)}, pass.warps, counts.get(), totals);
    if (status == FL_OK) status = launch(d, op, move_kernel, grid, pass, counts.get(), totals, keyed);
    if (status != FL_OK) return status;
    swap(keyed.key, keyed.other_key);
    swap(keyed.number, keyed.other_number);
  }
  return FL_OK;
}

}  // namespace device
}  // namespace flambeau
