/* Memory from the operating system, in regions aligned to 2 MB. */
#ifndef FLAMBEAU_CPU_SYSTEM_MEMORY_H
#define FLAMBEAU_CPU_SYSTEM_MEMORY_H
#include <stddef.h>

namespace flambeau {

/** Huge pages are this large, and so aligned: a region on them costs far fewer page faults. */
constexpr size_t kHugePage = size_t{2} << 20;

/** A region of bytes (a multiple of 4096), aligned to kHugePage, on huge pages where the system has them; or null. */
void* take_region(size_t bytes);

/** Gives it back whole. */
void return_region(void* region, size_t bytes);

/** Bytes of memory in the machine; a guess where the system does not say. */
size_t machine_memory();

}  // namespace flambeau
#endif
