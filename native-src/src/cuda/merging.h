/* How the threads of a warp and of a block bring what each of them holds together. */
#ifndef FLAMBEAU_CUDA_MERGING_H
#define FLAMBEAU_CUDA_MERGING_H
#include "launch.h"

namespace flambeau {
namespace device {

/** What the lane with these bits flipped holds; of a struct, word by word. All lanes of the warp must come here. */
template <class V> __device__ V from_lane(V value, int bits) {
  // Copies, not a union: registers have no address, and a union's array would lie in local memory.
  uint32_t word[(sizeof(V) + 3) / 4] = {};
  __builtin_memcpy(word, &value, sizeof(V));
#pragma unroll
  for (int i = 0; i < static_cast<int>((sizeof(V) + 3) / 4); ++i) {
    word[i] = __shfl_xor_sync(0xffffffffu, word[i], bits);
  }
  __builtin_memcpy(&value, word, sizeof(V));
  return value;
}

/** Brings the totals of kWidth neighbouring lanes together, a whole warp's at most; every lane has the answer. */
template <class R, int kWidth = 32, class Total> __device__ Total merge_warp(Total total) {
#pragma unroll
  for (int bits = kWidth / 2; bits > 0; bits /= 2) total = R::merge(total, from_lane(total, bits));
  return total;
}

/**
 * Brings a block's totals together; every thread has the answer. `shared`: 32 totals in shared memory. The block has
 * 1, 2, 4, ... 32 whole warps.
 */
template <class R, class Total> __device__ Total merge_block(Total total, Total* shared) {
  total = merge_warp<R>(total);
  const int warps = static_cast<int>(blockDim.x) / 32;
  if (warps == 1) return total;
  if (threadIdx.x % 32 == 0) shared[threadIdx.x / 32] = total;
  __syncthreads();
  total = shared[static_cast<int>(threadIdx.x) % warps];  // in every warp, as often as they fit
  for (int bits = warps / 2; bits > 0; bits /= 2) total = R::merge(total, from_lane(total, bits));
  __syncthreads();  // shared memory may be written again
  return total;
}

/**
 * Is this block the last of `blocks` to come here with this ticket? Then it sees all that they wrote before. Every
 * thread of the block comes here; the ticket is 0 before and after a launch.
 */
inline __device__ bool is_last(uint32_t* ticket, int64_t blocks) {
  FL_SHARED(bool, last);
  __threadfence();  // what this thread wrote is seen before its block counts
  __syncthreads();
  if (threadIdx.x == 0) {
    last = atomicAdd(ticket, 1u) == static_cast<uint32_t>(blocks - 1);
    if (last) *ticket = 0;
  }
  __syncthreads();
  if (last) __threadfence();  // nothing read from here on is older than the count
  return last;
}

}  // namespace device
}  // namespace flambeau
#endif
