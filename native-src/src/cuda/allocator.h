/* The caching allocator of one device. */
#ifndef FLAMBEAU_CUDA_ALLOCATOR_H
#define FLAMBEAU_CUDA_ALLOCATOR_H
#include <stdint.h>

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>

#include "flambeau.h"

namespace flambeau {
namespace device {

/**
 * Blocks cut from segments of the device's memory. A block given back may be handed out at once, although kernels that
 * use it still wait in the stream: whoever gets it queues behind them. So every user of the memory must queue on the
 * device's stream, or wait for it (Staging does).
 */
class Allocator {
 public:
  explicit Allocator(int index) : index_(index) {}

  /** A block aligned to 512 bytes; 0: no memory, even with the cache given back. */
  fl_address allocate(int64_t bytes);
  void release(fl_address address);
  /** Returns segments without a live block to the device. */
  void trim();
  /** Does the address lie in one of the segments? */
  bool owns(fl_address address);
  /** What is held, by size: for the message when memory runs out. */
  void describe(char* text, size_t size);

  int64_t live() const { return live_.load(std::memory_order_relaxed); }
  int64_t held() const { return held_.load(std::memory_order_relaxed); }
  int64_t cached() const { return held() - used_.load(std::memory_order_relaxed); }

 private:
  /** A piece of a segment, in a list with its neighbours. */
  struct Block {
    fl_address address;
    int64_t size, asked;
    Block *before, *after;
    bool small, used;
  };
  struct BySize {
    bool operator()(const Block* a, const Block* b) const {
      return a->size != b->size ? a->size < b->size : a->address < b->address;
    }
  };
  using Pool = std::set<Block*, BySize>;

  Pool& pool(const Block* b) { return pools_[b->small ? 0 : 1]; }
  Block* new_segment(int64_t size, bool small);
  void split(Block* block, int64_t size);
  void join(Block* block, Block* next);
  void trim_locked();

  const int index_;
  std::mutex mutex_;
  Pool pools_[2];  // free blocks: of small segments, of large ones
  std::unordered_map<fl_address, Block*> used_blocks_;
  std::map<fl_address, int64_t> segments_;
  std::atomic<int64_t> live_{0}, used_{0}, held_{0};
};

/** Calls of cudaMalloc so far, on all devices. */
int64_t device_allocations() noexcept;

}  // namespace device
}  // namespace flambeau
#endif
