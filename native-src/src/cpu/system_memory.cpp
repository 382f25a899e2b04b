#include "system_memory.h"

#include <stdint.h>

#if defined(_WIN32)
#include <windows.h>
#else
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace flambeau {

#if defined(_WIN32)

/* Windows cannot give back parts of a reservation: look for an aligned hole, let the larger one go, and take the hole.
 */
void* take_region(size_t bytes) {
  for (int attempt = 0; attempt < 8; ++attempt) {
    void* wide = VirtualAlloc(nullptr, bytes + kHugePage, MEM_RESERVE, PAGE_NOACCESS);
    if (wide == nullptr) return nullptr;
    const uintptr_t aligned = (reinterpret_cast<uintptr_t>(wide) + kHugePage - 1) / kHugePage * kHugePage;
    VirtualFree(wide, 0, MEM_RELEASE);
    void* region = VirtualAlloc(reinterpret_cast<void*>(aligned), bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (region != nullptr) return region;  // else another thread took the hole, or memory is out
  }
  return nullptr;
}

void return_region(void* region, size_t) { VirtualFree(region, 0, MEM_RELEASE); }

size_t machine_memory() {
  MEMORYSTATUSEX status;
  status.dwLength = sizeof status;
  return GlobalMemoryStatusEx(&status) ? static_cast<size_t>(status.ullTotalPhys) : size_t{4} << 30;
}

#else

void* take_region(size_t bytes) {
  const size_t wide = bytes + kHugePage;
  void* mapped = mmap(nullptr, wide, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  const uintptr_t begin = reinterpret_cast<uintptr_t>(mapped);
  const uintptr_t aligned = (begin + kHugePage - 1) / kHugePage * kHugePage;
  if (aligned > begin) munmap(mapped, aligned - begin);
  const uintptr_t end = aligned + bytes;
  if (begin + wide > end) munmap(reinterpret_cast<void*>(end), begin + wide - end);
#if defined(MADV_HUGEPAGE)
  if (bytes >= kHugePage) madvise(reinterpret_cast<void*>(aligned), bytes, MADV_HUGEPAGE);
#endif
  return reinterpret_cast<void*>(aligned);
}

void return_region(void* region, size_t bytes) { munmap(region, bytes); }

size_t machine_memory() {
  const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
  return pages > 0 && size > 0 ? static_cast<size_t>(pages) * static_cast<size_t>(size) : size_t{4} << 30;
}

#endif

}  // namespace flambeau
