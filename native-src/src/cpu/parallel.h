/*
 * One pool of threads for all kernels.
 *
 * A region is cut into chunks that threads take one after another; the caller works too, closes the region when nothing
 * is left, and waits only for chunks that were taken. When the pool is busy (or the work is too small to share) the
 * caller does all of it. Bodies must not throw, and must give the same result however the range is cut.
 */
#ifndef FLAMBEAU_CPU_PARALLEL_H
#define FLAMBEAU_CPU_PARALLEL_H
#include <stdint.h>

namespace flambeau {

/** Below this many nanoseconds of work nobody is asked to help. */
constexpr double kSerialNanoseconds = 2000;

using RangeBody = void (*)(void* context, int64_t begin, int64_t end);

/** Runs body over [0, total) on the pool; item_ns: a guess of what one item costs, in nanoseconds. */
void parallel_run(int64_t total, double item_ns, RangeBody body, void* context) noexcept;

/** How many threads kernels use, the caller included. */
int32_t threads() noexcept;

/** Changes it, at least 1. Returns a status. */
int32_t set_threads(int32_t count);

}  // namespace flambeau
#endif
