#ifndef FLAMBEAU_KERNELS_RANDOM_INL
#define FLAMBEAU_KERNELS_RANDOM_INL
#include "support.inl"

namespace flambeau {
namespace FL_ISA {

FL_KERNEL int32_t random_seed(fl_address, int64_t) {
  return fail(FL_UNSUPPORTED, "random_seed: not built yet");
}

FL_KERNEL int32_t random(int32_t, int32_t, int64_t, fl_address, fl_address, fl_address, int64_t, int64_t) {
  return fail(FL_UNSUPPORTED, "random: not built yet");
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
