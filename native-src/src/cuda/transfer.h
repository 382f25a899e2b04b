/* Copies between memory of the host, wherever it lies, and a device. */
#ifndef FLAMBEAU_CUDA_TRANSFER_H
#define FLAMBEAU_CUDA_TRANSFER_H
#include "staging.h"

namespace flambeau {
namespace device {

/** The most threads that work at one copy, this one among them: half of the processors and at most 8, unless set. */
int32_t transfer_threads() noexcept;
int32_t set_transfer_threads(int32_t threads) noexcept;

/** Queues the copy; the source is free when this returns. beside: see Staging::send. */
int32_t upload(Device& d, fl_address target, const void* source, int64_t bytes, bool beside);
/** Copies, and waits. */
int32_t download(Device& d, void* target, fl_address source, int64_t bytes);

}  // namespace device
}  // namespace flambeau
#endif
