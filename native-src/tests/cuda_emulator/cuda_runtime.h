/*
 * The part of CUDA that src/cuda uses, on the host: so that its kernels run, and can be tested, where there is no GPU.
 * Compiled by g++ with -D__CUDACC__ and this folder first on the include path.
 *
 * A launch runs its blocks one after another; the threads of a block are fibers that stop at __syncthreads() and at
 * warp primitives, and take turns in an order that changes: what lacks a barrier shows. Shared memory starts as garbage.
 * Device memory can be touched only by kernels of its device and by copies: the host gets a segmentation fault. Work
 * is done when it is queued, or as late as events and waits allow. A vector (of `alignas`) at an address that is none
 * of its multiples is an illegal instruction, by the compiler's flags. Not modelled: speed, limits of registers, memory
 * ordering. The environment chooses:
 *
 *   FLAMBEAU_EMULATED_MB       memory of a device
 *   FLAMBEAU_EMULATED_DEVICES  how many there are
 *   FLAMBEAU_EMULATED_CAPABILITY, FLAMBEAU_EMULATED_DRIVER
 *                              the compute capability (80: 8.0), and the CUDA that the driver serves (13000: 13.0)
 *   FLAMBEAU_EMULATED_OPEN     the host may touch device memory, for programs that take the device for a CPU
 *   FLAMBEAU_EMULATED_DEFER    streams are queues: 0, nothing is done before somebody waits for it; another number is
 *                              the seed by which some of it is done earlier
 *   FLAMBEAU_EMULATED_DISCARD  nothing is done at all: what remains is what the host does
 *   FLAMBEAU_EMULATED_CONTROL  a folder. If there is a file "log" in it, every launch, copy and wait adds a line;
 *                              while there is a file "fault", every call answers that a kernel has failed
 */
#ifndef FLAMBEAU_TESTS_CUDA_RUNTIME_H
#define FLAMBEAU_TESTS_CUDA_RUNTIME_H
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <functional>

#define FL_CUDA_EMULATED 1
#define __host__
#define __device__
#define __global__
#define __shared__ static
#define __constant__ static
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
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

/** Queues a kernel, whose body is called once for every thread of every block. */
cudaError_t queue(const char* op, cudaStream_t stream, dim3 grid, dim3 block, size_t shared,
                  std::function<void()> body);
bool discards();
template <class F>
cudaError_t launch(const char* op, cudaStream_t stream, dim3 grid, dim3 block, size_t shared, const F& body) {
  return discards() ? cudaSuccess : queue(op, stream, grid, block, shared, body);
}
void run(dim3 grid, dim3 block, size_t shared, const std::function<void()>& body);
/** Stops this thread until every living thread of its block is here. */
void wait_block();
/** Stops this thread until every living thread of its warp that is in the mask is here. */
void wait_warp(unsigned mask);
/** Where lane `lane` of this thread's warp leaves what it shows to others: 16 bytes. */
void* slot(unsigned lane);
unsigned lane();

template <class T> T exchange(unsigned mask, T value, unsigned from) {
  memcpy(slot(lane()), &value, sizeof value);
  wait_warp(mask);
  T seen = value;
  if (from < 32 && (mask >> from & 1) != 0) memcpy(&seen, slot(from), sizeof seen);
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
/* A product that no compiler fuses with a sum: it does not see where it came from. */
inline float __fmul_rn(float a, float b) {
  float product = a * b;
  asm("" : "+x"(product));
  return product;
}
inline double __dmul_rn(double a, double b) {
  double product = a * b;
  asm("" : "+x"(product));
  return product;
}
inline unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>((uint64_t{a} * b) >> 32); }

template <class T> T atomicAdd(T* at, T value) {
  const T before = *at;
  *at = before + value;
  return before;
}
template <class T> T atomicCAS(T* at, T expected, T value) {
  const T before = *at;
  if (before == expected) *at = value;
  return before;
}
template <class T> T atomicExch(T* at, T value) {
  const T before = *at;
  *at = value;
  return before;
}
template <class T> T atomicMax(T* at, T value) {
  const T before = *at;
  if (value > before) *at = value;
  return before;
}
template <class T> T atomicMin(T* at, T value) {
  const T before = *at;
  if (value < before) *at = value;
  return before;
}
#endif
