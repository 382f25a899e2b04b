#ifndef FLAMBEAU_KERNELS_SOFTMAX_INL
#define FLAMBEAU_KERNELS_SOFTMAX_INL
#include "support.inl"

namespace flambeau {
namespace FL_ISA {

FL_KERNEL int32_t softmax(int32_t, int32_t, int64_t, int64_t, int64_t, fl_address, fl_address) {
  return fail(FL_UNSUPPORTED, "softmax: not built yet");
}

FL_KERNEL int32_t softmax_grad(int32_t, int32_t, int64_t, int64_t, int64_t, fl_address, fl_address, fl_address) {
  return fail(FL_UNSUPPORTED, "softmax_grad: not built yet");
}

}  // namespace FL_ISA
}  // namespace flambeau
#endif
