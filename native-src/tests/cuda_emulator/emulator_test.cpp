/* What the emulated GPU must see: each kernel here does something that a GPU punishes, or might. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "cuda/merging.h"
#include "emulator.h"

namespace flambeau {
const char* const half_refusal = "";  // a library's own text, and no library is linked here
}

using namespace flambeau::device;

namespace {

int failures = 0, checks = 0;
void check(bool right, const char* what, const std::string& got) {
  ++checks;
  if (right) return;
  ++failures;
  printf("%s: %s\n", what, got.c_str());
}

cudaStream_t stream = nullptr;
constexpr const char* kLog = "emulator_test.log";

struct Outcome {
  cudaError_t error;
  std::string said;  // on standard error
};

/** How a kernel ends; afterwards the GPU is as new. */
template <class... P, class... A> Outcome run(const Grid& grid, void (*kernel)(P...), A... arguments) {
  fflush(stderr);
  const int before = dup(2);
  FILE* log = fopen(kLog, "w+");
  dup2(fileno(log), 2);
  Outcome outcome = {
      emulator::launch({"planted", reinterpret_cast<const void*>(kernel), grid.blocks, grid.threads, grid.shared},
                       stream, [=] { kernel(static_cast<P>(arguments)...); }),
      ""};
  if (outcome.error == cudaSuccess) outcome.error = cudaStreamSynchronize(stream);
  fflush(stderr);
  dup2(before, 2);
  close(before);
  rewind(log);
  for (int c = fgetc(log); c != EOF; c = fgetc(log)) outcome.said += static_cast<char>(c);
  fclose(log);
  remove(kLog);
  cudaGetLastError();
  emulator::revive();
  return outcome;
}

void fails(const Outcome& outcome, cudaError_t error, const char* because) {
  check(outcome.error == error && outcome.said.find(because) != std::string::npos, because,
        std::to_string(outcome.error) + " " + outcome.said);
}
void succeeds(const Outcome& outcome, const char* what) {
  check(outcome.error == cudaSuccess && outcome.said.empty(), what, std::to_string(outcome.error) + " " + outcome.said);
}

template <class T> T* memory(size_t count) {
  void* block = nullptr;
  if (cudaMalloc(&block, count * sizeof(T)) != cudaSuccess) abort();
  return static_cast<T*>(block);
}
template <class T> std::vector<T> read(const T* from, size_t count) {
  std::vector<T> values(count);
  cudaMemcpyAsync(values.data(), from, count * sizeof(T), cudaMemcpyDeviceToHost, stream);
  cudaStreamSynchronize(stream);
  return values;
}

Grid grid(unsigned blocks, unsigned threads, size_t shared = 0) { return {dim3(blocks), dim3(threads), shared}; }

/* ------------------------------------------------------------------------------------------------ memory */
__global__ void __launch_bounds__(256) fill(float* x, int n) {
  for (int i = static_cast<int>(first_item()); i < n; i += static_cast<int>(item_step())) x[i] = 1;
}
__global__ void __launch_bounds__(256) add_up(const float* x, int n, float* y) {
  float sum = 0;
  for (int i = 0; i < n; ++i) sum += x[i];
  *y = sum;
}
__global__ void __launch_bounds__(32) vector_at(float* x, int i) { *reinterpret_cast<float4*>(x + i) = {1, 2, 3, 4}; }

void ends_of_blocks() {
  float* x = memory<float>(100);
  float* y = memory<float>(1);
  check(read(reinterpret_cast<uint32_t*>(x), 100) == std::vector<uint32_t>(100, 0xffffffffu), "fresh memory", "");
  succeeds(run(grid(2, 64), fill, x, 100), "a fill");
  fails(run(grid(2, 64), fill, x, 101), cudaErrorIllegalAddress, "planted: thread");
  fails(run(grid(2, 64), fill, x, 101), cudaErrorIllegalAddress, "0 bytes past the end of a block of 400 bytes");
  fails(run(grid(1, 32), add_up, x, 113, y), cudaErrorIllegalAddress, "48 bytes past the end of a block of 400 bytes");
  fails(run(grid(1, 32), fill, y, 2), cudaErrorIllegalAddress, "0 bytes past the end of a block of 4 bytes");
  fails(run(grid(1, 32), fill, static_cast<float*>(nullptr), 1), cudaErrorIllegalAddress, "no block's");
  succeeds(run(grid(1, 32), vector_at, x, 4), "a vector");
  fails(run(grid(1, 32), vector_at, x, 5), cudaErrorMisalignedAddress, "none of its multiples");
  cudaFree(x);
  fails(run(grid(1, 32), fill, x, 1), cudaErrorIllegalAddress, "no block's");
  cudaFree(y);
}

void sides_of_copies() {
  float* x = memory<float>(100);
  float y[101] = {};
  const cudaMemcpyKind up = cudaMemcpyHostToDevice, down = cudaMemcpyDeviceToHost, on = cudaMemcpyDeviceToDevice;
  for (const cudaError_t error : {cudaMemcpyAsync(x, y, 400, up, stream), cudaMemcpyAsync(y, x, 400, down, stream),
                                  cudaMemcpyAsync(x + 50, x, 200, on, stream), cudaStreamSynchronize(stream)}) {
    check(error == cudaSuccess, "a copy", cudaGetErrorString(error));
  }
  for (const cudaError_t error : {cudaMemcpyAsync(y, y + 1, 4, down, stream), cudaMemcpyAsync(y, y + 1, 4, up, stream),
                                  cudaMemcpyAsync(x, y, 4, on, stream), cudaMemcpyAsync(x, x + 1, 4, up, stream),
                                  cudaMemcpyAsync(y, x, 404, down, stream), cudaMemcpyAsync(x, y, 404, up, stream)}) {
    check(error == cudaErrorInvalidValue, "a copy between wrong sides", cudaGetErrorString(error));
  }
  cudaFree(x);
}

/* ------------------------------------------------------------------------------------------------ launches */
template <class T> __global__ void unbound(T* x) { x[0] = 1; }
template <int kMost> __global__ void __launch_bounds__(kMost, 2) bound(float* x) { x[0] = 1; }

void launches() {
  float* x = memory<float>(1);
  check(emulator::bound_of(reinterpret_cast<const void*>(&fill)) == 256, "bound", "");
  succeeds(run(grid(1, 256), unbound<float>, x), "256 threads");
  fails(run(grid(1, 512), unbound<float>, x), cudaErrorLaunchOutOfResources, "planted: 512 threads, and the kernel's");
  succeeds(run(grid(1, 128), bound<128>, x), "128 threads");
  fails(run(grid(1, 256), bound<128>, x), cudaErrorLaunchOutOfResources, "__launch_bounds__ are 128");
  succeeds(run(grid(1, 1024), bound<1024>, x), "1,024 threads");
  succeeds(run(grid(1, 32, 48 << 10), bound<1024>, x), "48 KB");
  fails(run(grid(1, 32, (48 << 10) + 16), bound<1024>, x), cudaErrorInvalidValue, "49168 bytes of shared memory");
  cudaFree(x);

  struct Odd {
    char c[5];
  };
  static_assert(argument_bytes<>() == 0 && argument_bytes<char, double, Odd, int>() == 28, "as a struct's members");
}

/* ------------------------------------------------------------------------------------------------ shared memory */
__global__ void __launch_bounds__(256) use_before_set(uint32_t* y) {
  FL_SHARED(uint32_t[64], shared);
  FL_DYNAMIC_SHARED(uint32_t, more);
  y[2 * threadIdx.x] = shared[threadIdx.x];
  y[2 * threadIdx.x + 1] = more[threadIdx.x];
  __syncthreads();
  shared[threadIdx.x] = more[threadIdx.x] = 7;
}
__global__ void __launch_bounds__(256) past_the_end(int i) {
  FL_SHARED(float[32], shared);
  shared[i] = 1;
}
__global__ void __launch_bounds__(256) past_the_dynamic_end(int i) {
  FL_DYNAMIC_SHARED(float, shared);
  shared[i] = 1;
}
__global__ void __launch_bounds__(256) forty_kilobytes() {
  FL_SHARED(float[10 << 10], shared);
  shared[threadIdx.x] = 1;
}
/** Each block's own number in its own shared memory; with a barrier, or (wrongly) without. */
__global__ void __launch_bounds__(256) through_shared(unsigned* y, bool waits) {
  FL_SHARED(unsigned[256], shared);
  for (unsigned round = 0; round < 3; ++round) {
    shared[threadIdx.x] = blockIdx.x * 1000 + threadIdx.x + round;
    if (waits) __syncthreads();
    y[first_item()] = shared[blockDim.x - 1 - threadIdx.x];
    if (waits) __syncthreads();
  }
}

void shared_memory() {
  uint32_t* y = memory<uint32_t>(256 * 256);
  succeeds(run(grid(3, 64, 256), use_before_set, y), "shared memory");
  check(read(y, 128) == std::vector<uint32_t>(128, 0xffffffffu), "garbage in shared memory", "");
  succeeds(run(grid(1, 32), past_the_end, 31), "the last of shared memory");
  fails(run(grid(1, 32), past_the_end, 32), cudaErrorIllegalAddress, "past the end of shared memory");
  fails(run(grid(1, 32, 64), past_the_dynamic_end, 16), cudaErrorIllegalAddress, "past the end of shared memory");
  succeeds(run(grid(1, 32, 8 << 10), forty_kilobytes), "48 KB in two parts");
  fails(run(grid(1, 32, (8 << 10) + 16), forty_kilobytes), cudaErrorInvalidValue, "more than 48 KB");
  for (bool waits : {true, false}) {
    int wrong = 0;
    for (int launch = 0; launch < 10; ++launch) {
      succeeds(run(grid(20, 64), through_shared, y, waits), "through shared memory");
      const std::vector<uint32_t> seen = read(y, 20 * 64);
      for (unsigned i = 0; i < 20 * 64; ++i) wrong += seen[i] != i / 64 * 1000 + 63 - i % 64 + 2;
    }
    check(waits == (wrong == 0), waits ? "with barriers" : "a barrier that lacks", std::to_string(wrong));
  }
  cudaFree(y);
}

/* ------------------------------------------------------------------------------------------------ warps */
__global__ void __launch_bounds__(256) some_leave(int* y) {
  if (threadIdx.x >= 20) return;
  y[threadIdx.x] = __shfl_xor_sync(0xffffffffu, static_cast<int>(threadIdx.x), 1);
}
__global__ void __launch_bounds__(256) outside_the_mask(int* y, unsigned mask, int from) {
  y[threadIdx.x] = __shfl_sync(mask, static_cast<int>(threadIdx.x), from);
}
__global__ void __launch_bounds__(256) two_barriers() {
  if (threadIdx.x == 3) return __syncthreads();
  __syncwarp();
}

void warps() {
  int* y = memory<int>(64);
  fails(run(grid(1, 32), some_leave, y), cudaErrorLaunchFailure, "some of which have ended");
  succeeds(run(grid(1, 64), outside_the_mask, y, 0xffffffffu, 5), "a shuffle");
  check(read(y, 64)[40] == 37, "a shuffle's answer", "");
  fails(run(grid(1, 32), outside_the_mask, y, 0x7fffffffu, 5), cudaErrorIllegalInstruction, "is not in the mask");
  fails(run(grid(1, 16), outside_the_mask, y, 0xffffu, 20), cudaErrorLaunchFailure, "reads from a lane");
  fails(run(grid(1, 32), two_barriers), cudaErrorLaunchTimeout, "wait for something else");
  cudaFree(y);
}

/* ------------------------------------------------------------------------------------------------ blocks */
/** A sum over blocks by the last one; or (wrongly) by the one with the greatest number. */
__global__ void __launch_bounds__(64) sum_of_blocks(int* parts, uint32_t* ticket, int* y, bool counts) {
  parts[blockIdx.x] = static_cast<int>(blockIdx.x) + 1;
  const bool last = counts ? is_last(ticket, gridDim.x) : blockIdx.x == gridDim.x - 1;
  if (!last || threadIdx.x != 0) return;
  int sum = 0;
  for (unsigned b = 0; b < gridDim.x; ++b) sum += parts[b];
  *y = sum;
}
/** Blocks of a grid that fits onto no GPU at once may not wait for each other in an order: here they would see it. */
__global__ void __launch_bounds__(64) order_of_blocks(unsigned* next, unsigned* y) {
  if (threadIdx.x == 0) y[atomicAdd(next, 1u)] = blockIdx.x;
}

void blocks_by_turns() {
  int* parts = memory<int>(30);
  int* y = memory<int>(1);
  uint32_t* words = memory<uint32_t>(31);
  cudaMemsetAsync(words, 0, 4, stream);
  for (bool counts : {true, false}) {
    int wrong = 0;
    for (int launch = 0; launch < 30; ++launch) {
      cudaMemsetAsync(parts, 0, 30 * 4, stream);
      succeeds(run(grid(30, 64), sum_of_blocks, parts, words, y, counts), "a sum of blocks");
      wrong += read(y, 1)[0] != 30 * 31 / 2;
    }
    check(counts == (wrong == 0), counts ? "the last block" : "the block with the last number", std::to_string(wrong));
  }
  int in_order = 0;
  for (int launch = 0; launch < 10; ++launch) {
    cudaMemsetAsync(words, 0, 4, stream);
    succeeds(run(grid(30, 64), order_of_blocks, words, words + 1), "an order");
    std::vector<uint32_t> order = read(words + 1, 30), sorted = order;
    std::sort(sorted.begin(), sorted.end());
    for (unsigned b = 0; b < 30; ++b) check(sorted[b] == b, "every block once", std::to_string(sorted[b]));
    in_order += order == sorted;
  }
  check(in_order == 0, "blocks in order", std::to_string(in_order));
  cudaFree(parts);
  cudaFree(y);
  cudaFree(words);
}

/* ------------------------------------------------------------------------------------------------ arithmetic */
__global__ void __launch_bounds__(32) powers(double* y) {
  for (int i = 0; i < 100; ++i) y[i] = __builtin_pow(1.5 + i, 0.7);
  y[100] = __builtin_exp(0.0);
}
__global__ void __launch_bounds__(32) products(float* y, float a, float b, float c) {
  y[0] = __fadd_rn(__fmul_rn(a, b), c);
}

void arithmetic() {
  double* y = memory<double>(101);
  succeeds(run(grid(1, 1), powers, y), "powers");
  const std::vector<double> seen = read(y, 101);
  int moved = 0;
  for (int i = 0; i < 100; ++i) {
    const double exact = pow(1.5 + i, 0.7), ulps = (seen[i] - exact) / (nextafter(exact, 1e9) - exact);
    moved += ulps != 0;
    check(std::abs(ulps) <= 2, "ulps of pow", std::to_string(ulps));
  }
  check(moved > 50 && seen[100] == 1, "moved", std::to_string(moved));
  check(__builtin_pow(2.5, 0.7) == pow(2.5, 0.7), "pow on the host", "");
  float* f = memory<float>(1);
  const float a = 1 + 1.0f / 4096;
  succeeds(run(grid(1, 1), products, f, a, a, -(1 + 1.0f / 2048)), "a product");
  check(read(f, 1)[0] == 0, "a product that is rounded", std::to_string(read(f, 1)[0]));
  cudaFree(y);
  cudaFree(f);
}

}  // namespace

int main() {
  int count = 0;
  cudaGetDeviceCount(&count);
  cudaSetDevice(0);
  cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
  ends_of_blocks();
  sides_of_copies();
  launches();
  shared_memory();
  warps();
  blocks_by_turns();
  arithmetic();
  printf("%d checks, %d failures\n", checks, failures);
  return failures == 0 ? 0 : 1;
}
