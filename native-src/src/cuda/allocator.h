/* The caching allocator of one device. */
#ifndef FLAMBEAU_CUDA_ALLOCATOR_H
#define FLAMBEAU_CUDA_ALLOCATOR_H
#include <cuda_runtime.h>
#include <stdint.h>

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <vector>

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
  /**
   * exact: every block is an allocation of its own, of the bytes that were asked for, and goes back to the device when
   * it is released: slow, and compute-sanitizer sees what is read or written past its end.
   */
  Allocator(int index, bool exact) : index_(index), exact_(exact) {}

  /**
   * A block aligned to 512 bytes (exact: as the device's are). 0: no memory, even with the cache given back, or the
   * device fails; refusal() says which. The device is the current one.
   */
  fl_address allocate(int64_t bytes);
  /** exact: waits for the device, which is the current one. */
  void release(fl_address address);
  /** Returns segments without a live block to the device, which is the current one. What fails stays held. */
  cudaError_t trim();
  /** What is held, by size: for the message when memory runs out. */
  cudaError_t describe(char* text, size_t size);

  bool exact() const { return exact_; }

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
    Block* below;  // in its bin
  };
  struct BySize {
    bool operator()(const Block* a, const Block* b) const {
      return a->size != b->size ? a->size < b->size : a->address < b->address;
    }
  };
  using Pool = std::set<Block*, BySize>;

  /** Blocks in use by their addresses: open addressing, as a node for each would cost more than all the rest. */
  class Table {
   public:
    void add(Block* block);
    /** Takes the block out; null: it is not there. */
    Block* take(fl_address address);
    template <class F> void each(const F& f) const {
      for (const Block* block : places_) {
        if (block != nullptr) f(*block);
      }
    }
    size_t size() const { return count_; }

   private:
    size_t home(fl_address address) const {
      return static_cast<size_t>((static_cast<uint64_t>(address) >> 4) * 0x9E3779B97F4A7C15u >> shift_);
    }
    void place(Block* block);

    std::vector<Block*> places_;
    size_t count_ = 0;
    int shift_ = 64;
  };

  static constexpr int64_t kUnit = 512, kSmall = 1 << 20;

  Pool& pool(const Block* b) { return pools_[b->small ? 0 : 1]; }
  Block* from_pool(int64_t size, bool small);
  Block* new_segment(int64_t size, bool small);
  void split(Block* block, int64_t size);
  void join(Block* block, Block* next);
  void to_pool(Block* block);
  bool empty_bins();
  cudaError_t trim_locked();
  cudaError_t give_back(const Block& segment);

  const int index_;
  const bool exact_;
  std::mutex mutex_;
  /*
   * Small blocks given back wait in the bin of their size, uncut and not joined to their neighbours: a program asks for
   * the same sizes again. Before the device is asked for memory, all bins go to the pool.
   */
  Block* bins_[kSmall / kUnit] = {};
  bool binned_ = false;
  Pool pools_[2];  // free blocks: of small segments, of large ones
  Table in_use_;
  std::map<fl_address, int64_t> segments_;
  std::atomic<int64_t> live_{0}, used_{0}, held_{0};
};

/** Why this thread's last allocate answered 0: cudaErrorMemoryAllocation, or how the device fails. */
cudaError_t refusal() noexcept;

/** Calls of cudaMalloc so far, on all devices. */
int64_t device_allocations() noexcept;

/** The index of the device whose segment an address lies in; -1: of none. No lock is taken. */
int owner_of(fl_address address) noexcept;

}  // namespace device
}  // namespace flambeau
#endif
