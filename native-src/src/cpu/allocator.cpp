/*
 * Small blocks (up to 1 MB) are cut from 8 MB chunks and never merged again: a block keeps its size class. Each thread
 * keeps a few of each class (last in, first out: the block just freed is still in cache), the rest wait in the shared
 * lists. A large block is a region of its own, kept by size too. Nothing is written beside the blocks: a free block's
 * first word links it to the next one, and the caller of release() says how large the block is.
 *
 * No region goes back to the system when a block is freed, since another thread may be reading it: detach() sets whole
 * regions aside, and give_back() unmaps them when its caller knows that no call which uses them still runs.
 *
 * A thread's cache belongs to the carrier thread that runs it, so virtual threads share those of their carriers.
 * Counters are kept per thread and summed when asked for: a block freed by another thread makes one negative, and the
 * sum right.
 */
#include "allocator.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "system_memory.h"

namespace flambeau {
namespace {

constexpr size_t kChunk = 4 * kHugePage;
constexpr int64_t kSmallest = 64;
constexpr int64_t kLargestSmall = 1 << 20;
constexpr int64_t kLargest = int64_t{1} << 46;
constexpr int kClasses = 16 + 10 * 4;        // 64, 128 .. 1024, then four to a doubling up to 1 MB
constexpr int64_t kThreadBytes = 256 << 10;  // of one class in a thread's cache
constexpr int64_t kThreadBlocks = 128;

int log2_of(int64_t x) { return 63 - __builtin_clzll(static_cast<unsigned long long>(x)); }

/* Class of a small size. Above 1024: 1024 << k, times 5/4, 6/4, 7/4, 2. */
int class_of(int64_t bytes) {
  if (bytes <= 1024) return static_cast<int>((std::max(bytes, kSmallest) + 63) / 64) - 1;
  const int k = log2_of(bytes - 1) - 10;
  const int quarter = static_cast<int>((bytes - 1) >> (8 + k)) & 3;
  return 16 + 4 * k + quarter;
}

int64_t class_bytes(int c) {
  if (c < 16) return 64 * (c + 1);
  const int k = (c - 16) / 4, quarter = (c - 16) % 4;
  return (int64_t{1024} << k) + (int64_t{quarter + 1} << (8 + k));
}

/* A large size rounded up: at most an eighth is lost, and sizes from 16 MB on are whole huge pages. */
int64_t large_bytes(int64_t bytes) {
  const int64_t step = std::max<int64_t>(65536, int64_t{1} << (log2_of(bytes - 1) - 3));
  return (bytes + step - 1) / step * step;
}

int64_t rounded(int64_t bytes) { return bytes <= kLargestSmall ? class_bytes(class_of(bytes)) : large_bytes(bytes); }

struct Block {
  Block* next;
};

/* Blocks of one class, last in, first out. */
struct List {
  Block* first = nullptr;
  int64_t count = 0;

  void push(void* block) {
    Block* b = static_cast<Block*>(block);
    b->next = first;
    first = b;
    ++count;
  }
  void* pop() {
    Block* b = first;
    if (b != nullptr) {
      first = b->next;
      --count;
    }
    return b;
  }
};

int64_t thread_limit(int c) { return std::min(kThreadBlocks, std::max<int64_t>(1, kThreadBytes / class_bytes(c))); }

/* Written by one thread, read by any. */
class Counter {
 public:
  void add(int64_t n) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  int64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_{0};
};

struct ThreadCache {
  List lists[kClasses];
  Counter live, used;  // bytes asked for; bytes their blocks have
  uint64_t trimmed = 0;
};

class Heap {
 public:
  /* A batch of blocks into a thread's empty list; false: no memory. */
  bool refill(List& list, int c) {
    const int64_t wanted = std::max<int64_t>(1, thread_limit(c) / 2);
    std::lock_guard<std::mutex> lock(mutex_);
    while (list.count < wanted) {
      void* block = shared_[c].pop();
      if (block == nullptr) block = cut(class_bytes(c));
      if (block == nullptr) break;
      list.push(block);
    }
    return list.count > 0;
  }

  /* Keeps `keep` blocks of a thread's list, the last ones freed; the others go to the shared lists. */
  void spill(List& list, int c, int64_t keep) {
    List rest;
    if (keep == 0) {
      std::swap(rest, list);
    } else {
      Block* last = list.first;
      for (int64_t i = 1; i < keep; ++i) last = last->next;
      rest.first = last->next;
      rest.count = list.count - keep;
      last->next = nullptr;
      list.count = keep;
    }
    std::lock_guard<std::mutex> lock(mutex_);
    while (void* block = rest.pop()) shared_[c].push(block);
  }

  void* take_large(int64_t bytes) {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = large_.find(bytes);
    if (found != large_.end()) {
      if (void* block = found->second.pop()) {
        large_cached_ -= bytes;
        note_excess();
        return block;
      }
    }
    return take(static_cast<size_t>(bytes));
  }

  void give_large(void* block, int64_t bytes) {
    std::lock_guard<std::mutex> lock(mutex_);
    large_[bytes].push(block);
    large_cached_ += bytes;
    note_excess();
  }

  void enter(ThreadCache* cache) {
    std::lock_guard<std::mutex> lock(mutex_);
    caches_.push_back(cache);
  }

  void leave(ThreadCache* cache) {
    for (int c = 0; c < kClasses; ++c) spill(cache->lists[c], c, 0);
    std::lock_guard<std::mutex> lock(mutex_);
    caches_.erase(std::find(caches_.begin(), caches_.end(), cache));
    gone_live_ += cache->live.get();
    gone_used_ += cache->used.get();
  }

  /* For a thread whose cache is gone already. */
  void count_directly(int64_t live, int64_t used) {
    std::lock_guard<std::mutex> lock(mutex_);
    gone_live_ += live;
    gone_used_ += used;
  }

  MemoryUse use() {
    std::lock_guard<std::mutex> lock(mutex_);
    int64_t live = gone_live_, used = gone_used_;
    for (const ThreadCache* cache : caches_) {
      live += cache->live.get();
      used += cache->used.get();
    }
    // A block on its way between two threads may be counted by one of them only.
    return {std::max<int64_t>(0, live), std::max<int64_t>(0, held_ - used), held_};
  }

  uint64_t trims() const { return trims_.load(std::memory_order_relaxed); }

  int64_t excess() const { return excess_.load(std::memory_order_relaxed); }

  int64_t detach(bool all) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!all && excess() == 0) return 0;
    ++ticket_;
    detach_large();  // if too much: sizes that are not asked for any more must not stay
    if (all) {
      trims_.fetch_add(1, std::memory_order_relaxed);  // other threads return their caches at their next call
      detach_chunks();
    }
    return aside_.empty() ? 0 : ticket_;
  }

  void give_back(int64_t ticket) {
    std::lock_guard<std::mutex> lock(mutex_);
    for (auto at = aside_.begin(); at != aside_.end();) {
      if (at->second.ticket > ticket) {
        ++at;
        continue;
      }
      return_region(at->second.memory, at->first);
      held_ -= static_cast<int64_t>(at->first);
      at = aside_.erase(at);
    }
  }

 private:
  static uintptr_t chunk_of(const void* block, const std::map<uintptr_t, size_t>& chunks) {
    return std::prev(chunks.upper_bound(reinterpret_cast<uintptr_t>(block)))->first;
  }

  void* take(size_t bytes) {
    const auto found = aside_.find(bytes);
    if (found != aside_.end()) {
      void* const region = found->second.memory;
      aside_.erase(found);
      return region;
    }
    void* const region = take_region(bytes);
    if (region != nullptr) held_ += static_cast<int64_t>(bytes);
    return region;
  }

  void set_aside(void* region, size_t bytes) { aside_.insert({bytes, {region, ticket_}}); }

  void note_excess() { excess_.store(std::max<int64_t>(0, large_cached_ - bound_), std::memory_order_relaxed); }

  /* A new block from the open chunk. */
  void* cut(int64_t bytes) {
    if (end_ - at_ < bytes) {
      char* chunk = static_cast<char*>(take(kChunk));
      if (chunk == nullptr) return nullptr;
      at_ = chunk;
      end_ = chunk + kChunk;
      open_ = reinterpret_cast<uintptr_t>(chunk);
      cut_[open_] = 0;
    }
    void* block = at_;
    at_ += bytes;
    cut_[open_] += static_cast<size_t>(bytes);
    return block;
  }

  void detach_large() {
    for (auto& entry : large_) {
      while (entry.second.first != nullptr) {
        set_aside(entry.second.first, static_cast<size_t>(entry.first));
        entry.second.pop();
      }
    }
    large_cached_ = 0;
    note_excess();
  }

  /* Chunks of which everything that was cut lies in the shared lists; the open one goes on being cut. */
  void detach_chunks() {
    std::unordered_map<uintptr_t, size_t> idle;
    for (int c = 0; c < kClasses; ++c) {
      for (const Block* b = shared_[c].first; b != nullptr; b = b->next) {
        idle[chunk_of(b, cut_)] += static_cast<size_t>(class_bytes(c));
      }
    }
    const auto goes = [&](uintptr_t chunk) { return chunk != open_ && idle[chunk] == cut_[chunk]; };
    for (int c = 0; c < kClasses; ++c) {
      List stays;
      while (void* block = shared_[c].pop()) {
        if (!goes(chunk_of(block, cut_))) stays.push(block);
      }
      while (void* block = stays.pop()) shared_[c].push(block);  // in the old order again
    }
    std::vector<uintptr_t> gone;
    for (const auto& entry : cut_) {
      if (goes(entry.first)) gone.push_back(entry.first);
    }
    for (uintptr_t chunk : gone) {
      set_aside(reinterpret_cast<void*>(chunk), kChunk);
      cut_.erase(chunk);
    }
  }

  std::mutex mutex_;
  List shared_[kClasses];
  std::map<int64_t, List> large_;    // by size
  std::map<uintptr_t, size_t> cut_;  // bytes cut from each chunk
  char* at_ = nullptr;               // where the open chunk goes on
  char* end_ = nullptr;
  uintptr_t open_ = 0;
  struct Aside {
    void* memory;
    int64_t ticket;
  };
  std::multimap<size_t, Aside> aside_;  // by size
  int64_t ticket_ = 0;
  std::atomic<int64_t> excess_{0};
  int64_t large_cached_ = 0, held_ = 0, gone_live_ = 0, gone_used_ = 0;
  const int64_t bound_ = std::max<int64_t>(int64_t{256} << 20, static_cast<int64_t>(machine_memory() / 4));
  std::vector<ThreadCache*> caches_;
  std::atomic<uint64_t> trims_{0};
};

/* Never destroyed: threads may free blocks while the process ends. */
Heap& heap() {
  static Heap* const shared = new Heap;
  return *shared;
}

thread_local ThreadCache* cache_of_thread = nullptr;
thread_local bool thread_ended = false;

/* Hands the cache on when its thread ends. */
struct CacheOwner {
  ThreadCache cache;
  CacheOwner() { heap().enter(&cache); }
  ~CacheOwner() {
    thread_ended = true;
    cache_of_thread = nullptr;
    heap().leave(&cache);
  }
};

/* Null while a thread ends. */
ThreadCache* thread_cache() {
  if (cache_of_thread == nullptr && !thread_ended) {
    static thread_local CacheOwner owner;
    owner.cache.trimmed = heap().trims();
    cache_of_thread = &owner.cache;
  }
  return cache_of_thread;
}

void give_up(ThreadCache& cache) {
  cache.trimmed = heap().trims();
  for (int c = 0; c < kClasses; ++c) heap().spill(cache.lists[c], c, 0);
}

void* take_small(ThreadCache* cache, int c) {
  List none;  // a thread that ends takes one batch and hands back what it does not use
  List& list = cache != nullptr ? cache->lists[c] : none;
  if (list.first == nullptr && !heap().refill(list, c)) return nullptr;
  void* block = list.pop();
  if (cache == nullptr) heap().spill(none, c, 0);
  return block;
}

void count(ThreadCache* cache, int64_t live, int64_t used) {
  if (cache != nullptr) {
    cache->live.add(live);
    cache->used.add(used);
  } else {
    heap().count_directly(live, used);
  }
}

}  // namespace

fl_address allocate(int64_t bytes) noexcept {
  if (bytes < 0 || bytes > kLargest) return 0;
  try {
    ThreadCache* cache = thread_cache();
    const int64_t size = rounded(bytes);
    void* block = bytes <= kLargestSmall ? take_small(cache, class_of(bytes)) : heap().take_large(size);
    if (block != nullptr) count(cache, bytes, size);
    return static_cast<fl_address>(reinterpret_cast<intptr_t>(block));
  } catch (...) {
    return 0;  // the bookkeeping itself found no memory
  }
}

void release(fl_address address, int64_t bytes) noexcept {
  void* block = reinterpret_cast<void*>(static_cast<intptr_t>(address));
  try {
    ThreadCache* cache = thread_cache();
    const int64_t size = rounded(bytes);
    count(cache, -bytes, -size);
    if (bytes > kLargestSmall) {
      heap().give_large(block, size);
      return;
    }
    const int c = class_of(bytes);
    List none;
    List& list = cache != nullptr ? cache->lists[c] : none;
    list.push(block);
    const int64_t limit = cache != nullptr ? thread_limit(c) : 0;
    if (list.count > limit) heap().spill(list, c, limit / 2);
    if (cache != nullptr && cache->trimmed != heap().trims()) give_up(*cache);
  } catch (...) {
    // No memory for the bookkeeping: the block stays out of use.
  }
}

MemoryUse memory_use() { return heap().use(); }

int64_t excess_bytes() { return heap().excess(); }

int64_t detach(bool all) {
  if (all) {
    if (ThreadCache* cache = thread_cache()) give_up(*cache);
  }
  return heap().detach(all);
}

void give_back(int64_t ticket) { heap().give_back(ticket); }

}  // namespace flambeau
