/* Sorting on the device. */
#ifndef FLAMBEAU_CUDA_SORT_H
#define FLAMBEAU_CUDA_SORT_H
#include "device.h"

namespace flambeau {
namespace device {

/** n keys, each with the number of what it belongs to, and the workspace of the sort. */
struct Keyed {
  uint32_t *key, *number;
  uint32_t *other_key, *other_number;
};
/** Words of memory for n of them. */
inline int64_t keyed_words(int64_t n) { return 4 * n; }
inline Keyed keyed_at(uint32_t* words, int64_t n) { return {words, words + n, words + 2 * n, words + 3 * n}; }

/** Sorts by the keys, all below 2^bits; equal ones stay in their order. The result is in key and number. */
int32_t sort(Device& d, const char* op, int64_t n, int bits, Keyed& keyed);

}  // namespace device
}  // namespace flambeau
#endif
