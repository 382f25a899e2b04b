#ifndef FLAMBEAU_KERNELS_OPTIM_INL
#define FLAMBEAU_KERNELS_OPTIM_INL
#include "support.inl"

namespace flambeau {
namespace FL_ISA {

FL_KERNEL int32_t sgd(int32_t, int32_t, int64_t, fl_address, double, double, double, double) {
  return fail(FL_UNSUPPORTED, "sgd: not built yet");
}

FL_KERNEL int32_t adam(int32_t, int32_t, int64_t, fl_address, double, double, double, double, double) {
  return fail(FL_UNSUPPORTED, "adam: not built yet");
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
