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
 * looks alike in both.
 */
constexpr int64_t kUnit = 512, kSmall = 1 << 20, kSmallSegment = 2 << 20, kLarge = 10 << 20, kLargeSegment = 20 << 20;

std::atomic<int64_t> allocations{0};

int64_t round_up(int64_t bytes, int64_t unit) { return (bytes + unit - 1) / unit * unit; }

void* from_device(int64_t size) {
  void* memory = nullptr;
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (cudaMalloc(&memory, static_cast<size_t>(size)) == cudaSuccess) return memory;
  cudaGetLastError();
  return nullptr;
}

}  // namespace

int64_t device_allocations() noexcept { return allocations.load(std::memory_order_relaxed); }

fl_address Allocator::allocate(int64_t bytes) {
  const int64_t size = round_up(std::max<int64_t>(bytes, 1), kUnit);
  const bool small = size <= kSmall;
  std::lock_guard<std::mutex> lock(mutex_);
  Block wanted = {0, size, 0, nullptr, nullptr, small, false};
  Pool& free = pools_[small ? 0 : 1];
  auto found = free.lower_bound(&wanted);
  // A huge block is not cut for a small one: the rest would rarely fit anything again.
  if (found != free.end() && !small && size < kLarge && (*found)->size >= size + kLargeSegment) found = free.end();
  Block* block;
  if (found != free.end()) {
    block = *found;
    free.erase(found);
  } else {
    block = new_segment(small ? kSmallSegment : size < kLarge ? kLargeSegment : round_up(size, kSmallSegment), small);
    if (block == nullptr) return 0;
  }
  if (block->size - size >= (small ? kUnit : kSmall)) split(block, size);
  block->used = true;
  block->asked = bytes;
  used_blocks_[block->address] = block;
  live_.fetch_add(bytes, std::memory_order_relaxed);
  used_.fetch_add(block->size, std::memory_order_relaxed);
  return block->address;
}

Allocator::Block* Allocator::new_segment(int64_t size, bool small) {
  void* memory = from_device(size);
  if (memory == nullptr) {
    trim_locked();
    memory = from_device(size);
    if (memory == nullptr) return nullptr;
  }
  const fl_address address = reinterpret_cast<fl_address>(memory);
  segments_[address] = size;
  held_.fetch_add(size, std::memory_order_relaxed);
  return new Block{address, size, 0, nullptr, nullptr, small, false};
}

/** Leaves `size` in the block, and the rest free behind it. */
void Allocator::split(Block* block, int64_t size) {
  Block* rest = new Block{block->address + size, block->size - size, 0, block, block->after, block->small, false};
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
  const auto found = used_blocks_.find(address);
  if (found == used_blocks_.end()) return;
  Block* block = found->second;
  used_blocks_.erase(found);
  block->used = false;
  live_.fetch_sub(block->asked, std::memory_order_relaxed);
  used_.fetch_sub(block->size, std::memory_order_relaxed);
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

void Allocator::trim() {
  std::lock_guard<std::mutex> lock(mutex_);
  trim_locked();
}

void Allocator::trim_locked() {
  cudaDeviceSynchronize();  // what was given back may still be in use on the stream
  for (Pool& free : pools_) {
    for (auto at = free.begin(); at != free.end();) {
      Block* block = *at;
      if (block->before != nullptr || block->after != nullptr) {
        ++at;
        continue;
      }
      at = free.erase(at);
      cudaFree(reinterpret_cast<void*>(block->address));
      held_.fetch_sub(block->size, std::memory_order_relaxed);
      segments_.erase(block->address);
      delete block;
    }
  }
}

bool Allocator::owns(fl_address address) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto next = segments_.upper_bound(address);
  if (next == segments_.begin()) return false;
  const auto segment = std::prev(next);
  return address < segment->first + segment->second;
}

void Allocator::describe(char* text, size_t size) {
  size_t free_bytes = 0, total = 0;
  cudaMemGetInfo(&free_bytes, &total);
  std::lock_guard<std::mutex> lock(mutex_);
  std::map<int64_t, int64_t, std::greater<int64_t>> counts;
  for (const auto& used : used_blocks_) ++counts[used.second->asked];
  const double mega = 1024 * 1024;
  const int64_t used = used_.load(), held = held_.load();
  int written =
      snprintf(text, size,
               "GPU %d has %.0f MB, %.0f free; tensors of this program hold %.0f MB in %zu blocks, its cache "
               "%.0f MB, others %.0f MB; the largest are",
               index_, static_cast<double>(total) / mega, static_cast<double>(free_bytes) / mega,
               static_cast<double>(used) / mega, used_blocks_.size(), static_cast<double>(held - used) / mega,
               std::max(0.0, static_cast<double>(total - free_bytes) / mega - static_cast<double>(held) / mega));
  int shown = 0;
  for (const auto& entry : counts) {
    if (shown++ == 5 || written < 0 || static_cast<size_t>(written) >= size) break;
    written += snprintf(text + written, size - static_cast<size_t>(written), "%s %lld x %.1f MB", shown == 1 ? "" : ",",
                        static_cast<long long>(entry.second), static_cast<double>(entry.first) / mega);
  }
}

}  // namespace device
}  // namespace flambeau
