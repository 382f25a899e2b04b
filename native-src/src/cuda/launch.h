/* How kernels are launched, and the loops that they share. */
#ifndef FLAMBEAU_CUDA_LAUNCH_H
#define FLAMBEAU_CUDA_LAUNCH_H
#include "../shared/half.h"
#include "device.h"

/*
 * A kernel's shared memory: a T by that name, and Ts as many as the launch's size says. The emulator has one for each of
 * the blocks that it runs by turns, and no __shared__.
 */
#if defined(FL_CUDA_EMULATED)
#define FL_SHARED(T, name) \
  static char name##_;     \
  auto& name = emulator::shared<flambeau::device::Type<T>>(&name##_)
#define FL_DYNAMIC_SHARED(T, name) T* name = reinterpret_cast<T*>(emulator::dynamic_shared)
#else
#define FL_SHARED(T, name) __shared__ flambeau::device::Type<T> name
#define FL_DYNAMIC_SHARED(T, name)                           \
  extern __shared__ __align__(16) unsigned char fl_shared[]; \
  T* name = reinterpret_cast<T*>(fl_shared)
#endif

namespace flambeau {
namespace device {

/** T, also where the grammar of a declaration allows no array brackets. */
template <class T> using Type = T;

/** Threads of a block, unless a kernel has a reason. */
constexpr int kThreads = 256;
/** Independent loads that a thread issues before it uses the first of them, so that their latencies overlap. */
constexpr int kInFlight = 4;

struct Grid {
  dim3 blocks, threads = dim3(kThreads);
  size_t shared = 0;  // bytes of FL_DYNAMIC_SHARED
};

template <class T> constexpr FL_HD T least(T a, T b) { return a < b ? a : b; }
template <class T> constexpr FL_HD T most(T a, T b) { return a > b ? a : b; }
constexpr FL_HD int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

/**
 * Blocks for n items, each thread taking `each` at a time in a grid-stride loop: as many as fill the GPU a few times
 * over, and no more, so that blocks need not be started for little work.
 */
inline Grid grid_for(const Device& d, int64_t n, int64_t each = 1) {
  const int64_t wanted = ceil_div(n, each * kThreads), most_blocks = static_cast<int64_t>(d.processors) * 32;
  return {dim3(static_cast<unsigned>(least(wanted, most_blocks)))};
}

/** A block for each tile of work. */
inline Grid grid_of(int64_t tiles) { return {dim3(static_cast<unsigned>(least(tiles, int64_t{0x7fffffff})))}; }

/** A grid-stride loop's first item and its step. */
inline __device__ int64_t first_item() { return static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; }
inline __device__ int64_t item_step() { return static_cast<int64_t>(gridDim.x) * blockDim.x; }

/** Bytes of a kernel's arguments, which lie as a struct's members do; and how many there may be (since CUDA 12.1). */
template <class... P> constexpr size_t argument_bytes() {
  size_t bytes = 0;
  ((bytes = (bytes + alignof(P) - 1) / alignof(P) * alignof(P) + sizeof(P)), ...);
  return bytes;
}
constexpr size_t kMostArgumentBytes = 32764;

#if !defined(FL_CUDA_EMULATED)
/** A prepared launch: no template, as there are more than a thousand kernels. */
struct Launch {
  const void* kernel;
  const Grid& grid;
  void** arguments;
  cudaStream_t stream;
  cudaError_t operator()() const {
    return cudaLaunchKernel(kernel, grid.blocks, grid.threads, arguments, grid.shared, stream);
  }
};
#endif

/** Queues a kernel on the device's stream: FL_OK, or why it could not be launched (or, with FL_CUDA_SYNC, what it did). */
template <class... P, class... A>
int32_t launch(Device& d, const char* op, void (*kernel)(P...), const Grid& grid, A... arguments) {
  static_assert(argument_bytes<P...>() <= kMostArgumentBytes, "no launch carries that many bytes of arguments");
  const void* address = reinterpret_cast<const void*>(kernel);
#if defined(FL_CUDA_EMULATED)
  return queue(d, op, [&] {
    return emulator::launch({op, address, grid.blocks, grid.threads, grid.shared}, d.stream,
                            [=] { kernel(static_cast<P>(arguments)...); });
  });
#else
  const auto call = [&](P... values) {
    void* addresses[] = {&values...};
    return queue(d, op, Launch{address, grid, addresses, d.stream});
  };
  return call(static_cast<P>(arguments)...);
#endif
}

/* ------------------------------------------------------------------------------------------------ vectors in memory */
/** N elements that are read and written by one instruction. */
template <class T, int N> struct alignas(sizeof(T) * N) Pack { T at[N]; };
/** How many elements of T fill 16 bytes. */
template <class T> constexpr int kPack = 16 / static_cast<int>(sizeof(T));

/** May the addresses be read in Packs of 16 bytes? */
template <class... P> bool packs(P*... addresses) {
  return ((reinterpret_cast<uintptr_t>(addresses) % 16 == 0) && ...);
}

}  // namespace device
}  // namespace flambeau
#endif
