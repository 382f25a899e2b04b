/*
 * The part of CUDA that src/cuda uses, on the host: so that its kernels run, and can be tested, where there is no GPU.
 * Compiled by g++ with -D__CUDACC__ and this folder first on the include path.
 *
 * A launch runs its blocks in any order, up to four by turns. The threads of a block are fibers that stop at
 * __syncthreads(), at warp primitives and sometimes at atomics, and take turns in an order that changes: what lacks a
 * barrier shows. Shared memory is each block's own (FL_SHARED in launch.h; there is no __shared__ here), starts as
 * garbage, is 48 KB at most, and nobody writes between its variables. Threads are no more than __launch_bounds__ says,
 * 256 where it says nothing. Whoever waits for lanes of its warp that have ended, or never come, dies.
 *
 * Device memory starts as garbage. Behind every cudaMalloc, from the next multiple of 64 bytes on, lies a page that
 * nobody may touch, and nobody may write in between. Only kernels of its device and copies can touch the memory: the
 * host gets a segmentation fault. What a kernel does wrong ends it as on a GPU: standard error names the op, the block,
 * the thread and the place, and every later call answers with the failure. By the compiler's flags such things are also
 * a vector (of `alignas`) at an address that is none of its multiples, and a float that becomes an integer that cannot
 * hold it, for which a GPU has another answer than the host. Work is done when it is queued, or as late as events and
 * waits allow. Products and sums become one operation, as nvcc makes them (where the machine can), and mathematics errs
 * as much as NVIDIA's may (libm.h). Not modelled: speed, registers, memory ordering (what a thread has stored all others
 * see at once). The environment chooses:
 *
 *   FLAMBEAU_EMULATED_MB       memory of a device
 *   FLAMBEAU_EMULATED_DEVICES  how many there are
 *   FLAMBEAU_EMULATED_CAPABILITY, FLAMBEAU_EMULATED_DRIVER
 *                              the compute capability (80: 8.0), and the CUDA that the driver serves (13000: 13.0)
 *   FLAMBEAU_EMULATED_OPEN     the host may touch device memory, for programs that take the device for a CPU
 *   FLAMBEAU_EMULATED_DEFER    streams are queues: 0, nothing is done before somebody waits for it; another number is
 *                              the seed by which some of it is done earlier
 *   FLAMBEAU_EMULATED_DISCARD  nothing is done at all: what remains is what the host does
 *   FLAMBEAU_EMULATED_SEED     another order of blocks and threads
 *   FLAMBEAU_EMULATED_CONTROL  a folder. If there is a file "log" in it, every launch, copy and wait adds a line; while
 *                              there is a file "fault", calls fail: by 700 if it is empty, else by the cudaError_t that
 *                              a line says, and only the function whose name follows there. A kernel that dies writes it
 */
#ifndef FLAMBEAU_TESTS_CUDA_RUNTIME_H
#define FLAMBEAU_TESTS_CUDA_RUNTIME_H
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <functional>

#include "libm.h"

#define FL_CUDA_EMULATED 1
#define __host__
#define __device__
#define __global__
#define __constant__ static
#define __forceinline__ inline __attribute__((always_inline))
/* Leaves an instruction that does nothing for every 32 threads at the kernel's beginning: see bound_of. */
#define __launch_bounds__(threads, ...) __attribute__((patchable_function_entry(((threads) + 31) / 32, 0)))
#define __restrict__ __restrict

struct uint3 {
  unsigned x, y, z;
};
struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};
struct alignas(16) float4 {
  float x, y, z, w;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
struct alignas(8) uint2 {
  unsigned x, y;
};

enum cudaError_t {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorCudartUnloading = 4,
  cudaErrorInsufficientDriver = 35,
  cudaErrorDevicesUnavailable = 46,
  cudaErrorNoDevice = 100,
  cudaErrorInvalidDevice = 101,
  cudaErrorNoKernelImageForDevice = 209,
  cudaErrorECCUncorrectable = 214,
  cudaErrorInvalidResourceHandle = 400,
  cudaErrorNotReady = 600,
  cudaErrorIllegalAddress = 700,
  cudaErrorLaunchOutOfResources = 701,
  cudaErrorLaunchTimeout = 702,
  cudaErrorAssert = 710,
  cudaErrorHardwareStackError = 714,
  cudaErrorIllegalInstruction = 715,
  cudaErrorMisalignedAddress = 716,
  cudaErrorInvalidAddressSpace = 717,
  cudaErrorInvalidPc = 718,
  cudaErrorLaunchFailure = 719
};
enum cudaMemcpyKind {
  cudaMemcpyHostToDevice = 1,
  cudaMemcpyDeviceToHost = 2,
  cudaMemcpyDeviceToDevice = 3,
  cudaMemcpyDefault = 4
};
enum cudaDeviceAttr {
  cudaDevAttrMultiProcessorCount = 16,
  cudaDevAttrComputeCapabilityMajor = 75,
  cudaDevAttrComputeCapabilityMinor = 76,
  cudaDevAttrMaxSharedMemoryPerBlockOptin = 97
};
struct cudaDeviceProp {
  char name[256];
  size_t totalGlobalMem;
  int multiProcessorCount, major, minor;
};
using cudaStream_t = struct EmulatedStream*;
using cudaEvent_t = struct EmulatedEvent*;
enum { cudaStreamNonBlocking = 1, cudaEventDisableTiming = 2, cudaHostAllocMapped = 2, cudaHostAllocPortable = 1 };

const char* cudaGetErrorString(cudaError_t error);
cudaError_t cudaGetDeviceCount(int* count);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device);
cudaError_t cudaDriverGetVersion(int* version);
cudaError_t cudaRuntimeGetVersion(int* version);
cudaError_t cudaSetDevice(int device);
cudaError_t cudaMalloc(void** block, size_t bytes);
cudaError_t cudaFree(void* block);
cudaError_t cudaMemGetInfo(size_t* free, size_t* total);
cudaError_t cudaHostAlloc(void** block, size_t bytes, unsigned flags);
cudaError_t cudaFreeHost(void* block);
cudaError_t cudaHostGetDevicePointer(void** device, void* host, unsigned flags);
cudaError_t cudaMemcpyAsync(void* target, const void* source, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream);
cudaError_t cudaMemsetAsync(void* target, int value, size_t bytes, cudaStream_t stream);
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags);
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream);
cudaError_t cudaEventQuery(cudaEvent_t event);
cudaError_t cudaEventSynchronize(cudaEvent_t event);
cudaError_t cudaDeviceSynchronize();
cudaError_t cudaGetLastError();
cudaError_t cudaPeekAtLastError();

namespace emulator {
extern uint3 thread_index, block_index;
extern dim3 block_size, grid_size;
extern unsigned char* dynamic_shared;

struct Launch {
  const char* op;
  const void* kernel;
  dim3 grid, block;
  size_t shared;
};
/** Queues a kernel, whose body (a call of it) is called once for every thread of every block. */
cudaError_t queue(const Launch& launch, cudaStream_t stream, std::function<void()> body);
bool discards();
template <class F> cudaError_t launch(const Launch& launch, cudaStream_t stream, const F& body) {
  return discards() ? cudaSuccess : queue(launch, stream, body);
}
/** After a kernel has died: everything works again, which no GPU does. */
void revive();

/** Is this a kernel's thread? */
bool in_kernel();
/** Where the block has its own of a variable of shared memory, which `mark` stands for. */
void* shared_at(const void* mark, size_t size);
template <class T> T& shared(const void* mark) { return *static_cast<T*>(shared_at(mark, sizeof(T))); }
/** Ends the kernel: this thread has done what it must not. */
void fail(cudaError_t error, const char* why);
/** Lets other threads go on before this one, sometimes. */
void give_way();
/** Stops this thread until every living thread of its block is here. */
void wait_block();
/** Stops this thread until every living thread of its warp that is in the mask is here. */
void wait_warp(unsigned mask);
/** Where lane `lane` of this thread's warp leaves what it shows to others: 16 bytes. */
void* slot(unsigned lane);
unsigned lane();
/** Has the lane not ended? */
bool lives(unsigned lane);

template <class T> T exchange(unsigned mask, T value, unsigned from) {
  memcpy(slot(lane()), &value, sizeof value);
  wait_warp(mask);
  T seen = value;
  if (from >= 32 || (mask >> from & 1) == 0 || !lives(from)) {
    fail(cudaErrorLaunchFailure, "reads from a lane that is not in its mask, or not there");
  }
  memcpy(&seen, slot(from), sizeof seen);
  wait_warp(mask);
  return seen;
}
}  // namespace emulator

#define threadIdx (emulator::thread_index)
#define blockIdx (emulator::block_index)
#define blockDim (emulator::block_size)
#define gridDim (emulator::grid_size)
constexpr int warpSize = 32;

inline void __syncthreads() { emulator::wait_block(); }
inline void __syncwarp(unsigned mask = 0xffffffffu) { emulator::wait_warp(mask); }
inline void __threadfence() {}
inline void __threadfence_block() {}
inline void __threadfence_system() {}

/* Lanes outside the width's segment give a thread its own value back, as on the device. */
template <class T> T __shfl_sync(unsigned mask, T value, int from, int width = 32) {
  const unsigned base = emulator::lane() & ~static_cast<unsigned>(width - 1);
  return emulator::exchange(mask, value, base + (static_cast<unsigned>(from) & static_cast<unsigned>(width - 1)));
}
template <class T> T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32) {
  const unsigned lane = emulator::lane(), from = lane ^ static_cast<unsigned>(bits);
  return emulator::exchange(mask, value, from / width == lane / width ? from : lane);
}
template <class T> T __shfl_down_sync(unsigned mask, T value, unsigned by, int width = 32) {
  const unsigned lane = emulator::lane(), from = lane + by;
  return emulator::exchange(mask, value, from / width == lane / width ? from : lane);
}
template <class T> T __shfl_up_sync(unsigned mask, T value, unsigned by, int width = 32) {
  const unsigned lane = emulator::lane();
  return emulator::exchange(mask, value, lane % width >= by ? lane - by : lane);
}
inline unsigned __ballot_sync(unsigned mask, int predicate) {
  unsigned all = 0;
  const unsigned mine = predicate != 0;
  memcpy(emulator::slot(emulator::lane()), &mine, sizeof mine);
  emulator::wait_warp(mask);
  for (unsigned lane = 0; lane < 32; ++lane) {
    unsigned theirs = 0;
    if ((mask >> lane & 1) != 0) memcpy(&theirs, emulator::slot(lane), sizeof theirs);
    all |= theirs << lane;
  }
  emulator::wait_warp(mask);
  return all;
}
inline unsigned __match_any_sync(unsigned mask, unsigned value) {
  unsigned same = 0;
  memcpy(emulator::slot(emulator::lane()), &value, sizeof value);
  emulator::wait_warp(mask);
  for (unsigned lane = 0; lane < 32; ++lane) {
    unsigned theirs = 0;
    if ((mask >> lane & 1) == 0) continue;
    memcpy(&theirs, emulator::slot(lane), sizeof theirs);
    same |= static_cast<unsigned>(theirs == value) << lane;
  }
  emulator::wait_warp(mask);
  return same;
}
inline int __any_sync(unsigned mask, int predicate) { return __ballot_sync(mask, predicate) != 0; }
inline int __all_sync(unsigned mask, int predicate) { return __ballot_sync(mask, predicate) == mask; }
inline int __popc(unsigned bits) { return __builtin_popcount(bits); }
inline int __ffs(int bits) { return __builtin_ffs(bits); }
inline unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>((uint64_t{a} * b) >> 32); }

namespace emulator {
/** Gives *at the value f(*at) at once, between others' turns; answers with what was there. */
template <class T, class F> T atomically(T* at, const F& f) {
  give_way();
  const T before = *at;
  *at = f(before);
  give_way();
  return before;
}
}  // namespace emulator
template <class T> T atomicAdd(T* at, T value) {
  return emulator::atomically(at, [=](T before) { return static_cast<T>(before + value); });
}
template <class T> T atomicCAS(T* at, T expected, T value) {
  return emulator::atomically(at, [=](T before) { return before == expected ? value : before; });
}
template <class T> T atomicExch(T* at, T value) {
  return emulator::atomically(at, [=](T) { return value; });
}
template <class T> T atomicMax(T* at, T value) {
  return emulator::atomically(at, [=](T before) { return value > before ? value : before; });
}
template <class T> T atomicMin(T* at, T value) {
  return emulator::atomically(at, [=](T before) { return value < before ? value : before; });
}

/* Rounded by themselves: never one operation with what is added to them. */
namespace emulator {
template <class T> T rounded(T value) {
  asm("" : "+x"(value));
  return value;
}
}  // namespace emulator
inline float __fmul_rn(float a, float b) { return emulator::rounded(a * b); }
inline float __fadd_rn(float a, float b) { return emulator::rounded(a + b); }
inline double __dmul_rn(double a, double b) { return emulator::rounded(a * b); }
inline double __dadd_rn(double a, double b) { return emulator::rounded(a + b); }
#endif
