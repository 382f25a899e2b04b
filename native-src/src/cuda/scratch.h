/* Device memory for the length of a call: given back once its kernels are queued, and reused behind them. */
#ifndef FLAMBEAU_CUDA_SCRATCH_H
#define FLAMBEAU_CUDA_SCRATCH_H
#include "allocator.h"
#include "device.h"

namespace flambeau {
namespace device {

template <class T> class Scratch {
 public:
  /** Memory for that many Ts; 0: none, and get() is null. */
  Scratch(Device& d, int64_t count)
      : allocator_(*d.allocator),
        wanted_(count > 0),
        block_(wanted_ ? allocator_.allocate(count * static_cast<int64_t>(sizeof(T))) : 0) {}
  ~Scratch() {
    if (block_ != 0) allocator_.release(block_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  /** False when there was no memory. */
  explicit operator bool() const { return !wanted_ || block_ != 0; }
  T* get() const { return reinterpret_cast<T*>(block_); }

 private:
  Allocator& allocator_;
  const bool wanted_;
  const fl_address block_;
};

/** Reports why there was none: no memory, or a device that fails. */
inline int32_t out_of_memory(const char* op) {
  const cudaError_t error = refusal();
  return error == cudaErrorMemoryAllocation ? fail(FL_OUT_OF_MEMORY, "%s: no memory for what it computes with", op)
                                            : check(op, error);
}

}  // namespace device
}  // namespace flambeau
#endif
