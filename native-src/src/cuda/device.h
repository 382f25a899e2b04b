/* A GPU in use: its stream, its properties, and what went wrong on it. */
#ifndef FLAMBEAU_CUDA_DEVICE_H
#define FLAMBEAU_CUDA_DEVICE_H
#include <cuda_runtime.h>

#include "../shared/error.h"
#include "flambeau_cuda.h"

#ifndef FL_ISA
#define FL_ISA device
#endif

namespace flambeau {
namespace device {

class Allocator;
class Staging;

/** What a kernel found wrong, in host memory that the device writes to: the first finding stays. */
struct Finding {
  int32_t status;  // an fl_status; 0: nothing
  int32_t unused;
  const char* op;  // the host's text: the device only passes it on
  int64_t value;   // the index or class
  int64_t bound;   // how many there are
};

/** What kernels that can find something wrong are given. */
struct Reporter {
  int32_t* taken;    // device memory: 1 once somebody has reported
  Finding* finding;  // the host's, as the device sees it
  const char* op;

  __device__ void report(int32_t status, int64_t value, int64_t bound) const {
    if (atomicCAS(taken, 0, 1) != 0) return;
    finding->op = op;
    finding->value = value;
    finding->bound = bound;
    __threadfence_system();
    finding->status = status;
    __threadfence_system();
  }
};

/** How many reductions of one launch may be shared among blocks. */
constexpr int64_t kTickets = 4096;

struct Device {
  int index;
  int processors;       // how many multiprocessors
  int capability;       // 90: 9.0
  cudaStream_t stream;  // where kernels queue
  char name[256];
  Allocator* allocator;
  Staging* staging;
  int32_t* taken;
  uint32_t* tickets;  // device memory: which block of a reduction is the last; all 0 between kernels
  volatile Finding* finding;
  Finding* finding_on_device;

  Reporter reporter(const char* op) const { return {taken, finding_on_device, op}; }
};

/** How many devices can be used; -1: none, and fail() has said why. */
int32_t device_count() noexcept;
/** The device of that index, opened at its first use, and made this thread's current one. Null: see fail(). */
Device* device_at(int32_t index) noexcept;
/** The device that an address belongs to. Null: see fail(). */
Device* device_of(fl_address address) noexcept;
/** Gives a block back to the device that it came from. */
int32_t release(fl_address block, int64_t bytes);
/**
 * After a call failed for want of memory (a kernel's first launch loads it): gives the cache back, and says try again.
 * False: that failed, and `failure` is told how.
 */
bool make_room(Device& d, cudaError_t* failure = nullptr);
int32_t select(int32_t index) noexcept;
int32_t selected() noexcept;

/** FL_OK, or the failure of a call of the CUDA runtime, with its reason. */
int32_t check(const char* op, cudaError_t error) noexcept;
/** What kernels have reported since this was last asked. */
int32_t found(Device& d, const char* now) noexcept;
/** Waits for the stream, and answers with what went wrong. */
int32_t synchronize(Device& d, const char* op) noexcept;

/** Calls `call`, which queues a kernel: FL_OK, or why that failed (or, with FL_CUDA_SYNC, what the kernel did). */
int32_t queue(Device& d, const char* op, cudaError_t (*run)(const void* call), const void* call);
template <class F> int32_t queue(Device& d, const char* op, const F& call) {
  return queue(
      d, op, [](const void* f) { return (*static_cast<const F*>(f))(); }, &call);
}

/** Is FL_CUDA_SYNC, FL_CUDA_TF32 on? */
bool is_on(int32_t which) noexcept;
int32_t set_switch(int32_t which, bool on) noexcept;

}  // namespace device
}  // namespace flambeau
#endif
