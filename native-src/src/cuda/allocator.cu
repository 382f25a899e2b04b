#include "allocator.h"

#include <stdio.h>

#include <algorithm>

#include "device.h"

namespace flambeau {
namespace device {
namespace {

/*
 * Sizes are multiples of 512 bytes. Up to 1 MB they are cut from segments of 2 MB; above, from segments of 20 MB, and
 * from 10 MB on from segments of their own, multiples of 2 MB: as PyTorch's allocator does, so that a program's memory
 * is laid out alike in both.
 */
constexpr int64_t kSmallSegment = 2 << 20, kLarge = 10 << 20, kLargeSegment = 20 << 20;

std::atomic<int64_t> allocations{0};
thread_local cudaError_t refused = cudaErrorMemoryAllocation;

/*
 * Whose memory an address is: the address space in chunks of 2 MB, which a GPU's pages are too, so that a chunk belongs
 * to one device (small allocations of one device share them). Two levels, read without a lock; nothing is ever taken
 * away, as an address that is nobody's is never asked for, and one that changes hands is written anew.
 */
constexpr int kChunkBits = 21, kLeafBits = 13, kTopBits = 15;  // 49 bits in all
struct Leaf {
  std::atomic<uint8_t> owner[1 << kLeafBits];  // a device's index plus one; 0: none
};
std::atomic<Leaf*> leaves[1 << kTopBits];

void write_owner(fl_address from, int64_t size, int index) {
  const uint64_t last = static_cast<uint64_t>(from + size - 1) >> kChunkBits;
  for (uint64_t chunk = static_cast<uint64_t>(from) >> kChunkBits; chunk <= last; ++chunk) {
    std::atomic<Leaf*>& top = leaves[chunk >> kLeafBits & ((1 << kTopBits) - 1)];
    Leaf* leaf = top.load(std::memory_order_acquire);
    if (leaf == nullptr) {
      Leaf* made = new Leaf();
      if (top.compare_exchange_strong(leaf, made)) {
        leaf = made;
      } else {
        delete made;
      }
    }
    leaf->owner[chunk & ((1 << kLeafBits) - 1)].store(static_cast<uint8_t>(index + 1), std::memory_order_relaxed);
  }
}

int64_t round_up(int64_t bytes, int64_t unit) { return (bytes + unit - 1) / unit * unit; }

cudaError_t from_device(int64_t size, void*& memory) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  const cudaError_t error = cudaMalloc(&memory, static_cast<size_t>(size));
  if (error != cudaSuccess) cudaGetLastError();  // it is told here, and no later call is to find it again
  return error;
}

}  // namespace

cudaError_t refusal() noexcept { return refused; }

int64_t device_allocations() noexcept { return allocations.load(std::memory_order_relaxed); }

int owner_of(fl_address address) noexcept {
  const uint64_t chunk = static_cast<uint64_t>(address) >> kChunkBits;
  const Leaf* leaf = leaves[chunk >> kLeafBits & ((1 << kTopBits) - 1)].load(std::memory_order_acquire);
  return leaf == nullptr ? -1 : leaf->owner[chunk & ((1 << kLeafBits) - 1)].load(std::memory_order_relaxed) - 1;
}

/* ------------------------------------------------------------------------------------------------ blocks in use */
void Allocator::Table::place(Block* block) {
  const size_t mask = places_.size() - 1;
  size_t at = home(block->address);
  while (places_[at] != nullptr) at = (at + 1) & mask;
  places_[at] = block;
}

void Allocator::Table::add(Block* block) {
  if (2 * (count_ + 1) > places_.size()) {
    std::vector<Block*> old(std::max<size_t>(1024, 2 * places_.size()), nullptr);
    old.swap(places_);
    shift_ = 64 - __builtin_ctzll(places_.size());
    for (Block* known : old) {
      if (known != nullptr) place(known);
    }
  }
  place(block);
  ++count_;
}

Allocator::Block* Allocator::Table::take(fl_address address) {
  if (count_ == 0) return nullptr;
  const size_t mask = places_.size() - 1;
  size_t at = home(address);
  while (places_[at] != nullptr && places_[at]->address != address) at = (at + 1) & mask;
  Block* const found = places_[at];
  if (found == nullptr) return nullptr;
  --count_;
  // What comes behind moves up, unless it would then lie before its home.
  for (size_t next = (at + 1) & mask; places_[next] != nullptr; next = (next + 1) & mask) {
    if (((next - home(places_[next]->address)) & mask) >= ((next - at) & mask)) {
      places_[at] = places_[next];
      at = next;
    }
  }
  places_[at] = nullptr;
  return found;
}

/* ------------------------------------------------------------------------------------------------ blocks */
fl_address Allocator::allocate(int64_t bytes) {
  const int64_t size = exact_ ? std::max<int64_t>(bytes, 1) : round_up(std::max<int64_t>(bytes, 1), kUnit);
  const bool small = size <= kSmall;
  std::lock_guard<std::mutex> lock(mutex_);
  Block* block = small && !exact_ ? bins_[size / kUnit - 1] : nullptr;
  if (exact_) {
    block = new_segment(size, small);
    if (block == nullptr) return 0;
  } else if (block != nullptr) {
    bins_[size / kUnit - 1] = block->below;
  } else {
    block = from_pool(size, small);
    if (block == nullptr && small && empty_bins()) block = from_pool(size, small);
    if (block == nullptr) {
      block = new_segment(small ? kSmallSegment : size < kLarge ? kLargeSegment : round_up(size, kSmallSegment), small);
    }
    if (block == nullptr) return 0;
    if (block->size - size >= (small ? kUnit : kSmall)) split(block, size);
  }
  block->used = true;
  block->asked = bytes;
  in_use_.add(block);
  live_.fetch_add(bytes, std::memory_order_relaxed);
  used_.fetch_add(block->size, std::memory_order_relaxed);
  return block->address;
}

/** A free block of at least that size, taken out of its pool; null: there is none that should be cut. */
Allocator::Block* Allocator::from_pool(int64_t size, bool small) {
  Block wanted = {0, size, 0, nullptr, nullptr, small, false, nullptr};
  Pool& free = pools_[small ? 0 : 1];
  const auto found = free.lower_bound(&wanted);
  if (found == free.end()) return nullptr;
  // A huge block is not cut for a small one: the rest would rarely fit anything again.
  if (!small && size < kLarge && (*found)->size >= size + kLargeSegment) return nullptr;
  Block* block = *found;
  free.erase(found);
  return block;
}

Allocator::Block* Allocator::new_segment(int64_t size, bool small) {
  void* memory = nullptr;
  cudaError_t error = from_device(size, memory);
  if (error == cudaErrorMemoryAllocation) {
    error = trim_locked();
    if (error == cudaSuccess) error = from_device(size, memory);
  }
  if (error != cudaSuccess) {
    refused = error;
    return nullptr;
  }
  const fl_address address = reinterpret_cast<fl_address>(memory);
  segments_[address] = size;
  write_owner(address, size, index_);
  held_.fetch_add(size, std::memory_order_relaxed);
  return new Block{address, size, 0, nullptr, nullptr, small, false, nullptr};
}

/** Leaves `size` in the block, and the rest free behind it. */
void Allocator::split(Block* block, int64_t size) {
  Block* rest =
      new Block{block->address + size, block->size - size, 0, block, block->after, block->small, false, nullptr};
  if (block->after != nullptr) block->after->before = rest;
  block->after = rest;
  block->size = size;
  pool(rest).insert(rest);
}

/** Takes the free block behind into this one, which is in no pool. */
void Allocator::join(Block* block, Block* next) {
  pool(next).erase(next);
  block->size += next->size;
  block->after = next->after;
  if (block->after != nullptr) block->after->before = block;
  delete next;
}

void Allocator::release(fl_address address) {
  std::lock_guard<std::mutex> lock(mutex_);
  Block* block = in_use_.take(address);
  if (block == nullptr) return;
  live_.fetch_sub(block->asked, std::memory_order_relaxed);
  used_.fetch_sub(block->size, std::memory_order_relaxed);
  if (exact_) {
    // Kernels that use it may still wait; on a device that fails it stays where it is.
    if (cudaDeviceSynchronize() == cudaSuccess && give_back(*block) == cudaSuccess) delete block;
    return;
  }
  if (!block->small) return to_pool(block);
  // To its neighbours it stays in use.
  Block*& bin = bins_[block->size / kUnit - 1];
  block->below = bin;
  bin = block;
  binned_ = true;
}

/** Joins a block that is in no pool to its free neighbours, and makes it free. */
void Allocator::to_pool(Block* block) {
  block->used = false;
  if (block->after != nullptr && !block->after->used) join(block, block->after);
  if (block->before != nullptr && !block->before->used) {
    Block* before = block->before;
    pool(before).erase(before);
    pool(block).insert(block);
    join(before, block);
    block = before;
  }
  pool(block).insert(block);
}

/** False: they were empty. */
bool Allocator::empty_bins() {
  if (!binned_) return false;
  for (Block*& bin : bins_) {
    while (bin != nullptr) {
      Block* block = bin;
      bin = block->below;
      to_pool(block);
    }
  }
  binned_ = false;
  return true;
}

cudaError_t Allocator::trim() {
  std::lock_guard<std::mutex> lock(mutex_);
  return trim_locked();
}

cudaError_t Allocator::trim_locked() {
  empty_bins();
  cudaError_t error = cudaDeviceSynchronize();  // what was given back may still be in use on the stream
  if (error != cudaSuccess) return error;
  for (Pool& free : pools_) {
    for (auto at = free.begin(); at != free.end();) {
      Block* block = *at;
      if (block->before != nullptr || block->after != nullptr) {
        ++at;
        continue;
      }
      error = give_back(*block);
      if (error != cudaSuccess) return error;
      at = free.erase(at);
      delete block;
    }
  }
  return cudaSuccess;
}

cudaError_t Allocator::give_back(const Block& segment) {
  const cudaError_t error = cudaFree(reinterpret_cast<void*>(segment.address));
  if (error != cudaSuccess) return error;
  held_.fetch_sub(segment.size, std::memory_order_relaxed);
  segments_.erase(segment.address);
  return cudaSuccess;
}

cudaError_t Allocator::describe(char* text, size_t size) {
  size_t free_bytes = 0, total = 0;
  const cudaError_t error = cudaMemGetInfo(&free_bytes, &total);
  if (error != cudaSuccess) return error;
  std::lock_guard<std::mutex> lock(mutex_);
  std::map<int64_t, int64_t, std::greater<int64_t>> counts;
  in_use_.each([&](const Block& block) { ++counts[block.asked]; });
  const double mega = 1024 * 1024;
  const int64_t used = used_.load(), held = held_.load();
  int written =
      snprintf(text, size,
               "GPU %d has %.0f MB, %.0f free; tensors of this program hold %.0f MB in %zu blocks, its cache "
               "%.0f MB, others %.0f MB; the largest are",
               index_, static_cast<double>(total) / mega, static_cast<double>(free_bytes) / mega,
               static_cast<double>(used) / mega, in_use_.size(), static_cast<double>(held - used) / mega,
               std::max(0.0, static_cast<double>(total - free_bytes) / mega - static_cast<double>(held) / mega));
  int shown = 0;
  for (const auto& entry : counts) {
    if (shown++ == 5 || written < 0 || static_cast<size_t>(written) >= size) break;
    written += snprintf(text + written, size - static_cast<size_t>(written), "%s %lld x %.1f MB", shown == 1 ? "" : ",",
                        static_cast<long long>(entry.second), static_cast<double>(entry.first) / mega);
  }
  return cudaSuccess;
}

}  // namespace device
}  // namespace flambeau
