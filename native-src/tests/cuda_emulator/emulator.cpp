/* The emulated CUDA runtime: see cuda_runtime.h beside this. x86-64 Linux only (the fibers' switch is in assembly). */
#include "cuda_runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace {

/* ------------------------------------------------------------------------------------------------ device memory */
std::recursive_mutex one_at_a_time;
std::map<void*, size_t> blocks;
size_t used = 0;
constexpr size_t kPage = 4096;

size_t capacity() {
  const char* megabytes = getenv("FLAMBEAU_EMULATED_MB");
  return (megabytes != nullptr ? strtoull(megabytes, nullptr, 10) : 4096) << 20;
}

/** Does the host see device memory as its own? For programs that take this for a CPU. */
bool always_open() {
  static const bool open = getenv("FLAMBEAU_EMULATED_OPEN") != nullptr;
  return open;
}

/** Device memory is open for as long as one of these lives. */
class Access {
 public:
  Access() {
    if (!always_open() && depth++ == 0) protect(PROT_READ | PROT_WRITE);
  }
  ~Access() {
    if (!always_open() && --depth == 0) protect(PROT_NONE);
  }

 private:
  static void protect(int rights) {
    for (const auto& block : blocks) mprotect(block.first, block.second, rights);
  }
  static int depth;
};
int Access::depth = 0;

/* ------------------------------------------------------------------------------------------------ fibers */
enum class State { ready, at_block, at_warp, done };
constexpr size_t kStack = 64 << 10;

struct Fiber {
  void* stack_pointer = nullptr;
  std::unique_ptr<unsigned char[]> stack{new unsigned char[kStack]};
  State state = State::done;
  unsigned mask = 0;
  uint3 index = {0, 0, 0};
  alignas(16) unsigned char slot[16];
};

std::vector<std::unique_ptr<Fiber>> fibers;
unsigned live = 0, current = 0;
void* scheduler_stack = nullptr;
void (*kernel_body)(void*) = nullptr;
void* kernel_context = nullptr;

extern "C" void emulator_switch(void** save, void* load);
asm(R"(
.text
.type emulator_switch, @function
emulator_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size emulator_switch, .-emulator_switch
)");

void stop(State state) {
  fibers[current]->state = state;
  emulator_switch(&fibers[current]->stack_pointer, scheduler_stack);
}

void enter() {
  kernel_body(kernel_context);
  stop(State::done);
  abort();  // a finished fiber never runs again
}

void start(Fiber& fiber) {
  void** top = reinterpret_cast<void**>((reinterpret_cast<uintptr_t>(fiber.stack.get()) + kStack) & ~uintptr_t{15});
  *--top = nullptr;  // keeps the stack aligned as if enter() had been called
  *--top = reinterpret_cast<void*>(&enter);
  for (int i = 0; i < 6; ++i) *--top = nullptr;
  fiber.stack_pointer = top;
  fiber.state = State::ready;
}

void resume(unsigned i) {
  current = i;
  emulator::thread_index = fibers[i]->index;
  emulator_switch(&scheduler_stack, fibers[i]->stack_pointer);
}

/** Lets warps go on whose threads have all arrived, and else the block. False: nobody could. */
bool release() {
  bool any = false, all_at_block = true;
  for (unsigned warp = 0; warp < live; warp += 32) {
    for (unsigned i = warp; i < warp + 32 && i < live; ++i) {
      Fiber& f = *fibers[i];
      if (f.state == State::at_warp) {
        all_at_block = false;
        bool here = true;
        for (unsigned j = warp; j < warp + 32 && j < live; ++j) {
          const Fiber& other = *fibers[j];
          if ((f.mask >> (j - warp) & 1) == 0 || other.state == State::done) continue;
          here = here && other.state == State::at_warp && other.mask == f.mask;
        }
        if (!here) continue;
        const unsigned mask = f.mask;
        for (unsigned j = warp; j < warp + 32 && j < live; ++j) {
          if ((mask >> (j - warp) & 1) != 0 && fibers[j]->state == State::at_warp) fibers[j]->state = State::ready;
        }
        any = true;
      }
    }
  }
  if (any || !all_at_block) return any;
  for (unsigned i = 0; i < live; ++i) {
    if (fibers[i]->state == State::at_block) {
      fibers[i]->state = State::ready;
      any = true;
    }
  }
  return any;
}

void run_block() {
  static unsigned turn = 0;
  for (unsigned i = 0; i < live; ++i) start(*fibers[i]);
  for (;;) {
    const unsigned first = (turn++ * 37) % live;
    bool ran = false;
    for (unsigned k = 0; k < live; ++k) {
      // forwards, backwards, and from somewhere in the middle
      const unsigned i = turn % 3 == 0 ? k : turn % 3 == 1 ? live - 1 - k : (k + first) % live;
      if (fibers[i]->state == State::ready) {
        resume(i);
        ran = true;
      }
    }
    if (ran) continue;
    if (release()) continue;
    for (unsigned i = 0; i < live; ++i) {
      if (fibers[i]->state != State::done) {
        fprintf(stderr, "emulated CUDA: threads of a block wait for each other at different barriers\n");
        abort();
      }
    }
    return;
  }
}

cudaError_t last = cudaSuccess;

}  // namespace

namespace emulator {
uint3 thread_index, block_index;
dim3 block_size, grid_size;
unsigned char* dynamic_shared = nullptr;

void wait_block() { stop(State::at_block); }
void wait_warp(unsigned mask) {
  fibers[current]->mask = mask;
  stop(State::at_warp);
}
unsigned lane() { return current % 32; }
void* slot(unsigned of) {
  const unsigned i = current / 32 * 32 + of;
  return fibers[i < live ? i : current]->slot;
}

void run(dim3 grid, dim3 block, size_t shared, void (*body)(void*), void* context) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  const unsigned threads = block.x * block.y * block.z;
  if (threads == 0 || threads > 1024 || grid.x == 0 || grid.y == 0 || grid.z == 0 || grid.y > 65535 || grid.z > 65535 ||
      shared > (227 << 10)) {
    last = cudaErrorInvalidValue;
    return;
  }
  const Access access;
  static std::vector<unsigned char> memory;
  memory.resize(shared + 16);
  dynamic_shared = reinterpret_cast<unsigned char*>((reinterpret_cast<uintptr_t>(memory.data()) + 15) & ~uintptr_t{15});
  while (fibers.size() < threads) fibers.emplace_back(new Fiber);
  live = threads;
  grid_size = grid;
  block_size = block;
  kernel_body = body;
  kernel_context = context;
  for (unsigned i = 0; i < threads; ++i) {
    fibers[i]->index = {i % block.x, i / block.x % block.y, i / block.x / block.y};
  }
  for (unsigned z = 0; z < grid.z; ++z) {
    for (unsigned y = 0; y < grid.y; ++y) {
      for (unsigned x = 0; x < grid.x; ++x) {
        block_index = {x, y, z};
        memset(dynamic_shared, 0xff, shared);
        run_block();
      }
    }
  }
}
}  // namespace emulator

/* ---------------------------------------------------------------------------------------------------- the runtime */
const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaSuccess: return "no error";
    case cudaErrorInvalidValue: return "invalid argument";
    case cudaErrorMemoryAllocation: return "out of memory";
    case cudaErrorNoDevice: return "no CUDA-capable device is detected";
    default: return "unknown error";
  }
}
cudaError_t cudaGetDeviceCount(int* count) {
  *count = 1;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  *properties = {"emulated on the host", capacity(), 2, 8, 0};
  return cudaSuccess;
}
cudaError_t cudaDriverGetVersion(int* version) {
  *version = 13000;
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = 13000;
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int device) { return device == 0 ? cudaSuccess : cudaErrorInvalidDevice; }
cudaError_t cudaMalloc(void** block, size_t bytes) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  const size_t rounded = (bytes + kPage - 1) / kPage * kPage;
  if (used + rounded > capacity()) return last = cudaErrorMemoryAllocation;
  void* made =
      mmap(nullptr, rounded, always_open() ? PROT_READ | PROT_WRITE : PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (made == MAP_FAILED) return last = cudaErrorMemoryAllocation;
  blocks[made] = rounded;
  used += rounded;
  *block = made;
  return cudaSuccess;
}
cudaError_t cudaFree(void* block) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  const auto found = blocks.find(block);
  if (found == blocks.end()) return last = cudaErrorInvalidValue;
  used -= found->second;
  munmap(block, found->second);
  blocks.erase(found);
  return cudaSuccess;
}
cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  *total = capacity();
  *free = *total - used;
  return cudaSuccess;
}
cudaError_t cudaHostAlloc(void** block, size_t bytes, unsigned) {
  *block = aligned_alloc(kPage, (bytes + kPage - 1) / kPage * kPage);
  return *block != nullptr ? cudaSuccess : cudaErrorMemoryAllocation;
}
cudaError_t cudaFreeHost(void* block) {
  free(block);
  return cudaSuccess;
}
cudaError_t cudaHostGetDevicePointer(void** device, void* host, unsigned) {
  *device = host;
  return cudaSuccess;
}
cudaError_t cudaMemcpyAsync(void* target, const void* source, size_t bytes, cudaMemcpyKind, cudaStream_t) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  const Access access;
  memmove(target, source, bytes);
  return cudaSuccess;
}
cudaError_t cudaMemsetAsync(void* target, int value, size_t bytes, cudaStream_t) {
  std::lock_guard<std::recursive_mutex> lock(one_at_a_time);
  const Access access;
  memset(target, value, bytes);
  return cudaSuccess;
}
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  *stream = reinterpret_cast<cudaStream_t>(uintptr_t{1});
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t) { return cudaSuccess; }
cudaError_t cudaStreamWaitEvent(cudaStream_t, cudaEvent_t, unsigned) { return cudaSuccess; }
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  *event = reinterpret_cast<cudaEvent_t>(uintptr_t{1});
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t, cudaStream_t) { return cudaSuccess; }
cudaError_t cudaEventQuery(cudaEvent_t) { return cudaSuccess; }
cudaError_t cudaEventSynchronize(cudaEvent_t) { return cudaSuccess; }
cudaError_t cudaDeviceSynchronize() { return cudaSuccess; }
cudaError_t cudaGetLastError() {
  const cudaError_t error = last;
  last = cudaSuccess;
  return error;
}
cudaError_t cudaPeekAtLastError() { return last; }
