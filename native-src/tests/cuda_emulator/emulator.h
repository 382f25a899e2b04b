/* What the parts of the emulated CUDA runtime share. */
#ifndef FLAMBEAU_TESTS_EMULATOR_H
#define FLAMBEAU_TESTS_EMULATOR_H
#include <string>

#include "cuda_runtime.h"

namespace emulator {

constexpr size_t kShared = 256 << 10;      // more than a block can have
constexpr size_t kSharedMost = 227 << 10;  // on request, by cudaFuncSetAttribute, which is not emulated
constexpr size_t kSharedUnasked = 48 << 10;

/** How a kernel ended: cudaSuccess, or at what. */
struct Death {
  cudaError_t error = cudaSuccess;
  uint3 block = {0, 0, 0}, thread = {0, 0, 0};
  const char* why = "";
  const void* address = nullptr;  // told where `why` ends with a space
};

/** Runs all blocks, some of them by turns. */
Death run(dim3 grid, dim3 threads, size_t shared, const std::function<void()>& body);

/** How many threads a kernel's block may have: what __launch_bounds__ says, else 256. */
int bound_of(const void* kernel);

/* ------------------------------------------------------------------------------------------------ device memory */
/** Not cudaSuccess: out of memory. */
cudaError_t take_memory(int device, size_t bytes, void** block);
/** False: there is no such block. */
bool give_memory(void* block);
size_t capacity();
size_t used(int device);
/** The end of a block of an open device behind which somebody has written; null: of none. */
const void* damage(int device);
/** Whether all the bytes are of one block of a device. */
bool is_on_device(const void* address, size_t bytes);
/** "4 bytes past the end of a block of 400 bytes", and the like. */
std::string place(const void* address);

/** The memory of a device (-1: of any) is open for as long as one of these lives. */
class Access {
 public:
  explicit Access(int device);
  ~Access();

 private:
  const int device_;
};

/** A number from the environment. */
long number(const char* name, long otherwise);

}  // namespace emulator
#endif
