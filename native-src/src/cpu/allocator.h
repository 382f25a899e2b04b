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

/** Bytes cached beyond the bound: detach(false) is due. */
int64_t excess_bytes();

/**
 * Sets aside what is cached (all: false: only if too much is), as far as whole regions are free, and answers a ticket;
 * 0: nothing is set aside.
 */
int64_t detach(bool all);

/** Returns to the system what was set aside under this ticket and those before. */
void give_back(int64_t ticket);

}  // namespace flambeau
#endif
