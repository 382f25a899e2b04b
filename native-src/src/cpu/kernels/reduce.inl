#ifndef FLAMBEAU_KERNELS_REDUCE_INL
#define FLAMBEAU_KERNELS_REDUCE_INL
#include "support.inl"

namespace flambeau {
namespace FL_ISA {

FL_KERNEL int32_t reduce(int32_t, int32_t, int64_t, int64_t, int64_t, fl_address, fl_address) {
  return fail(FL_UNSUPPORTED, "reduce: not built yet");
}

FL_KERNEL int32_t reduce_index(int32_t, int32_t, int64_t, int64_t, int64_t, fl_address, fl_address, fl_address) {
  return fail(FL_UNSUPPORTED, "reduce_index: not built yet");
}

FL_KERNEL int32_t moments(int32_t, int64_t, int64_t, int64_t, fl_address, fl_address, fl_address, double) {
  return fail(FL_UNSUPPORTED, "moments: not built yet");
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
