#ifndef FLAMBEAU_KERNELS_NORM_INL
#define FLAMBEAU_KERNELS_NORM_INL
#include "support.inl"

namespace flambeau {
namespace FL_ISA {

FL_KERNEL int32_t layer_norm(int32_t, int64_t, int64_t, fl_address, fl_address, fl_address, fl_address, fl_address, fl_address, double) {
  return fail(FL_UNSUPPORTED, "layer_norm: not built yet");
}

FL_KERNEL int32_t layer_norm_grad(int32_t, int64_t, int64_t, fl_address, fl_address, fl_address, fl_address, fl_address, fl_address, fl_address, fl_address) {
  return fail(FL_UNSUPPORTED, "layer_norm_grad: not built yet");
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
