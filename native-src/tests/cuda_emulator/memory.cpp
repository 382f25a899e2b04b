/* The emulated devices' memory: see cuda_runtime.h beside this. */
#include <stdlib.h>
#include <sys/mman.h>

#include <algorithm>
#include <map>

#include "emulator.h"

namespace emulator {
namespace {

constexpr size_t kChunk = 2 << 20;  // each of one device, as a GPU's pages are
constexpr size_t kPage = 4096;
constexpr size_t kAlignment = 64;  // of blocks: the closed page behind one begins within as many bytes
constexpr size_t kPoisoned = 64 << 20;
constexpr unsigned char kGarbage = 0xff;

struct Segment {
  size_t size;  // as asked
  int device;
  char* base;     // the block ends where its pages do
  size_t open;    // bytes of these pages
  size_t mapped;  // with what is closed behind them
};
std::map<char*, Segment> segments;
std::map<char*, size_t> ragged;  // blocks that end some bytes before their last page does
size_t in_use[64];

size_t round_up(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

bool always_open() {
  static const bool open = getenv("FLAMBEAU_EMULATED_OPEN") != nullptr;
  return open;
}

void protect(int device, int rights) {
  if (always_open()) return;
  for (const auto& segment : segments) {
    if (device < 0 || segment.second.device == device) mprotect(segment.second.base, segment.second.open, rights);
  }
}

bool is_whole(char* block, size_t size) {
  return std::all_of(block + size, block + round_up(size, kAlignment),
                     [](char byte) { return static_cast<unsigned char>(byte) == kGarbage; });
}

}  // namespace

long number(const char* name, long otherwise) {
  const char* text = getenv(name);
  return text != nullptr ? strtol(text, nullptr, 10) : otherwise;
}

size_t capacity() { return static_cast<size_t>(number("FLAMBEAU_EMULATED_MB", 4096)) << 20; }
size_t used(int device) { return in_use[device]; }

Access::Access(int device) : device_(device) { protect(device, PROT_READ | PROT_WRITE); }
Access::~Access() { protect(device_, PROT_NONE); }

cudaError_t take_memory(int device, size_t bytes, void** block) {
  if (bytes > capacity() || in_use[device] + round_up(bytes, 512) > capacity()) return cudaErrorMemoryAllocation;
  const size_t open = round_up(bytes, kPage), mapped = round_up(open + kPage, kChunk);
  void* found = mmap(nullptr, mapped + kChunk, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (found == MAP_FAILED) return cudaErrorMemoryAllocation;
  char* const begin = static_cast<char*>(found);
  char* const base = reinterpret_cast<char*>(round_up(reinterpret_cast<uintptr_t>(found), kChunk));
  if (base != begin) munmap(begin, static_cast<size_t>(base - begin));
  munmap(base + mapped, static_cast<size_t>(begin + kChunk - base));
  mprotect(base, open, PROT_READ | PROT_WRITE);
  memset(base, kGarbage, std::min(open, kPoisoned));
  if (open > kPoisoned) memset(base + open - kChunk, kGarbage, kChunk);
  if (!always_open()) mprotect(base, open, PROT_NONE);
  char* const made = base + open - round_up(bytes, kAlignment);
  segments[made] = {bytes, device, base, open, mapped};
  if (bytes % kAlignment != 0) ragged[made] = bytes;
  in_use[device] += round_up(bytes, 512);
  *block = made;
  return cudaSuccess;
}

bool give_memory(void* block) {
  const auto found = segments.find(static_cast<char*>(block));
  if (found == segments.end()) return false;
  const Segment& segment = found->second;
  in_use[segment.device] -= round_up(segment.size, 512);
  munmap(segment.base, segment.mapped);
  ragged.erase(found->first);
  segments.erase(found);
  return true;
}

const void* damage(int device) {
  for (auto& block : ragged) {
    if (segments[block.first].device == device && !is_whole(block.first, block.second)) {
      memset(block.first + block.second, kGarbage, round_up(block.second, kAlignment) - block.second);
      return block.first + block.second;
    }
  }
  return nullptr;
}

bool is_on_device(const void* address, size_t bytes) {
  const char* const at = static_cast<const char*>(address);
  auto next = segments.upper_bound(const_cast<char*>(at));
  if (next == segments.begin()) return false;
  const auto& block = *--next;
  return at + bytes <= block.first + block.second.size;
}

std::string place(const void* address) {
  const char* const at = static_cast<const char*>(address);
  auto next = segments.upper_bound(const_cast<char*>(at));
  if (next == segments.begin()) return "no block's";
  const auto& block = *--next;
  const size_t offset = static_cast<size_t>(at - block.first), size = block.second.size;
  if (at >= block.second.base + block.second.mapped) return "no block's";
  return offset < size ? "in a block of cuda:" + std::to_string(block.second.device)
                       : std::to_string(offset - size) + " bytes past the end of a block of " + std::to_string(size) +
                             " bytes of cuda:" + std::to_string(block.second.device);
}

}  // namespace emulator
