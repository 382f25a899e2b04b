/*
 * Takes the place of src/cpu/allocator.cpp in builds for AddressSanitizer: every block is one of malloc's, so that what
 * is read or written beside it, or after it was freed, is found.
 */
#include <stdlib.h>

#include <atomic>

#include "allocator.h"

namespace flambeau {
namespace {

constexpr int64_t kLargest = int64_t{1} << 46;
std::atomic<int64_t> live{0};

}  // namespace

fl_address allocate(int64_t bytes) noexcept {
  if (bytes < 0 || bytes > kLargest) return 0;
  void* block = nullptr;
  if (posix_memalign(&block, 64, static_cast<size_t>(bytes)) != 0) return 0;
  live += bytes;
  return static_cast<fl_address>(reinterpret_cast<intptr_t>(block));
}

void release(fl_address address, int64_t bytes) noexcept {
  live -= bytes;
  free(reinterpret_cast<void*>(static_cast<intptr_t>(address)));
}

MemoryUse memory_use() { return {live, 0, live}; }

void trim() {}

int64_t excess_bytes() { return 0; }

int64_t detach(bool) { return 0; }

void give_back(int64_t) {}

}  // namespace flambeau
