/* The caching allocator behind fl_allocate and fl_free. */
#ifndef FLAMBEAU_CPU_ALLOCATOR_H
#define FLAMBEAU_CPU_ALLOCATOR_H
#include <stdint.h>

#include "flambeau.h"

namespace flambeau {

/** A block aligned to 64 bytes; 0 when there is no memory. */
fl_address allocate(int64_t bytes) noexcept;

/** Gives a block back; bytes as asked for. Any thread may do it. */
void release(fl_address block, int64_t bytes) noexcept;

struct MemoryUse {
  int64_t live;    // asked for and not given back
  int64_t cached;  // held, and ready for reuse
  int64_t held;    // taken from the system
};
MemoryUse memory_use();

/** Returns what is cached to the system, as far as whole regions are free. */
void trim();

}  // namespace flambeau
#endif
