/* Pinned host memory for copies to and from one device. */
#ifndef FLAMBEAU_CUDA_STAGING_H
#define FLAMBEAU_CUDA_STAGING_H
#include <stdint.h>

#include <atomic>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "device.h"

namespace flambeau {
namespace device {

/**
 * Pieces of pinned memory, FL_STAGING_BYTES each or far smaller for small copies, made as they are needed and kept. A
 * piece that a copy reads is free again once the copy's event has passed.
 */
class Staging {
 public:
  /** Memory for a copy of at most FL_STAGING_BYTES; while there is none left, waits for one. */
  int32_t reserve(const char* op, int64_t bytes, fl_address& staged);
  /** Queues staged bytes to the device; beside: on a stream of its own, concurrently with kernels. */
  int32_t send(Device& d, fl_address target, fl_address staged, int64_t bytes, bool beside);
  /** Lets kernels queued from now on wait for the concurrent copies queued so far. */
  int32_t join(Device& d);
  /** Before a block is given back: lets kernels queued from now on wait for a copy that may still write to it. */
  int32_t settle(Device& d, fl_address block, int64_t bytes);
  /** Copies from the device, and waits. */
  int32_t fetch(Device& d, fl_address staged, fl_address source, int64_t bytes);
  void release(fl_address staged);

 private:
  struct Piece {
    void* memory;
    int64_t size;
    cudaEvent_t sent;
    bool in_use;    // between reserve and send or release
    bool pending;   // its event may not have passed
    uint64_t turn;  // which copy used it last
  };
  cudaError_t free_piece(int64_t size, Piece*& piece);
  cudaError_t new_piece(int64_t size, Piece*& piece);
  Piece* at(fl_address staged);

  std::mutex mutex_;
  uint64_t turns_ = 0;
  std::vector<Piece*> pieces_;
  std::unordered_map<fl_address, Piece*> by_address_;
  cudaStream_t beside_ = nullptr;
  cudaEvent_t before_ = nullptr, after_ = nullptr;
  std::atomic<bool> unjoined_{false};
  std::vector<fl_address> targets_;  // of concurrent copies that are not joined yet
};

}  // namespace device
}  // namespace flambeau
#endif
